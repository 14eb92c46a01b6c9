package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

const (
	// foundRecords is how many records a search of the directory shows: as many as there are digits
	// to choose with.
	foundRecords = 9
	// mostEdited is the longest value, in bytes, that is offered to be edited in place.
	mostEdited = 64 << 10
)

// deadLetterPage is one dead letter, with all that a decision needs.
type deadLetterPage struct {
	store.Import
	importer.DeadLetter
	Token    string
	Writes   bool
	Creates  bool // contacts
	Aliases  bool // may be kept
	Walk     walk
	Cells    []lineCell
	Fields   []editField
	Named    importer.Kind // what the failed name stands for; empty for no name
	Choices  []choice
	Search   string
	Searched bool
	Further  bool // records that the search found beside the choices, or may be beside the candidates
	Same     int  // dead letters with the same name or fault, this one among them; 0 = not known
	All      bool
	Remember bool
	// fields that were edited beside the fault, which all rows would take; empty until that was refused
	Wide     string
	Typed    bool             // values beside the one at fault were typed, and not taken
	Wrong    string           // why the last decision was not taken
	Contact  importer.Contact // that can be created
	Creating bool             // of which something was typed
}

// editField is a value that can be edited in place.
type editField struct {
	Name  string
	Value string
	Fault bool
	Long  bool // a text of several lines
	Huge  int  // bytes of a value that is too long to be edited here; 0 for others
	Given bool // by an operator
}

// Multiline reports whether the value needs more than one line: an input would drop its line ends.
func (f editField) Multiline() bool { return strings.ContainsAny(f.Value, "\r\n") }

// choice is a record that can be chosen with a key.
type choice struct {
	Key     int // the digit; 0 for none
	ID      uuid.UUID
	Name    []piece
	Company []piece
	Email   string
	Ref     string  // its external_id; where it has none and another choice looks the same, the end of its id
	Score   float64 // 0 for a record that was searched for
}

// showLetter shows one dead letter.
func (s *server) showLetter(r *request) (*answer, error) {
	i, d, err := s.deadLetterOfPath(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	p, err := s.deadLetterPage(r, i, d, readWalk(q))
	if err != nil {
		return nil, err
	}
	// rows that have no more in common than a fault need a second thought
	p.All = p.Walk.ByGroup && p.Same > 1 && d.Subject != ""
	return s.searched(r, p, q.Get("find"), http.StatusOK)
}

// searched adds what a search of the directory finds.
func (s *server) searched(r *request, p *deadLetterPage, find string, status int) (*answer, error) {
	p.Search = find
	if p.Named != "" && find != "" {
		p.Searched = true
		found, err := s.Store.SearchDirectory(r.Context(), p.WorkspaceID, p.Named, find, foundRecords+1)
		if err != nil {
			return nil, err
		}
		p.Choices, p.Further = nil, len(found) > foundRecords
		for n, rec := range found[:min(len(found), foundRecords)] {
			p.Choices = append(p.Choices, choice{Key: n + 1, ID: rec.ID, Name: differing(rec.Name, p.Subject),
				Company: differing(rec.Company, p.Company), Email: rec.Email, Ref: rec.ExternalID})
		}
		tellApart(p.Choices)
	}
	return &answer{status: status, view: "letter.html", title: fmt.Sprintf("Row %d of %s", p.Row, shown(p.FileName)),
		data: p}, nil
}

// deadLetterOfPath finds the dead letter that the path names.
func (s *server) deadLetterOfPath(r *request) (store.Import, importer.DeadLetter, error) {
	var d importer.DeadLetter
	i, err := s.importOfPath(r)
	if err != nil {
		return i, d, err
	}
	row, err := rowOfPath(r)
	if err != nil {
		return i, d, err
	}
	d, err = s.Store.DeadLetter(r.Context(), i.WorkspaceID, i.ID, row)
	if errors.Is(err, store.ErrNotFound) {
		return i, d, refuse(http.StatusNotFound, fmt.Sprintf("Row %d is no dead letter", row),
			"It is in, or never was rejected; the audit tells what was decided about it.")
	}
	return i, d, err
}

func rowOfPath(r *request) (int, error) {
	row, err := strconv.Atoi(r.PathValue("row"))
	if err != nil || row < 1 {
		return 0, errNotFound()
	}
	return row, nil
}

// deadLetterPage gathers what a decision about a dead letter needs.
func (s *server) deadLetterPage(r *request, i store.Import, d importer.DeadLetter, w walk) (*deadLetterPage, error) {
	plan, err := i.RowReader()
	if err != nil {
		return nil, err
	}
	p := &deadLetterPage{Import: i, DeadLetter: d, Token: r.token, Writes: r.in.key.MayChange(i.Kind) && decides(i),
		Creates: r.in.key.May(store.WriteContacts), Aliases: r.in.key.May(store.WriteActivities), Walk: w,
		Cells: allCells(plan, d), Fields: editFields(plan, d), Contact: importer.Contact{CompanyName: d.Company}}
	p.Named = namedBy(d)
	if p.Remembers() && p.Named == importer.Contacts {
		p.Contact.FullName = d.Subject
	}
	if p.Choices, err = s.candidates(r.Context(), p); err != nil {
		return nil, err
	}
	p.Further = len(p.Choices) >= importer.MaxCandidates
	p.Same, err = s.counts.same(r.Context(), s.Store, i, d)
	return p, err
}

// namedBy tells what kind of record settles the fault: that of the name or the id that failed, and
// a contact where there is no parent at all.
func namedBy(d importer.DeadLetter) importer.Kind {
	if kind, ok := importer.ChosenKind(d.SubjectField()); ok && d.Subject != "" {
		return kind
	}
	switch {
	case d.Reason == importer.Orphan || d.Field == "contact_id":
		return importer.Contacts
	case d.Field == "company_id":
		return importer.Companies
	}
	return ""
}

// Remembers reports whether a choice can be kept as an alias: there is a name that it is for.
func (p *deadLetterPage) Remembers() bool {
	kind, ok := importer.NamedKind(p.SubjectField())
	return ok && p.Subject != "" && kind == p.Named
}

// sameGroup reports whether a decision for all rows like d is about the group: the same name with
// the same company, or the same fault.
func sameGroup(g store.DeadLetterGroup, d importer.DeadLetter) bool {
	key := importer.Fault{Reason: g.Reason, Field: g.Field, Subject: g.Name}
	if d.Reason == importer.MalformedRow {
		return false
	}
	if g.Field == d.SubjectField() && key.SubjectKey() == d.SubjectKey() && g.Company == d.Company {
		return d.Subject != "" || g.Reason == d.Reason
	}
	return false
}

// likeIt selects the dead letters for which a decision about d may do.
func likeIt(d importer.DeadLetter) store.DeadLetterFilter {
	f := store.DeadLetterFilter{Field: d.SubjectField(), Name: d.Subject, Company: &d.Company}
	if d.Subject == "" {
		f.Reason = d.Reason
	}
	return f
}

// candidates returns the records that the name may stand for, with what tells them apart.
func (s *server) candidates(ctx context.Context, p *deadLetterPage) ([]choice, error) {
	if len(p.Candidates) == 0 || p.Named == "" {
		return nil, nil
	}
	ids := make([]uuid.UUID, len(p.Candidates))
	for n, c := range p.Candidates {
		ids[n] = c.ID
	}
	records, err := s.Store.Records(ctx, p.WorkspaceID, p.Named, ids)
	if err != nil {
		return nil, err
	}
	all := make([]choice, len(p.Candidates))
	for n, c := range p.Candidates {
		all[n] = choice{ID: c.ID, Name: differing(c.Name, p.Subject), Company: differing(c.Company, p.Company),
			Email: records[c.ID].Email, Ref: records[c.ID].ExternalID, Score: c.Score}
		if n < foundRecords {
			all[n].Key = n + 1
		}
	}
	tellApart(all)
	return all, nil
}

// allCells returns the row as it came.
func allCells(plan *importer.RowReader, d importer.DeadLetter) []lineCell {
	named := plan.Named(d)
	cells := make([]lineCell, len(named))
	for n, c := range named {
		cells[n] = lineCell{Column: c.Column, Text: c.Text, Field: c.Field, Fault: c.Field != "" && c.Field == d.Field}
	}
	return cells
}

// editFields returns the values of the row as the pipeline reads them, the one at fault first.
func editFields(plan *importer.RowReader, d importer.DeadLetter) []editField {
	values := plan.ValuesOf(d)
	var first, rest []editField
	for _, name := range importer.FieldsOf(plan.Kind) {
		f := editField{Name: name, Value: values[name], Fault: name == d.Field, Long: name == "description"}
		if _, given := d.Corrections[name]; given {
			f.Given = true
		}
		if len(f.Value) > mostEdited {
			f.Value, f.Huge = "", len(values[name])
		}
		if f.Fault {
			first = append(first, f)
		} else {
			rest = append(rest, f)
		}
	}
	return append(first, rest...)
}

// looks is what a person sees of a choice.
func (c choice) looks() string {
	var b strings.Builder
	for _, p := range c.Name {
		b.WriteString(p.Text)
	}
	b.WriteByte(0)
	for _, p := range c.Company {
		b.WriteString(p.Text)
	}
	return b.String() + "\x00" + c.Email + "\x00" + c.Ref
}

// tellApart names those of the choices that look the same by the end of their ids.
func tellApart(all []choice) {
	const end = 12 // of an id: its random part, which those that were made together do not share
	seen := map[string]int{}
	for _, c := range all {
		seen[c.looks()]++
	}
	for n, c := range all {
		if id := c.ID.String(); seen[c.looks()] > 1 {
			all[n].Ref = "…" + id[len(id)-end:]
		}
	}
}
