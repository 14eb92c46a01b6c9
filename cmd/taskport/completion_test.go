package main

import (
	"strings"
	"testing"
)

func TestCompletion(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{"DATABASE_URL": "postgres://secret-of-the-environment@127.0.0.1/x",
		"TASKPORT_API_KEY": "wbk_secret-of-the-environment"}}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if script := p.must("completion", shell); !strings.Contains(script, "taskport") || strings.Contains(script,
			"secret-of") {
			t.Errorf("%s: %.200s", shell, script)
		}
	}
	if said := p.must("__complete", "key", ""); !strings.Contains(said, "create") || !strings.Contains(said, "revoke") {
		t.Errorf("the commands of key are %q", said)
	}
	for _, command := range []string{"serve", "up", "import", "key"} {
		if help := p.must(command, "--help"); strings.Contains(help, "secret-of") {
			t.Errorf("%s --help shows what the environment keeps", command)
		}
	}
}
