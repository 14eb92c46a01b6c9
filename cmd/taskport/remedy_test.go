package main

import (
	"strings"
	"testing"

	"taskport/importer"
	"taskport/importer/file"
)

// TestEveryRemedyHasASentence fails when the command line lacks one, or has one that nobody asks
// for.
func TestEveryRemedyHasASentence(t *testing.T) {
	codes := importer.Remedies()
	if len(codes) != len(remedies) {
		t.Errorf("got %d sentences, want %d", len(remedies), len(codes))
	}
	for _, code := range codes {
		if remedies[code] == nil {
			t.Errorf("%s: got no sentence", code)
			continue
		}
		text := words(file.Remedy{Code: code, Field: "contact_id", Column: "Kunde", Value: "P1", Meaning: "high"})
		if text == "" || strings.Contains(text, "option") {
			t.Errorf("%s: got %q, want a sentence without an option of the API", code, text)
		}
	}
}
