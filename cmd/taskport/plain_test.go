package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"taskport/store"
)

// evil has a sequence that colours, one of a single byte, a return, and an override of direction.
const evil = "a\x1b[31mb\u009b2Jc\rd\u202ee"

func moved(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return moves(r) && r != '\n' && r != '\t' })
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Müller\tGmbH\n":     "Müller\tGmbH\n",
		evil:                 "a\uFFFD[31mb\uFFFD2Jc\uFFFDd\uFFFDe",
		"x\x9b2J":            "x\uFFFD2J", // not UTF-8: a byte that a terminal may take for a sequence
		"\u2066\u200f\u2028": "\uFFFD\uFFFD\uFFFD",
	} {
		for _, size := range []int{1, 2, 100} { // however it is cut
			var out bytes.Buffer
			w := &plain{to: &out}
			for part := range slices.Chunk([]byte(text), size) {
				if n, err := w.Write(part); n != len(part) || err != nil {
					t.Fatalf("%d, %v", n, err)
				}
			}
			if out.String() != want {
				t.Errorf("%q in parts of %d: %q, want %q", text, size, out.String(), want)
			}
		}
	}
}

// Names of workspaces and keys, and what a person types, reach no terminal as they are.
func TestNothingMovesTheCursor(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.env["NO_COLOR"] = "1" // colours are the program's own
	p.must("migrate")
	in, err := services{databaseURL: p.env["DATABASE_URL"]}.open(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.close() }()
	w, err := in.store.CreateWorkspace(t.Context(), evil, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := in.store.CreateKey(t.Context(), store.NewKey{WorkspaceID: w.ID, Name: evil}, time.Now()); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"workspace", "list"}, {"workspace", "list", "--json"},
		{"key", "list", "--workspace", evil}, {"key", "list", "--json", "--workspace", evil},
		{"key", "list", "--workspace", "no" + evil}, {"check", evil}, {evil}, {"import", "--server", evil, evil}} {
		r := p.within(t.Context(), true, args...)
		if moved(r.out) || moved(r.err) {
			t.Errorf("%q: %q, %q", args, r.out, r.err)
		}
		if r.out+r.err == "" {
			t.Errorf("%q says nothing", args)
		}
	}
	if r := p.run("workspace", "list"); moved(r.out) || !strings.Contains(r.out, "a [31mb 2Jc d e") {
		t.Errorf("a table that is not for a terminal: %q", r.out)
	}
}
