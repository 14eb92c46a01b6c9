package importer

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer/file"
)

// A correction is refused for the wrong field, and only when no row could make it right.
func TestCorrectionCheck(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("01900000-0000-7000-8000-000000000001")
	for _, c := range []struct {
		kind    Kind
		correct Correction
		field   string // empty when it is accepted
	}{
		{Tasks, Correction{}, "fields"},
		{Tasks, Correction{ContactID: id}, ""},
		{Tasks, Correction{Fields: map[string]string{"due_date": "2026-03-01"}}, ""},
		{Tasks, Correction{Fields: map[string]string{"due_date": ""}}, ""},
		{Tasks, Correction{Fields: map[string]string{"due_date": "01.03.2026"}}, "due_date"},
		{Tasks, Correction{Fields: map[string]string{"status": "done"}}, "status"},
		{Tasks, Correction{Fields: map[string]string{"title": ""}}, "title"},
		{Tasks, Correction{Fields: map[string]string{"title": strings.Repeat("x", MaxText+1)}}, "title"},
		{Tasks, Correction{Fields: map[string]string{"deal_id": "7"}}, "deal_id"},
		{Tasks, Correction{Fields: map[string]string{"email": "a@example.com"}}, "email"},
		{Tasks, Correction{Fields: map[string]string{"contact_id": id.String()}, ContactID: id}, ""},
		{Tasks, Correction{Fields: map[string]string{"contact_id": ""}, ContactID: id}, "contact_id"},
		{Contacts, Correction{Fields: map[string]string{"email": "hans@example.com"}}, ""},
		{Contacts, Correction{Fields: map[string]string{"email": "hans"}}, "email"},
		{Contacts, Correction{Fields: map[string]string{"full_name": ""}}, ""},
		{Contacts, Correction{ContactID: id}, "contact_id"},
		{Companies, Correction{Fields: map[string]string{"name": " "}}, "name"},
		{Companies, Correction{Fields: map[string]string{"domain": "acme.example"}}, ""},
		{Deals, Correction{Fields: map[string]string{"title": "Renewal"}}, ""},
		{Events, Correction{Fields: map[string]string{"title": ""}}, "title"},
	} {
		err := c.correct.Check(c.kind)
		var fault *Fault
		if got := errors.As(err, &fault); got != (c.field != "") || got && fault.Field != c.field {
			t.Errorf("%s %+v: %v, want a fault of %q", c.kind, c.correct, err, c.field)
		}
	}
}

// New values replace cells, also where no column feeds the field. A replaced row consists of them
// alone.
func TestRetryWithCorrections(t *testing.T) {
	t.Parallel()
	reader, err := NewRowReader(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Delimiter: ",",
		Columns: []string{"title", "contact_name", "status"}}}, Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	b := reader.Retry([]Retried{
		{Source: Source{Row: 1, Cells: []string{"Call", "Hans", "open"}},
			Corrections: map[string]string{"status": "completed", "priority": "high"}},
		{Source: Source{Row: 2, Cells: []string{"Call", "Hans", "open"}}},
		{Source: Source{Row: 3, Cells: []string{"Hans", "", "broken", "surplus"}},
			Corrections: map[string]string{"title": "Write", "company_name": "Acme"}, Replaced: true},
		{Source: Source{Row: 4, Cells: []string{"Call", "Hans"}}, Corrections: map[string]string{"contact_name": ""}},
	}, now)
	if len(b.Tasks) != 3 || len(b.Dead) != 1 || b.Dead[0].Row != 4 || b.Dead[0].Reason != Orphan {
		t.Fatalf("%+v", b)
	}
	for n, want := range []string{"Call completed high Hans []", "Call open  Hans []", "Write open   [Acme]"} {
		d := b.Tasks[n]
		company := []string{}
		if d.CompanyName != "" {
			company = append(company, d.CompanyName)
		}
		if got := fmt.Sprintf("%s %s %s %s %v", d.Title, d.Status, d.Priority, d.ContactName, company); got != want {
			t.Errorf("row %d is %q, want %q", n+1, got, want)
		}
	}
	if got := strings.Join(b.Tasks[2].Cells, ","); got != "Hans,,broken,surplus" {
		t.Errorf("cells are %s", got)
	}
}

// A fault has the value that failed if it can be stored. Names that resolution treats alike have
// the same key.
func TestSubjects(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault Fault
		key   string
	}{
		{Fault{Field: "contact_name", Subject: "Müller, Hans"},
			(&Fault{Field: "contact_name", Subject: "hans MULLER"}).SubjectKey()},
		{Fault{Field: "company_name", Subject: "Acme GmbH"},
			(&Fault{Field: "company_name", Subject: "ACME gmbh"}).SubjectKey()},
		{Fault{Reason: CompanyMismatch, Field: "company_name", Subject: "Hans  Muster"},
			(&Fault{Field: "contact_name", Subject: "hans muster"}).SubjectKey()},
		{Fault{Field: "contact_name", Subject: "?!"}, "?!"},
		{Fault{Field: "due_date", Subject: "Soon"}, "Soon"},
	} {
		if got := c.fault.SubjectKey(); got == "" || got != c.key {
			t.Errorf("%q of %s has the key %q, want %q", c.fault.Subject, c.fault.Field, got, c.key)
		}
	}
	values := func(field, text string) Values {
		v := make(Values, len(fields[Tasks]))
		put(Tasks, v, map[string]string{"title": "Call", "contact_name": "Hans", field: text})
		return v
	}
	for field, text := range map[string]string{"due_date": "soon", "status": "done", "priority": "top", "deal_id": "7",
		"contact_name": "Hans; Erika"} {
		if _, fault := ReadTask(values(field, text), time.Now()); fault == nil || fault.Subject != text ||
			fault.Field != field {
			t.Errorf("%s %q: %+v", field, text, fault)
		}
	}
	for _, text := range []string{"a\x00b", "\xff", strings.Repeat("x", maxShort+1)} {
		if _, fault := ReadTask(values("contact_name", text), time.Now()); fault == nil || fault.Subject != "" {
			t.Errorf("%.10q has the subject %q", text, fault.Subject)
		}
	}
}

// A contact with values by field is the same as that of a row with these cells.
func TestNewContact(t *testing.T) {
	t.Parallel()
	c, err := NewContact(map[string]string{"full_name": "Müller, Hans", "email": "Hans@Example.com",
		"company_name": " Acme  GmbH "})
	if err != nil || c.FullName != "Hans Müller" || c.LastName != "Müller" || c.Email != "hans@example.com" ||
		c.CompanyName != "Acme GmbH" {
		t.Errorf("%+v %v", c, err)
	}
	for field, values := range map[string]map[string]string{"full_name": {}, "email": {"email": "hans"},
		"phone": {"full_name": "Hans", "phone": "1"}} {
		var fault *Fault
		if _, err := NewContact(values); !errors.As(err, &fault) || fault.Field != field {
			t.Errorf("%v: %v", values, err)
		}
	}
}
