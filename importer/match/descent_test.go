package match

import "testing"

// Words of descent keep their order: swapping father and son makes another person. Surname and
// given name may still change places around them.
func TestFatherIsNotSon(t *testing.T) {
	t.Parallel()
	entries := []Entry{{ID: numbered(1, 1), Name: "Ahmed bin Khalid"}, {ID: numbered(1, 2),
		Name: "Fatima bint Omar al-Rashid"}, {ID: numbered(1, 3), Name: "Yusuf al-Mansour"},
		{ID: numbered(1, 4), Name: "Ben Carter"}, {ID: numbered(1, 5), Name: "David ben Amram"}, {ID: numbered(1, 6),
			Name: "Salem ibn Nasser"}, {ID: numbered(1, 7), Name: "Tariq bin al-Walid"}}
	d := NewDirectory(Person, entries, nil)
	for name, want := range map[string]int{
		"Ahmed bin Khalid": 1, "AHMED BIN KHALID": 1, "Khalid bin Ahmed": 0,
		"Fatima bint Omar al-Rashid": 2, "al-Rashid, Fatima bint Omar": 2, "Al-Rashid Fatima bint Omar": 2,
		"Omar bint Fatima al-Rashid": 0,
		"Yusuf al-Mansour":           3, "al-Mansour Yusuf": 3, "Al Mansour, Yusuf": 3,
		"Ben Carter": 4, "Carter, Ben": 4, "Carter Ben": 4,
		"David Ben Amram": 5, "Amram ben David": 0,
		"Salem ibn Nasser": 6, "Nasser ibn Salem": 0,
		"Tariq bin al-Walid": 7, "Walid bin al-Tariq": 0,
	} {
		v := d.Resolve(name, nil, Defaults(Person))
		if want == 0 && v.Finding != Unresolved || want > 0 && (v.Finding != Linked || v.Winner.ID != numbered(1, want)) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}
