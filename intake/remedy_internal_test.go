package intake

import (
	"regexp"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/importer/file"
)

// remedyCodes is the list of codes in the description of the API.
var remedyCodes = regexp.MustCompile(`(?s)enum: \[skip_lines.*?\]`)

// TestEveryRemedyHasASentence fails when the API lacks one, or has one that nobody asks for.
func TestEveryRemedyHasASentence(t *testing.T) {
	codes := importer.Remedies()
	described := map[string]bool{}
	for _, code := range regexp.MustCompile(`\w+`).FindAllString(remedyCodes.FindString(string(openAPI)), -1) {
		described[code] = true
	}
	if len(codes) != len(remedies) {
		t.Errorf("got %d sentences, want %d", len(remedies), len(codes))
	}
	for _, code := range codes {
		if remedies[code] == nil {
			t.Errorf("%s: got no sentence", code)
			continue
		}
		text := words(file.Remedy{Code: code, Field: "contact_id", Column: "Kunde", Value: "P1", Meaning: "high"})
		if code != file.OptionName && !described[code] {
			t.Errorf("%s: got no such code in the description of the API", code)
		}
		if text == "" || strings.Contains(text, "--") {
			t.Errorf("%s: got %q, want a sentence without a flag", code, text)
		}
	}
}
