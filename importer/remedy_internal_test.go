package importer

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"taskport/importer/file"
)

// noted returns notes, and the codes of their remedies, a line each.
func noted(notes []file.Note) string {
	return strings.Join(file.NotesIn(notes, func(r file.Remedy) string { return r.Code }), "\n")
}

// wantRemedy fails unless an error is a *Fault with the remedy.
func wantRemedy(t *testing.T, err error, want file.Remedy) {
	t.Helper()
	var fault *Fault
	if !errors.As(err, &fault) || fault.Remedy != want {
		t.Errorf("got %+v, want the remedy %+v", err, want)
	}
}

// TestTheReportHasASentenceForEveryRemedyOfARow also fails where no row needs one of its sentences.
func TestTheReportHasASentenceForEveryRemedyOfARow(t *testing.T) {
	t.Parallel()
	if len(reportRemedies) != len(rowRemedies) {
		t.Errorf("got %d sentences, want %d", len(reportRemedies), len(rowRemedies))
	}
	for _, code := range rowRemedies {
		if reportRemedies[code] == nil {
			t.Errorf("%s: got no sentence", code)
		}
	}
}

// TestRemediesAreListedOnce guards the list that the tests of the faces go through.
func TestRemediesAreListedOnce(t *testing.T) {
	t.Parallel()
	codes := Remedies()
	slices.Sort(codes)
	if len(slices.Compact(slices.Clone(codes))) != len(codes) {
		t.Errorf("got a code twice among %q", codes)
	}
}
