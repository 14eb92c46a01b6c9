package main

import (
	"bytes"
	"testing"
)

// The other commands ask the default address for a minute before they give up: a server elsewhere says where it is.
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
