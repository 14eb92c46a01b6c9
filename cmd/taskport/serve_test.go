package main

import (
	"bytes"
	"strings"
	"testing"
)

// A server does not install packages on its own; the demo does, unless it is told not to.
func TestOnlyTheDemoInstalls(t *testing.T) {
	t.Parallel()
	p := &program{t: t}
	for command, want := range map[string]string{"up": "false", "demo": "true"} {
		cmd, _, err := newRootCommand(&environment{getenv: func(string) string { return "" }}).Find([]string{command})
		if err != nil {
			t.Fatal(err)
		}
		if flag := cmd.Flags().Lookup("install"); flag == nil || flag.DefValue != want {
			t.Errorf("%s: got the flag %+v, want --install with the default %s", command, flag, want)
		}
	}
	for _, command := range []string{"serve", "work"} {
		if r := p.run(command); r.code != exitFailed || !strings.Contains(r.err, "DATABASE_URL and REDIS_URL must be set") {
			t.Errorf("%s: got %+v, want it to ask for the services", command, r)
		}
	}
}

// The other commands retry the default address for a minute: a server elsewhere prints its address.
func TestServerElsewhereSaysHowItIsFound(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]string{
		"http://127.0.0.1:18080":  "for the other commands: export TASKPORT_SERVER=http://127.0.0.1:18080\n",
		"http://" + defaultListen: "",
		"http://[::]:8080":        "",
		"https://127.0.0.1:8443":  "",
	} {
		var b bytes.Buffer
		elsewhere(&environment{err: &b}, url)
		if b.String() != want {
			t.Errorf("%s: %q, want %q", url, b.String(), want)
		}
	}
}
