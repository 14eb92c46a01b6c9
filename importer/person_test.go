package importer

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// A name and an address that are those of two contacts choose neither.
func TestNameAndAddressOfTwoContacts(t *testing.T) {
	t.Parallel()
	now := time.Now()
	o := NewOffline()
	o.Add(Contacts, read(t, Contacts, now, []string{"full_name", "email", "external_id"},
		"Hans Müller,hans@example.com,1\nWei Zhang,wei@example.org,2\nAnna Schmidt,,3\nAnna Schmidt,anna@example.org,4\nEmpfang,info@example.com,5\n"))
	for cell, want := range map[string]string{
		"Hans Müller <hans@example.com>":    "1",
		"Mueller Hans <hans@example.com>":   "1",
		"hans@example.com":                  "1",
		"Hansi M. <hans@example.com>":       "1", // nobody else is called like this
		"Hans Meier <hans@example.com>":     "1",
		"Anna Schmidt <anna@example.org>":   "4",
		"Wei Zhang <hans@example.com>":      "",
		"hans@example.com (Zhang Wei)":      "",
		"Anna Schmidt <hans@example.com>":   "",
		"Hans Müller <info@example.com>":    "",
		"Frau Unbekannt <info@example.com>": "5",
	} {
		b := read(t, Tasks, now, []string{"title", "contact_name"}, "Call,"+cell+"\n")
		b.Identify(o.emails)
		mustLink(t, b, o.known, o.Names(), Options{OnCompanyMismatch: MismatchReject})
		dead := b.Dead
		switch {
		case want != "" && (len(dead) > 0 || b.Tasks[0].ContactID != offlineIDOf(Contacts, want)):
			t.Errorf("%s: %+v, %+v; want contact %s", cell, b.Tasks, dead, want)
		case want == "" && (len(dead) != 1 || dead[0].Reason != AmbiguousReference || dead[0].Field != fieldContactName || len(dead[0].Candidates) < 2 || !strings.Contains(dead[0].Message, "contact_id")):
			t.Errorf("%s: %+v", cell, dead)
		}
	}
}

// However many the name means, the one who has the address is among the candidates.
func TestOwnerOfTheAddressIsACandidate(t *testing.T) {
	t.Parallel()
	now := time.Now()
	o := NewOffline()
	o.Add(Contacts, read(t, Contacts, now, []string{"full_name", "email", "external_id"}, strings.Repeat("Anna Schmidt,,\n", MaxCandidates+2)+"Hans Müller,hans@example.com,1\n"))
	b := read(t, Tasks, now, []string{"title", "contact_name"}, "Call,Anna Schmidt <hans@example.com>\n")
	b.Identify(o.emails)
	mustLink(t, b, o.known, o.Names(), Options{OnCompanyMismatch: MismatchReject})
	if len(b.Dead) != 1 || len(b.Dead[0].Candidates) != MaxCandidates || !slices.ContainsFunc(b.Dead[0].Candidates, func(c Candidate) bool { return c.ID == offlineIDOf(Contacts, "1") }) {
		t.Errorf("%+v", b.Dead)
	}
}

// read takes lines of CSV without a header through decode → map → validate.
func read(t *testing.T, kind Kind, now time.Time, columns []string, lines string) *Batch {
	t.Helper()
	p, err := NewPlan(kind, csvLayout(columns...), Recipe{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Read(Chunk{FirstRow: 1, FirstLine: 2, Rows: strings.Count(lines, "\n"), Data: []byte(lines)}, now)
}

// The email of a contact may stand with the name, as in a program for mail.
func TestEmailOfAContact(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"Hans@Example.com": "hans@example.com", "Hans Müller <hans@example.com>": "hans@example.com", "mailto:hans@example.com": "hans@example.com", "hans@example.com (work)": "hans@example.com",
		"(No value)": "", "(none)": "", "hans": "!", "Hans <hans>": "!", "a@example.com; b@example.com": "!", "Hans <a@example.com>; Eva <b@example.com>": "!",
	} {
		b := read(t, Contacts, time.Now(), []string{"full_name", "email"}, "Hans Müller,"+cell+"\n")
		switch {
		case want == "!" && (len(b.Dead) != 1 || b.Dead[0].Field != fieldEmail):
			t.Errorf("%s: %+v", cell, b)
		case want != "!" && (len(b.Contacts) != 1 || b.Contacts[0].Email != want):
			t.Errorf("%s: %+v", cell, b)
		}
	}
}
