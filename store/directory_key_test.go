package store

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"taskport/importer"
)

// Whatever a directory remembers of earlier chunks, and has to forget, the keys of a chunk have
// their records, and only those.
func TestRememberedRecordsAreThoseOfTheKeys(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(5, 6))
	const directory, perChunk, chunks = 2 * maxHeld, maxHeld / 8, 40
	held, asks := &heldRecords{}, 0
	for range chunks {
		keys := importer.Keys{ExternalIDs: map[importer.Kind][]string{}}
		truth := importer.Holders{ExternalIDs: map[importer.Kind]map[string]importer.Holder{importer.Contacts: {},
			importer.Companies: {}}, Emails: map[string][]importer.Holder{}, Domains: map[string][]importer.Holder{}}
		for range perChunk {
			n := random.IntN(directory)
			key, kind := fmt.Sprint("k", n), []importer.Kind{importer.Contacts, importer.Companies}[n%2]
			all := []importer.Holder{{Kind: kind, Name: key}}[:min(1, n%5)] // nobody has one in five
			switch n % 4 {
			case 0:
				keys.Emails, truth.Emails[key] = append(keys.Emails, key), all
			case 1:
				keys.Domains, truth.Domains[key] = append(keys.Domains, key), all
			default:
				keys.ExternalIDs[kind] = append(keys.ExternalIDs[kind], key)
				if len(all) > 0 {
					truth.ExternalIDs[kind][key] = all[0]
				}
			}
		}
		asked := held.lacks(keys)
		asks += sizeOf(asked)
		held = held.with(keys, asked, truth)
		if again := sizeOf(held.lacks(keys)); again > 0 || held.size > maxHeld+perChunk {
			t.Fatalf("%d keys of the chunk are asked for again; %d are remembered", again, held.size)
		}
		for kind, ids := range keys.ExternalIDs {
			for _, id := range ids {
				got, ok := held.ids[kind][id]
				if want, exists := truth.ExternalIDs[kind][id]; ok != exists || got != want {
					t.Fatalf("%s %s: got %v %v, want %v %v", kind, id, got, ok, want, exists)
				}
			}
		}
		for _, of := range []struct {
			values     []string
			got, truth map[string][]importer.Holder
		}{{keys.Emails, held.emails, truth.Emails}, {keys.Domains, held.domains, truth.Domains}} {
			for _, v := range of.values {
				if len(of.got[v]) != len(of.truth[v]) || len(of.got[v]) > 0 && of.got[v][0] != of.truth[v][0] {
					t.Fatalf("%s: got %v, want %v", v, of.got[v], of.truth[v])
				}
			}
		}
	}
	if all := chunks * perChunk; asks > all*9/10 {
		t.Errorf("%d of %d keys were asked for", asks, all)
	}
}
