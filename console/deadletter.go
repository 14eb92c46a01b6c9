package console

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

const (
	// foundRecords is how many records a search of the directory shows: one for each digit key.
	foundRecords = 9
	// mostEdited is the longest value, in bytes, that can be edited in place.
	mostEdited = 64 << 10
)

// deadLetterPage is one dead letter, with the data for a decision.
type deadLetterPage struct {
	store.Import
	importer.DeadLetter
	Token    string
	Writes   bool
	Creates  bool // contacts
	Aliases  bool // may be created
	Walk     walk
	Cells    []lineCell
	Fields   []editField
	Named    importer.Kind // the kind of record that the failed value names; empty if none
	Choices  []choice
	Search   string
	Searched bool
	Further  bool // there are, or may be, more records than Choices
	Same     int  // dead letters with the same name or fault, including this one; 0 = unknown
	All      bool
	Remember bool
	// Wide lists the other edited fields that would change in all rows; set when that was refused.
	Wide     string
	Typed    bool             // other fields than the one at fault were edited and refused
	Wrong    string           // why the last decision was refused
	Closes   bool             // may dismiss the row, or open it again
	Why      string           // proposed as the reason of a dismissal
	Contact  importer.Contact // as proposed or typed, to be created
	Creating bool             // Contact differs from the proposal
	Exists   bool             // the directory seems to have Contact
}

// editField is a value that can be edited in place.
type editField struct {
	Name  string
	Value string
	Fault bool
	Long  bool     // a text of several lines
	Huge  int      // bytes of a value that is too long to be edited here; 0 for others
	Given bool     // corrected by an operator
	Words []string // the allowed values, of a field with a closed list
	Date  bool
}

// Allows reports whether the value is one of Words.
func (f editField) Allows() bool { return f.Value == "" || slices.Contains(f.Words, f.Value) }

// Multiline reports whether the value has line ends, which a single-line input would drop.
func (f editField) Multiline() bool { return strings.ContainsAny(f.Value, "\r\n") }

// choice is a record that can be chosen with a key.
type choice struct {
	Key     int // the digit; 0 = no key
	ID      uuid.UUID
	Name    []piece
	Company []piece
	Email   string
	Ref     string        // its external_id, or the end of its id where another choice looks the same
	Score   float64       // 0 for a record that was searched for
	Kind    importer.Kind // of a parent, which may be of any; else empty
	Alike   string        // the score in words
}

// Value is what the button of the choice sends.
func (c choice) Value() string {
	if c.Kind == "" {
		return c.ID.String()
	}
	return string(c.Kind) + ":" + c.ID.String()
}

// showDeadLetter shows one dead letter.
func (s *server) showDeadLetter(r *request) (*answer, error) {
	i, d, err := s.deadLetterOfPath(r)
	if err != nil {
		return nil, err
	}
	q := r.URL.Query()
	p, err := s.deadLetterPage(r, i, d, readWalk(q))
	if err != nil {
		return nil, err
	}
	// not preselected for rows that share a fault but no name
	p.All = p.Walk.ByGroup && p.Same > 1 && d.Subject != ""
	return s.searched(r, p, q.Get("find"), http.StatusOK)
}

// searched adds the results of a directory search to the page.
func (s *server) searched(r *request, p *deadLetterPage, find string, status int) (*answer, error) {
	p.Search = find
	if p.Named != "" && find != "" {
		p.Searched = true
		found, err := s.searchRecords(r.Context(), p, find)
		if err != nil {
			return nil, err
		}
		p.Choices, p.Further = found[:min(len(found), foundRecords)], len(found) > foundRecords
		for n := range p.Choices {
			p.Choices[n].Key = n + 1
		}
		distinguish(p.Choices)
	}
	return &answer{status: status, view: "deadletter.html", title: fmt.Sprintf("Row %d of %s", p.Row, shown(p.FileName)),
		data: p}, nil
}

// parentKinds are the kinds of record that a task without a parent can be given.
var parentKinds = []importer.Kind{importer.Contacts, importer.Companies, importer.Deals, importer.Events}

// TakesAny reports whether a record of any kind corrects the row.
func (p *deadLetterPage) TakesAny() bool { return p.Reason == importer.Orphan }

// searchRecords finds the records that may be chosen, at least one more than are shown if there
// are: of each kind some, for a task without a parent.
func (s *server) searchRecords(ctx context.Context, p *deadLetterPage, find string) ([]choice, error) {
	kinds, most := []importer.Kind{p.Named}, foundRecords+1
	if p.TakesAny() {
		kinds = parentKinds
	}
	var all []choice
	if p.NamesUser() {
		return s.foundUsers(ctx, p, find, most)
	}
	for n, kind := range kinds {
		if n > 0 {
			most = max(foundRecords+1-len(all), 2)
		}
		if kind == importer.Deals || kind == importer.Events {
			page, err := s.Store.Directory(ctx, p.WorkspaceID, kind, store.DirectoryFilter{Search: find},
				store.Page{Number: 1, Size: most})
			if err != nil {
				return nil, err
			}
			for _, r := range page.Rows {
				all = append(all, choice{ID: r.ID, Kind: kind, Name: differing(r.Field("title"), ""), Ref: r.Field("external_id")})
			}
			continue
		}
		found, err := s.Store.SearchDirectory(ctx, p.WorkspaceID, kind, find, most)
		if err != nil {
			return nil, err
		}
		if len(kinds) > 1 { // some places are left for the others
			found = found[:min(len(found), foundRecords/2)]
		}
		for _, rec := range found {
			c := choice{ID: rec.ID, Name: differing(rec.Name, p.Subject), Company: differing(rec.Company, p.Company),
				Email: rec.Email, Ref: rec.ExternalID}
			if len(kinds) > 1 {
				c.Kind = kind
			}
			all = append(all, c)
		}
	}
	return all, nil
}

// deadLetterOfPath returns the dead letter that the path names.
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
		return i, d, refuse(http.StatusNotFound, fmt.Sprintf("Row %d is not a rejected row", row),
			"It was imported or never rejected. The audit lists the decisions about it.")
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

// deadLetterPage returns the page of a dead letter.
func (s *server) deadLetterPage(r *request, i store.Import, d importer.DeadLetter, w walk) (*deadLetterPage, error) {
	reader, err := i.RowReader()
	if err != nil {
		return nil, err
	}
	p := &deadLetterPage{Import: i, DeadLetter: d, Token: r.token, Writes: r.in.key.MayChange(i.Kind) && decides(i),
		Closes: r.in.key.MayChange(i.Kind) && i.CanTake(store.TransitionDismiss), Why: proposedWhy(d),
		Creates: r.in.key.May(store.WriteContacts), Aliases: r.in.key.May(store.WriteActivities), Walk: w,
		Cells: allCells(reader, d), Fields: editFields(reader, d), Contact: importer.Contact{CompanyName: d.Company}}
	p.Named = namedBy(d)
	if p.Remembers() && p.Named == importer.Contacts {
		p.Contact.FullName = d.Subject
	}
	if p.Choices, err = s.candidates(r.Context(), p); err != nil {
		return nil, err
	}
	p.Further = len(p.Choices) >= importer.MaxCandidates
	if d.Dismissed != nil {
		like := likeIt(d)
		like.OnlyDismissed = true
		p.Same, err = s.Store.CountDeadLetters(r.Context(), i.WorkspaceID, i.ID, like)
		return p, err
	}
	p.Same, err = s.counts.same(r.Context(), s.Store, i, d)
	return p, err
}

// namedBy returns the kind of record that corrects the fault: that of the failed name or id, a user
// for an assignee, or a contact where the task has no parent. It is empty if no record helps.
func namedBy(d importer.DeadLetter) importer.Kind {
	if importer.NamesUser(d.SubjectField()) {
		return importer.Users
	}
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

// Remembers reports whether a choice can be kept as an alias, which needs a name.
func (p *deadLetterPage) Remembers() bool {
	kind, ok := importer.NamedKind(p.SubjectField())
	return ok && p.Subject != "" && kind == p.Named
}

// sameGroup reports whether a decision for all rows like d covers the group: the same name with the
// same company, or the same fault.
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

// likeIt returns the filter for the dead letters that a decision about d can cover.
func likeIt(d importer.DeadLetter) store.DeadLetterFilter {
	f := store.DeadLetterFilter{Field: d.SubjectField(), Name: d.Subject, Company: &d.Company}
	if d.Subject == "" {
		f.Reason = d.Reason
	}
	return f
}

// selects returns the selector of d alone, or of all dead letters that a decision about d can
// cover.
func selects(d importer.DeadLetter, all bool) store.Selector {
	if !all {
		return store.Selector{Rows: []int{d.Row}}
	}
	like := likeIt(d)
	return store.Selector{Reason: like.Reason, Field: like.Field, Name: like.Name, Company: like.Company}
}

// candidates returns the records that may be meant, with the differences from the name in the row.
func (s *server) candidates(ctx context.Context, p *deadLetterPage) ([]choice, error) {
	switch p.Named {
	case "":
		return nil, nil
	case importer.Users:
		return s.userChoices(ctx, p)
	default:
	}
	q := asked{p.SubjectField(), p.Subject, p.Company}
	questions := []asked{q}
	answers, err := s.lookUp(ctx, p.WorkspaceID, questions)
	if err != nil {
		return nil, err
	}
	known := len(answers[0]) > 0
	for _, c := range p.Candidates { // those that another value of the row has named
		there := slices.ContainsFunc(answers[0], func(now importer.Candidate) bool { return now.ID == c.ID })
		if !there && (!known || c.Evidence != "" && c.Evidence != "name") {
			answers[0] = append(answers[0], c)
		}
	}
	questions[0].Field = idFields[p.Named]
	if err := s.describe(ctx, p.WorkspaceID, questions, answers); err != nil {
		return nil, err
	}
	return choicesOf(answers[0], q), nil
}

// idFields are the fields with the id of a record.
var idFields = map[importer.Kind]string{importer.Contacts: "contact_id", importer.Companies: "company_id"}

// allCells returns the cells of the row in the file.
func allCells(reader *importer.RowReader, d importer.DeadLetter) []lineCell {
	named := reader.Named(d)
	cells := make([]lineCell, len(named))
	for n, c := range named {
		cells[n] = lineCell{Column: c.Column, Text: c.Text, Field: c.Field, Fault: c.Field != "" && c.Field == d.Field}
	}
	return cells
}

// editFields returns the values of the row as the pipeline reads them, the one at fault first.
func editFields(reader *importer.RowReader, d importer.DeadLetter) []editField {
	values := reader.ValuesOf(d)
	var first, rest []editField
	for _, name := range importer.FieldsOf(reader.Kind) {
		f := editField{Name: name, Value: values[name], Fault: name == d.Field, Long: name == "description",
			Date: importer.IsDate(reader.Kind, name)}
		if words := importer.Meanings(reader.Kind, name); len(words) > 1 {
			f.Words = words[:len(words)-1] // without the answer for no value
		}
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

// employer returns the company of a choice.
func (c choice) employer() string {
	var b strings.Builder
	for _, p := range c.Company {
		b.WriteString(p.Text)
	}
	return b.String()
}

// looks returns the visible text of a choice.
func (c choice) looks() string {
	var b strings.Builder
	for _, p := range c.Name {
		b.WriteString(p.Text)
	}
	b.WriteByte(0)
	return b.String() + c.employer() + "\x00" + c.Email + "\x00" + c.Ref
}

// distinguish sets Ref to the end of the id for choices that look the same.
func distinguish(all []choice) {
	const end = 12 // the random part of an id
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
