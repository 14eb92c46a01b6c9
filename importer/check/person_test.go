package check

import (
	"slices"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/importer/file"
)

// The name of one contact with the address of another resolves to neither.
func TestNameAndAddressOfTwoContacts(t *testing.T) {
	t.Parallel()
	o := NewOffline()
	o.Add(importer.Contacts, load(t, importer.Contacts, "full_name,email,external_id\n"+
		"Hans Müller,hans@example.com,1\nWei Zhang,wei@example.org,2\nAnna Schmidt,,3\n"+
		"Anna Schmidt,anna@example.org,4\nEmpfang,info@example.com,5\n"))
	for cell, want := range map[string]string{
		"Hans Müller <hans@example.com>":    "1",
		"Mueller Hans <hans@example.com>":   "1",
		"hans@example.com":                  "1",
		"Hans M. <hans@example.com>":        "1",
		"Hansi M. <hans@example.com>":       "!1",
		"Müller <hans@example.com>":         "1",
		"Hans Müler, hans@example.com":      "1",
		"Müller, Hans, HANS@example.com":    "1",
		"Anna Schmidt <anna@example.org>":   "4",
		"Wei Zhang <hans@example.com>":      "",
		"hans@example.com (Zhang Wei)":      "",
		"Anna Schmidt <hans@example.com>":   "",
		"Hans Müller <info@example.com>":    "",
		"Hans Meier <hans@example.com>":     "!1", // nobody is called like this, and Hans Müller is not
		"Frau Unbekannt <info@example.com>": "!5",
	} {
		want, alone := strings.CutPrefix(want, "!")
		b := load(t, importer.Tasks, "title,contact_name\nCall,\""+cell+"\"\n")
		if err := b.Resolve(t.Context(), offlineWorkspace{o, o.Snapshot(), o.Users(), nil},
			importer.Options{OnCompanyMismatch: importer.MismatchReject}); err != nil {
			t.Fatal(err)
		}
		dead := b.Dead
		switch {
		case alone && (len(dead) != 1 || dead[0].Reason != importer.AmbiguousReference || dead[0].Field != "contact_name" ||
			!slices.ContainsFunc(dead[0].Candidates,
				func(c importer.Candidate) bool { return c.ID == offlineIDOf(importer.Contacts, want) })):
			t.Errorf("%s: %+v, want it ambiguous with contact %s", cell, dead, want)
		case alone:
		case want != "" && (len(dead) > 0 || b.Tasks[0].ContactID != offlineIDOf(importer.Contacts, want)):
			t.Errorf("%s: %+v, %+v; want contact %s", cell, b.Tasks, dead, want)
		case want == "" && (len(dead) != 1 || dead[0].Reason != importer.AmbiguousReference ||
			dead[0].Field != "contact_name" || len(dead[0].Candidates) < 2 ||
			dead[0].Remedy != (file.Remedy{Code: importer.RemedyCandidate, Field: "contact_id"})):
			t.Errorf("%s: %+v", cell, dead)
		}
	}
}

// The contact with the address is among the candidates, however many contacts the name fits.
func TestOwnerOfTheAddressIsACandidate(t *testing.T) {
	t.Parallel()
	o := NewOffline()
	o.Add(importer.Contacts, load(t, importer.Contacts, "full_name,email,external_id\n"+strings.Repeat(
		"Anna Schmidt,,\n", importer.MaxCandidates+2)+"Hans Müller,hans@example.com,1\n"))
	b := load(t, importer.Tasks, "title,contact_name\n"+"Call,Anna Schmidt <hans@example.com>\n")
	if err := b.Resolve(t.Context(), offlineWorkspace{o, o.Snapshot(), o.Users(), nil},
		importer.Options{OnCompanyMismatch: importer.MismatchReject}); err != nil {
		t.Fatal(err)
	}
	if len(b.Dead) != 1 || len(b.Dead[0].Candidates) != importer.MaxCandidates ||
		!slices.ContainsFunc(b.Dead[0].Candidates,
			func(c importer.Candidate) bool { return c.ID == offlineIDOf(importer.Contacts, "1") }) {
		t.Errorf("%+v", b.Dead)
	}
}
