package console

import (
	"net/http"
	"strconv"

	"taskport/importer"
	"taskport/store"
)

// mostValues is how many unknown values a worksheet has, the most frequent.
const mostValues = 200

// valuesPage is the worksheet of an import's unknown values: those of fields with a closed
// list.
type valuesPage struct {
	progress
	Token  string
	Writes bool
	Values []inboxLine
	Wrong  string
}

// Control is the name of the line's control in the worksheet.
func (l inboxLine) Control() string { return "value " + l.Of.Field + " " + l.Of.Name }

// isUnknownValue reports whether the rows are rejected because of a value that a choice can
// replace.
func (l inboxLine) isUnknownValue() bool {
	return l.Of.Name != "" && l.Words() != nil
}

// rejectedValues returns the unknown values of an import, each as one line for all companies.
func (s *server) rejectedValues(r *request, i store.Import) ([]inboxLine, error) {
	f := inboxFilter{Only: i.ID, Reason: importer.InvalidValue}
	var all []inboxLine
	for after := (store.InboxPlace{}); len(all) < mostValues; {
		names, err := s.Store.InboxNames(r.Context(), i.WorkspaceID, f.store(), after, mostGroups)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			c := name.Companies[0]
			c.Company, c.Count = "", name.Count
			l := s.inboxLine(r, name, c, f)
			if l.Any = true; l.isUnknownValue() {
				all = append(all, l)
			}
		}
		if len(names) < mostGroups {
			break
		}
		after = names[len(names)-1].After
	}
	return all[:min(len(all), mostValues)], nil
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
		out, err := s.decideAll(r, d)
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
