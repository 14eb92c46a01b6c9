package intake_test

import "testing"

// Two persons who share an address are two records, and the second is said; an update changes
// neither into the other.
func TestOneAddressIsNotOnePerson(t *testing.T) {
	a := setup(t)
	const first, second = "full_name,email\nPerpetua Vandersloot,office@kettleby.example\n",
		"full_name,email\nAnselm Grabowski,office@kettleby.example\n"
	a.csv("/v1/import/contacts", first).wantCounts(1, 0, 0, 0)
	perpetua := a.contact("Perpetua Vandersloot")
	for _, on := range []string{"skip", "update", "reject"} {
		got := a.csv("/v1/import/contacts?on_duplicate="+on, second)
		if on == "skip" {
			got.wantCounts(1, 0, 0, 0)
			if n := got.get("data.adjusted.email.shared"); n != 1.0 {
				t.Errorf("the shared address is counted as %v, want 1: %s", n, got.raw)
			}
		}
	}
	if a.contact("Perpetua Vandersloot") != perpetua || a.query(`SELECT count(*) FROM contacts`) != 2 {
		t.Error("a contact was renamed, or added twice")
	}
	a.csv("/v1/import/contacts?on_duplicate=update",
		"full_name,email,company_name\n\"Vandersloot, P.\",office@kettleby.example,Kettleby Foods\n").wantCounts(0, 1, 0, 0)
	a.csv("/v1/import/contacts?on_duplicate=update",
		"full_name,email,external_id\nBo Tamarack,office@kettleby.example,17\n").wantCounts(1, 0, 0, 0)
	a.csv("/v1/import/contacts", "full_name,email\nUlrika Nordfjell,info@fjell.example\nBo Berg,info@fjell.example\n"+
		"Nordfjell Ulrika,info@fjell.example\n").wantCounts(2, 0, 1, 0)
	a.csv("/v1/import/users", "name,email\nOdalys Brink,team@ours.example\nKarl Nobody,team@ours.example\n").
		wantCounts(2, 0, 0, 0)
}
