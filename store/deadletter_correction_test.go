package store

import "testing"

// The data of a chunk that carries out a decision is nothing that a version without decisions could take for rows: it would take up the whole range.
func TestDecisionCannotBeUnpacked(t *testing.T) {
	t.Parallel()
	if out, err := decompress([]byte(undecodable)); err == nil {
		t.Errorf("it unpacks to %q", out)
	}
}
