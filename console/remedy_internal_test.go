package console

import (
	"strings"
	"testing"

	"taskport/importer"
	"taskport/importer/file"
)

// TestEveryRemedyHasASentence fails when the console lacks one, or has one that nobody asks for.
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
		if text == "" || strings.ContainsAny(text, "_=") || strings.Contains(text, "--") {
			t.Errorf("%s: got %q, want a sentence that names no flag and no field", code, text)
		}
	}
}
