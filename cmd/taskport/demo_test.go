package main

import "testing"

func TestDemoSaysHowItIsCalledAgain(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"taskport": "taskport", "./bin/taskport": "./bin/taskport", "/tmp/go-build123/b001/exe/taskport": "go run ./cmd/taskport",
		"/home/ada/.cache/go-build/ab/abcd-d/taskport": "go run ./cmd/taskport",
	} {
		if got := calledAs(program); got != want {
			t.Errorf("%s is called as %q, want %q", program, got, want)
		}
	}
}
