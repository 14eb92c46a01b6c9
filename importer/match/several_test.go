package match

import "testing"

// A text that names two people does not match one person, and the reverse. A record of two people
// matches a text of both.
func TestTwoPeopleAreNotOne(t *testing.T) {
	t.Parallel()
	entries := []Entry{{ID: numbered(1, 1), Name: "Hans Müller"}, {ID: numbered(1, 2), Name: "Tom & Ann Becker"},
		{ID: numbered(1, 3), Name: "José Ortega y Gasset"}, {ID: numbered(1, 4), Name: "Karl Ulrich Weber"},
		{ID: numbered(1, 5), Name: "Juan García"}}
	for i, name := range []string{"Anna Schmidt", "Jean-Luc Picard", "Patrick O'Brien", "Robert King",
		"Martin Luther King Jr.", "Maria da Silva", "Wei Zhang"} {
		entries = append(entries, Entry{ID: numbered(2, i), Name: name})
	}
	d := NewDirectory(Person, entries, nil)
	for _, name := range []string{"Hans and Eva Müller", "Hans & Eva Müller", "Hans und Eva Müller",
		"Hans + Eva Müller", "Hans et Eva Müller", "Müller, Hans & Eva", "Hans/Eva Müller", "Hans / Eva Müller",
		"Hans u. Eva Müller",
		"Hans y Eva Müller", "Hans e Eva Müller", "Eva Müller, Hans Müller", "Hans Müller Eva Müller",
		"Hans Müller; Eva Müller",
		"Tom Becker", "Ann Becker"} {
		if v := d.Resolve(name, nil, Defaults(Person)); v.Finding != Unresolved {
			t.Errorf("%s: %+v", name, v)
		}
	}
	for name, id := range map[string]ID{"Tom and Ann Becker": entries[1].ID, "Becker, Tom & Ann": entries[1].ID,
		"Tom & Ann Beckerr": entries[1].ID, "Jose Ortega y Gasset": entries[2].ID, "José Ortega y Gaset": entries[2].ID,
		"Juan García García": entries[4].ID, "Karl U. Weber": entries[3].ID} {
		if v := d.Resolve(name, nil, Defaults(Person)); v.Finding != Linked || v.Winner.ID != id {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
