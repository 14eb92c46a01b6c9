package console_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"taskport/importer"
	"taskport/store"
)

// Tasks that the API accepted are listed by day and key; the rejected ones are in the inbox.
func TestAPISubmissions(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	var all []*store.NewSingle
	for _, line := range []string{`{"title":"Call","contact_name":"Hans Müller"}`,
		`{"title":"Meet","contact_name":"Zebulon Quark"}`} {
		object, err := importer.ReadObject([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		values, fault := importer.TaskValues(object)
		if fault != nil {
			t.Fatal(fault)
		}
		all = append(all, &store.NewSingle{WorkspaceID: s.workspace, KeyID: s.keyID, Line: importer.TaskLine(values),
			CreatedAt: time.Now()})
	}
	if _, err := s.store.AcceptSingles(context.Background(), all); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		days, err := s.store.SingleDays(t.Context(), s.workspace, 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(days) == 1 && days[0].Waiting == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the singles are not worked on: %+v", days)
		}
	}
	s.get("/console/imports").has(http.StatusOK, "API submissions", time.Now().UTC().Format("2006-01-02"),
		`<td class="r">2</td><td class="r">1</td>`, "<bdi>Ada</bdi>")
	p := s.get("/console/inbox?q=zebulon").has(http.StatusOK, "Zebulon Quark")
	s.get("/console/inbox/rows?field=contact_name&name=Zebulon+Quark").has(http.StatusOK, "API submission")
	s.send(p, "/console/inbox", append(p.line("Zebulon Quark", ""), "value", "Hans Müller")...).has(http.StatusOK,
		"1 row decided: 1 created")
}
