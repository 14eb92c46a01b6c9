package console

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// mostValues is how many unknown values a worksheet has, the most frequent.
const mostValues = 200

// mostUsers is how many users the worksheet offers in a list. Where there are more, it takes a
// text.
const mostUsers = 200

// valuesPage is the worksheet of an import's unknown values: those of fields with a closed list,
// and assignees.
type valuesPage struct {
	progress
	Token    string
	Writes   bool
	Values   []inboxLine
	Users    []userOption // nil without an unknown assignee
	AllUsers bool         // Users are all
	Remember bool
	Wrong    string
}

// userOption is a user that an unknown assignee can mean.
type userOption struct{ ID, Text string }

// Assigns reports whether one of the values is an assignee.
func (p valuesPage) Assigns() bool { return slices.ContainsFunc(p.Values, inboxLine.NamesUser) }

// NamesUser reports whether the failed value names an assignee.
func (l inboxLine) NamesUser() bool { return importer.NamesUser(l.Of.Field) }

// Control is the name of the line's control in the worksheet.
func (l inboxLine) Control() string { return "value " + l.Of.Field + " " + l.Of.Name }

// worksheetFields are the fields whose unknown values a worksheet lists.
func worksheetFields(kind importer.Kind) []string {
	return slices.DeleteFunc(importer.FieldsOf(kind), func(field string) bool {
		return len(importer.Meanings(kind, field)) < 2 && (kind != importer.Tasks || !importer.NamesUser(field))
	})
}

// rejectedValues returns the unknown values of an import, each as one line for all companies.
func (s *server) rejectedValues(r *request, i store.Import) ([]inboxLine, error) {
	f := inboxFilter{Only: i.ID}
	of := f.store()
	of.Fields = worksheetFields(i.Kind)
	names, _, err := s.Store.InboxNames(r.Context(), i.WorkspaceID, of, store.InboxPlace{}, mostValues)
	if err != nil {
		return nil, err
	}
	var all []inboxLine
	for _, name := range names {
		c := name.Companies[0]
		c.Company, c.Count = "", name.Count
		l := s.inboxLine(r, name, c, f)
		if l.Any = true; l.Of.Name != "" {
			all = append(all, l)
		}
	}
	return all, nil
}

// users returns the users that can be chosen, and whether they are all.
func (s *server) users(r *request) (options []userOption, all bool, err error) {
	active := true
	users, err := s.Store.Directory(r.Context(), r.in.key.WorkspaceID, importer.Users,
		store.DirectoryFilter{Active: &active}, store.Page{Number: 1, Size: mostUsers})
	if err != nil {
		return nil, false, err
	}
	for _, u := range users.Rows {
		var texts []string
		for _, f := range u.Fields {
			if f.Value != nil && *f.Value != "" && (f.Name == "name" || f.Name == "email" || len(texts) == 0) {
				texts = append(texts, shown(*f.Value))
			}
		}
		options = append(options, userOption{u.ID.String(), strings.Join(texts, " · ")})
	}
	slices.SortFunc(options, func(a, b userOption) int { return strings.Compare(a.Text, b.Text) })
	return options, users.Next == nil, nil
}

// showValues shows the worksheet.
func (s *server) showValues(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return s.valuesPage(r, i, http.StatusOK, "")
}

func (s *server) valuesPage(r *request, i store.Import, status int, wrong string) (*answer, error) {
	p := valuesPage{progress: progressOf(i, s.Now()), Token: r.token, Wrong: wrong,
		Writes: r.in.key.MayChange(i.Kind) && decides(i)}
	var err error
	if p.Values, err = s.rejectedValues(r, i); err != nil {
		return nil, err
	}
	for n, l := range p.Values {
		p.Values[n].Typed = r.PostFormValue(l.Control())
	}
	p.Remember = r.PostFormValue("remember") != ""
	if p.Assigns() {
		if p.Users, p.AllUsers, err = s.users(r); err != nil {
			return nil, err
		}
	}
	return &answer{status: status, view: "values.html", title: "Unknown values of " + shown(i.FileName), data: p}, nil
}

// saveValues corrects all rows of the import with the values for which a meaning was chosen.
func (s *server) saveValues(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	lines, err := s.rejectedValues(r, i)
	if err != nil {
		return nil, err
	}
	var sum decided
	for _, l := range lines {
		means := r.PostFormValue(l.Control())
		if means == "" {
			continue
		}
		d := inboxDecision{kind: i.Kind, only: i.ID, which: l.selector(), partOf: sum.decision}
		d.which.Company = nil
		d.correct.Fields = map[string]string{l.Of.Field: importer.Meant(means)}
		user := uuid.Nil
		if l.NamesUser() {
			user, err = s.Store.MeantUser(r.Context(), i.WorkspaceID, importer.Meant(means))
			d.correct = importer.AssignedTo(user)
		}
		var out decided
		if err == nil {
			out, err = s.decideAll(r, d)
		}
		if err == nil && l.NamesUser() && r.PostFormValue("remember") != "" && l.Aliases {
			_, err = s.Store.KeepAlias(r.Context(), i.WorkspaceID, importer.Users, l.Of.Name, user,
				r.actor().In(out.decision), nil)
		}
		if status, refused := asRefusal(err); refused {
			return s.valuesPage(r, i, status, shown(l.Of.Name)+": "+asPageError(err).message)
		}
		if err != nil {
			return nil, err
		}
		sum.decision, sum.rows, sum.imports = out.decision, sum.rows+out.rows, append(sum.imports, out.imports...)
	}
	if sum.rows == 0 {
		return s.valuesPage(r, i, http.StatusBadRequest, "Choose the meaning of at least one value.")
	}
	said := s.outcome(r.Context(), &sum, inboxDecision{})
	if left := len(lines) - len(sum.imports); left > 0 {
		return redirect(importPath(i.ID) + "/values").saying(said + " " + strconv.Itoa(left) + " left.").undoing(
			sum.decision), nil
	}
	return redirect(progressOf(i, s.Now()).DecidePath()).saying(said).undoing(sum.decision), nil
}
