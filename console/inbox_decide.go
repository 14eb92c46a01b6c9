package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// inboxDecision is a decision about the rows of a line of the inbox, in all imports that have some.
type inboxDecision struct {
	kind     importer.Kind
	only     uuid.UUID // an import; nil for all
	which    store.Selector
	dismiss  *store.Dismissal // instead of a correction
	correct  importer.Correction
	remember bool
	partOf   uuid.UUID // an earlier decision that is undone together with this one; nil if none
}

// decided is the outcome of a decision over imports.
type decided struct {
	rows     int
	imports  []store.Correcting
	decision uuid.UUID
	again    int  // rows that were rejected again
	left     bool // some imports were not reached in time
}

// decideTime bounds a decision over many imports. What it does not reach stays open, and is said.
const decideTime = 5 * time.Second

// lineOf returns the line that a form of the inbox is about.
func (s *server) lineOf(r *request) (inboxLine, inboxFilter, error) {
	back, err := url.ParseQuery(r.PostFormValue("back"))
	if err != nil {
		return inboxLine{}, inboxFilter{}, errToken()
	}
	f := readInboxFilter(back)
	kind := importer.Kind(cmp.Or(r.PostFormValue("kind"), string(importer.Tasks)))
	name := store.InboxName{Kind: kind, Field: r.PostFormValue("field"),
		Fault: importer.Reason(r.PostFormValue("fault")), Name: r.PostFormValue("name")}
	company := store.InboxCompany{Company: r.PostFormValue("company")}
	company.Row, _ = strconv.Atoi(r.PostFormValue("row"))
	company.ImportID, _ = importer.ParseID(r.PostFormValue("of"))
	name.Count, _ = strconv.Atoi(r.PostFormValue("count"))
	company.Count = name.Count
	l := s.inboxLine(r, name, company, f)
	if _, known := store.WritePermission(name.Kind); !known {
		return l, f, errToken()
	}
	return l, f, r.in.key.MayWrite(name.Kind)
}

// selector returns the rows of the line.
func (l inboxLine) selector() store.Selector {
	return store.Selector{Reason: cmp.Or(l.Filter.Reason, l.Of.Fault), Field: l.Of.Field, Name: l.Of.Name,
		Company: &l.Company, Search: l.Filter.Search}
}

// read reads the decision from the form of a line.
func (l *inboxLine) read(r *request) (inboxDecision, error) {
	d := inboxDecision{kind: l.Of.Kind, only: l.Filter.Only, which: l.selector()}
	if r.PostFormValue("wide") != "" {
		d.which.Company = nil
	}
	l.Typed, l.Why = r.PostFormValue("value"), strings.TrimSpace(r.PostFormValue("why"))
	l.Remember = r.PostFormValue("remember") != ""
	typed := false // another contact than the one proposed
	if r.PostForm.Has("new_name") {
		l.Contact = importer.Contact{FullName: r.PostFormValue("new_name"), Email: r.PostFormValue("new_email"),
			CompanyName: r.PostFormValue("new_company")}
		typed = l.Contact.Email != "" || l.Contact.FullName != l.Of.Name || l.Contact.CompanyName != l.Company
	}
	if l.NamesCompany() && r.PostForm.Has("new_company") {
		l.Contact = importer.Contact{CompanyName: r.PostFormValue("new_company")}
		l.Domain = r.PostFormValue("new_domain")
		typed = l.Domain != "" || l.Contact.CompanyName != l.Of.Name
	}
	do, choose := r.PostFormValue("do"), r.PostFormValue("choose")
	switch {
	case choose != "":
		id, ok := importer.ParseID(choose)
		if !ok || l.Named == "" {
			return d, &importer.Fault{Message: "choose one of the records"}
		}
		d.correct, d.remember = chosen(d.correct, l.Named, id), l.Remember && l.Remembers()
	case do == "dismiss":
		d.dismiss = &store.Dismissal{Why: l.Why}
	case l.NamesCompany() && (do == "create" || do == "enter" && l.Typed == "" && typed):
		c, err := importer.NewCompany(l.Contact.CompanyName, l.Domain)
		if err != nil {
			return d, err
		}
		d.correct.NewCompany = &c
	case do == "create" || do == "enter" && l.Typed == "" && typed: // Enter in a field of the contact
		c, err := importer.NewContact(map[string]string{"full_name": l.Contact.FullName, "email": l.Contact.Email,
			"company_name": l.Contact.CompanyName})
		if err != nil {
			return d, err
		}
		d.correct.NewContact = &c
	case l.Typed != "" && l.Takes():
		value := l.Typed
		if l.Words() != nil {
			value = importer.Meant(value)
		}
		d.correct.Fields = map[string]string{l.Of.Field: value}
	default:
		return d, &importer.Fault{Message: "nothing was changed: choose a record, or give another value"}
	}
	return d, nil
}

// decideInbox carries out the decision of a line.
func (s *server) decideInbox(r *request) (*answer, error) {
	l, f, err := s.lineOf(r)
	if err != nil {
		return nil, err
	}
	if decision := undoOf(r); decision != uuid.Nil {
		return s.undoLine(r, l, f, decision)
	}
	d, err := l.read(r)
	if err == nil && r.PostFormValue("sure") == "" {
		err = s.alreadyThere(r.Context(), r.in.key.WorkspaceID, &d.correct)
	}
	var out decided
	if err == nil {
		out, err = s.decideAll(r, d)
	}
	if err != nil {
		return s.refusedLine(r, l, f, err)
	}
	done := inboxDone{inboxLine: l, Said: s.outcome(r.Context(), &out, d), Decision: out.decision}
	if r.Header.Get(partHeader) != "" {
		if err := s.addOthers(r, &done, d, out); err != nil {
			return nil, err
		}
		return &answer{status: http.StatusOK, view: "inbox.html", part: "inbox-done", data: done,
			header: map[string]string{rowsHeader: strconv.Itoa(out.rows - out.again)}}, nil
	}
	return redirect(inboxPath + f.suffix()).saying(done.Said).undoing(out.decision), nil
}

// rowsHeader has the number of rows that a decision in place has closed; negative for rows that are
// open again.
const rowsHeader = "Taskport-Rows"

// inboxDone replaces a line that is decided.
type inboxDone struct {
	inboxLine
	Said     string
	Decision uuid.UUID // nil if it cannot be undone
	Chosen   uuid.UUID // the contact that was chosen or created; nil without one
	Others   int       // open rows that name the same contact at other companies
}

// addOthers counts the open rows that name the contact of a decision at other companies.
func (s *server) addOthers(r *request, done *inboxDone, d inboxDecision, out decided) error {
	if done.Chosen = d.correct.ContactID; d.correct.NewContact != nil {
		done.Chosen = out.imports[0].Contact
	}
	if done.Chosen == uuid.Nil || done.Named != importer.Contacts || done.Of.Name == "" || d.which.Company == nil {
		return nil
	}
	f := store.InboxFilter{ImportID: done.Filter.Only,
		DeadLetterFilter: store.DeadLetterFilter{Field: done.Of.Field, Name: done.Of.Name}}
	names, _, err := s.Store.InboxNames(r.Context(), r.in.key.WorkspaceID, f, store.InboxPlace{}, 1)
	for _, name := range names {
		if done.Others = name.Count; name.Kind != done.Of.Kind {
			done.Others = 0
		}
		for _, c := range name.Companies {
			if c.Company == done.Company {
				done.Others -= c.Count
			}
		}
	}
	return err
}

// Undo returns the decision that can be undone; empty without one.
func (d inboxDone) Undo() string { return idText(d.Decision) }

// decideAll carries out a decision in each import that has such rows. Each import is a transaction
// of its own; a repetition finds what is left.
func (s *server) decideAll(r *request, d inboxDecision) (decided, error) {
	var out decided
	if err := r.in.key.MayCorrect(&d.correct, d.remember); err != nil {
		return out, err
	}
	by := r.actor().In(d.partOf)
	imports, err := s.Store.InboxImports(r.Context(), r.in.key.WorkspaceID, d.which)
	if err != nil {
		return out, err
	}
	began := time.Now()
	for _, i := range imports {
		if out.left = out.rows > 0 && time.Since(began) > decideTime; out.left {
			break
		}
		if i.Kind != d.kind || d.only != uuid.Nil && i.ID != d.only {
			continue
		}
		one, err := s.decideOne(r, i, &d, by)
		var state *store.StateError
		if errors.Is(err, store.ErrNotFound) || errors.As(err, &state) {
			continue // somebody else was there first
		}
		if err != nil {
			return out, err
		}
		by = by.In(one.Decision)
		out.decision = by.PartOf
		s.counts.groups.Remove(i.ID)
		s.counts.changed(r.in.key.WorkspaceID, one.Rows+one.Dismissed)
		out.rows += one.Rows + one.Dismissed
		out.imports = append(out.imports, one)
	}
	if len(out.imports) == 0 {
		return out, &store.StateError{Transition: store.TransitionCorrect,
			Why: "a colleague has decided about these rows, or they are being processed"}
	}
	return out, nil
}

// decideOne carries out a decision in one import. A contact that it creates is chosen in the
// following ones.
func (s *server) decideOne(r *request, i store.Import, d *inboxDecision, by store.Actor) (store.Correcting, error) {
	if d.dismiss != nil {
		d.dismiss.Selector = d.which
		return s.Store.Dismiss(r.Context(), i.WorkspaceID, i.ID, *d.dismiss, by, nil)
	}
	one, err := s.Store.CorrectAll(r.Context(), i.WorkspaceID, i.ID, d.which, d.correct, d.remember, by, nil)
	if err != nil {
		return one, err
	}
	if d.correct.NewContact != nil {
		d.correct.NewContact, d.correct.ContactID = nil, one.Contact
	}
	if d.correct.NewCompany != nil {
		d.correct.NewCompany, d.correct.CompanyID = nil, one.Company
	}
	d.remember = false // once is enough
	s.handover.Begin(r.Context(), one.Import)
	return one, nil
}

// outcome waits at most correctWait for the rows of a decision, and returns a message with their
// outcomes. It sets again.
func (s *server) outcome(ctx context.Context, out *decided, d inboxDecision) string {
	what := plural(out.rows, "row", "rows")
	if out.left {
		what = "There are too many imports for one time; decide once more for the rest. " + what
	}
	of := map[uuid.UUID]bool{}
	for _, one := range out.imports {
		of[one.Import.ID] = true
	}
	if len(of) > 1 {
		what += " of " + plural(len(of), "import", "imports")
	}
	if d.dismiss != nil {
		return what + " dismissed."
	}
	var sum store.Corrected
	end := time.Now().Add(correctWait)
	for _, one := range out.imports {
		for {
			now, err := s.Store.Corrected(ctx, one.Import.WorkspaceID, one.Import.ID, one.Decision)
			if err != nil {
				return what + " decided."
			}
			if now.Pending > 0 && time.Now().Before(end) && s.pause(ctx, correctPause) {
				continue
			}
			if now.Pending > 0 {
				return what + " decided; being processed."
			}
			sum.Created, sum.Updated = sum.Created+now.Created, sum.Updated+now.Updated
			sum.Skipped, sum.Rejected = sum.Skipped+now.Skipped, sum.Rejected+now.Rejected
			break
		}
	}
	out.again = sum.Rejected
	for _, one := range out.imports[:min(len(out.imports), 1)] {
		s.counts.changed(one.Import.WorkspaceID, -sum.Rejected)
	}
	return outcomeText(what+" decided", sum)
}

// refusedLine shows a line again with what was typed and why the decision was refused.
func (s *server) refusedLine(r *request, l inboxLine, f inboxFilter, err error) (*answer, error) {
	status, refused := asRefusal(err)
	if !refused {
		return nil, err
	}
	var exists *existsError
	l.Exists = errors.As(err, &exists)
	if l.Wrong = err.Error(); !l.Exists {
		l.Wrong = asPageError(err).message
	}
	if r.Header.Get(partHeader) != "" {
		return s.linePart(r, status, l)
	}
	r.URL.RawQuery = f.Query()
	a, err := s.showInbox(r)
	if err != nil {
		return nil, err
	}
	a.status = status
	p, _ := a.data.(inboxPage)
	p.Wrong = l.Wrong
	for g := range p.Groups {
		for n, there := range p.Groups[g].Lines {
			if there.ID() == l.ID() && there.Of.Field == l.Of.Field {
				l.Choices, p.Wrong = there.Choices, ""
				p.Groups[g].Lines[n] = l
			}
		}
	}
	a.data = p
	return a, nil
}

// linePart shows a line alone.
func (s *server) linePart(r *request, status int, l inboxLine) (*answer, error) {
	groups := []inboxGroup{{Lines: []inboxLine{l}}}
	if err := s.addCandidates(r.Context(), r.in.key.WorkspaceID, groups); err != nil {
		return nil, err
	}
	return &answer{status: status, view: "inbox.html", part: "inbox-line", data: groups[0].Lines[0]}, nil
}

// asRefusal returns the status of an error that an operator can do something about; refused is
// false for any other.
func asRefusal(err error) (status int, refused bool) {
	var fault *importer.Fault
	var state *store.StateError
	var exists *existsError
	switch {
	case errors.As(err, &fault):
		return http.StatusBadRequest, true
	case errors.As(err, &state), errors.As(err, &exists):
		return http.StatusConflict, true
	}
	return 0, false
}
