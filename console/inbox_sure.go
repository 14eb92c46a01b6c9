package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"taskport/importer"
	"taskport/store"
)

const (
	// sureScore is what the best candidate must have, and nearScore what no other may have, for
	// them to be accepted together.
	sureScore = 0.97
	nearScore = 0.90
	// sureNames bounds the names that are looked at, and sureBatch those looked up at once.
	sureNames = 10_000
	sureBatch = 40
	// sureTime bounds the looking up; the page says how many names are behind it.
	sureTime = 4 * time.Second
)

// surePage lists the lines whose candidate leaves no doubt.
type surePage struct {
	inboxFilter
	Token string
	Lines []inboxLine
	Rows  int
	Left  int // names that were not looked at for lack of time
	Most  int // the names that were looked at, where there may be more; else 0
}

// Pick returns what the form sends for a line.
func (l inboxLine) Pick() string {
	return url.Values{"kind": {string(l.Of.Kind)}, "field": {l.Of.Field}, "name": {l.Of.Name}, "company": {l.Company},
		"choose": {l.Choices[0].ID.String()}, "count": {strconv.Itoa(l.Count)}}.Encode()
}

// sure reports whether the best candidate leaves no doubt: it is nearly the same, no other is near,
// and the company that the row names is the candidate's.
func (l inboxLine) sure() bool {
	if !l.Writes || l.Of.Name == "" || len(l.Choices) == 0 || l.Choices[0].Score <= sureScore ||
		len(l.Choices) > 1 && l.Choices[1].Score >= nearScore {
		return false
	}
	if l.Company == "" || l.Named != importer.Contacts {
		return true
	}
	row := importer.Fault{Field: "company_name", Subject: l.Company}
	there := importer.Fault{Field: "company_name", Subject: l.Choices[0].employer()}
	return row.SubjectKey() == there.SubjectKey()
}

// inboxNames returns the most frequent names of the inbox, as many as are looked at.
func (s *server) inboxNames(r *request, f inboxFilter) ([]store.InboxName, error) {
	f.After = store.InboxPlace{}
	list, err := s.counts.namesOf(r.Context(), s.Store, r.in.key.WorkspaceID, f, sureNames)
	return list.names, err
}

// sureLines returns the lines without doubt of some names, in their order, and how many names were
// not looked at for lack of time.
func (s *server) sureLines(r *request, f inboxFilter, names []store.InboxName) (all []inboxLine, left int, err error) {
	f.After = store.InboxPlace{}
	begin := 0
	for end := time.Now().Add(sureTime); begin < len(names) && time.Now().Before(end); begin += sureBatch {
		var groups []inboxGroup
		for _, name := range names[begin:min(begin+sureBatch, len(names))] {
			g := inboxGroup{InboxName: name}
			for _, c := range name.Companies {
				g.Lines = append(g.Lines, s.inboxLine(r, name, c, f))
			}
			groups = append(groups, g)
		}
		if err := s.addCandidates(r.Context(), r.in.key.WorkspaceID, groups); err != nil {
			return nil, 0, err
		}
		for _, g := range groups {
			for _, l := range g.Lines {
				if l.sure() {
					all = append(all, l)
				}
			}
		}
	}
	return all, max(0, len(names)-begin), nil
}

// showSure previews the rows that are accepted together.
func (s *server) showSure(r *request) (*answer, error) {
	p := surePage{inboxFilter: readInboxFilter(r.URL.Query()), Token: r.token}
	names, err := s.inboxNames(r, p.inboxFilter)
	if err != nil {
		return nil, err
	}
	if p.Lines, p.Left, err = s.sureLines(r, p.inboxFilter, names); err != nil {
		return nil, err
	}
	if len(names) == sureNames {
		p.Most = sureNames
	}
	for _, l := range p.Lines {
		p.Rows += l.Count
	}
	return &answer{status: http.StatusOK, view: "sure.html", title: "Accept what leaves no doubt", data: p}, nil
}

// pickedOf returns the names that a form has picked, so that no others are looked up again.
func pickedOf(names []store.InboxName, picks []string) []store.InboxName {
	type key struct{ kind, field, name string }
	picked := map[key]bool{}
	for _, pick := range picks {
		of, _ := url.ParseQuery(pick) // what cannot be read picks nothing, and is counted as changed
		picked[key{of.Get("kind"), of.Get("field"), of.Get("name")}] = true
	}
	return slices.DeleteFunc(slices.Clone(names), func(n store.InboxName) bool {
		return !picked[key{string(n.Kind), n.Field, n.Name}]
	})
}

// acceptSure links the rows that were previewed. What has changed since is left as it is.
func (s *server) acceptSure(r *request) (*answer, error) {
	back, err := url.ParseQuery(r.PostFormValue("back"))
	if err != nil {
		return nil, errToken()
	}
	if len(kindsOf(r.in.key)) == 0 {
		return nil, r.in.key.MayWrite(importer.Tasks)
	}
	f := readInboxFilter(back)
	s.counts.changed(r.in.key.WorkspaceID, 0) // the preview is compared with the rows of now
	names, err := s.inboxNames(r, f)
	if err != nil {
		return nil, err
	}
	lines, _, err := s.sureLines(r, f, pickedOf(names, r.PostForm["pick"]))
	if err != nil {
		return nil, err
	}
	now := map[string]inboxLine{}
	for _, l := range lines {
		now[l.Pick()] = l
	}
	var sum decided
	changed := 0
	for _, pick := range r.PostForm["pick"] {
		l, same := now[pick]
		if !same {
			changed++
			continue
		}
		if err := r.in.key.MayWrite(l.Of.Kind); err != nil {
			return nil, err
		}
		out, err := s.decideAll(r, inboxDecision{kind: l.Of.Kind, only: f.Only, which: l.selector(),
			correct: chosen(importer.Correction{}, l.Named, l.Choices[0].ID), partOf: sum.decision})
		if _, refused := asRefusal(err); refused {
			changed++
			continue
		}
		if err != nil {
			return nil, err
		}
		sum.decision, sum.rows, sum.imports = out.decision, sum.rows+out.rows, append(sum.imports, out.imports...)
	}
	said := "Nothing was accepted."
	if sum.rows > 0 {
		said = s.outcome(r.Context(), &sum, inboxDecision{})
	}
	if changed > 0 {
		said += " " + plural(changed, "name has", "names have") + " changed since, and stay open."
	}
	return redirect(inboxPath + f.suffix()).saying(said).undoing(sum.decision), nil
}
