package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer"
)

// asked is a question about the directory: whom a value of a row means.
type asked struct{ Field, Value, Company string }

// lookUpTime bounds the questions of a page. What is not answered by then is found when the page is
// loaded again, since the directory remembers its answers.
const lookUpTime = 700 * time.Millisecond

// lookUp returns the candidates for each question in the directory as it is now, best first, with
// email and external id. It asks as a task with these values would be resolved. A question without
// an answer has no candidates.
func (s *server) lookUp(ctx context.Context, workspace uuid.UUID, questions []asked) ([][]importer.Candidate, error) {
	answers := make([][]importer.Candidate, len(questions))
	var lines [][]byte
	var of []int
	for n, q := range questions {
		if kind, ok := importer.ChosenKind(q.Field); !ok || q.Value == "" || q.Field == "contact_id" ||
			q.Field == "company_id" || !utf8.ValidString(q.Value) || kind == "" {
			continue
		}
		values := map[string]string{"title": "-", q.Field: q.Value}
		if q.Company != "" && q.Field != "company_name" {
			values["company_name"] = q.Company
		}
		line, err := json.Marshal(values)
		if err != nil {
			return nil, fmt.Errorf("encode a question: %w", err)
		}
		lines, of = append(lines, line), append(of, n)
	}
	if len(lines) == 0 {
		return answers, nil
	}
	found, err := s.resolved(ctx, workspace, lines)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return answers, nil
	}
	if err != nil {
		return nil, err
	}
	for line, candidates := range found {
		kind, _ := importer.ChosenKind(questions[of[line]].Field)
		answers[of[line]] = slices.DeleteFunc(candidates, func(c importer.Candidate) bool {
			return c.ID == uuid.Nil || c.Kind != "" && c.Kind != kind
		})
	}
	return answers, s.describe(ctx, workspace, questions, answers)
}

// resolved puts tasks through the pipeline without creating them. It returns for each the record
// that it would be linked to, or the candidates of its fault.
func (s *server) resolved(ctx context.Context, workspace uuid.UUID, lines [][]byte) ([][]importer.Candidate, error) {
	b, err := (&importer.Options{}).ReadTasks(lines, make([]time.Time, len(lines)))
	if err != nil {
		return nil, err
	}
	version, err := s.Store.DirectoryVersion(ctx, workspace)
	if err != nil {
		return nil, err
	}
	bounded, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	if err := b.Resolve(bounded, s.Store.ResolverAt(workspace, version, false), importer.Options{}); err != nil {
		return nil, err
	}
	found := make([][]importer.Candidate, len(lines))
	for _, t := range b.Tasks {
		found[t.Row-1] = append(found[t.Row-1], importer.Candidate{ID: t.ContactID, Kind: importer.Contacts, Score: 1},
			importer.Candidate{ID: t.CompanyID, Kind: importer.Companies, Score: 1})
	}
	for _, d := range b.Dead {
		found[d.Row-1] = slices.Clone(d.Candidates)
	}
	return found, nil
}

// describe adds what a person knows candidates by.
func (s *server) describe(ctx context.Context, workspace uuid.UUID, questions []asked,
	answers [][]importer.Candidate) error {
	ids := map[importer.Kind][]uuid.UUID{}
	for n, candidates := range answers {
		kind, _ := importer.ChosenKind(questions[n].Field) //nolint:gosec // each question has an answer
		for _, c := range candidates {
			ids[kind] = append(ids[kind], c.ID)
		}
	}
	for kind, all := range ids {
		records, err := s.Store.Records(ctx, workspace, kind, all)
		if err != nil {
			return err
		}
		for n, candidates := range answers {
			if of, _ := importer.ChosenKind(questions[n].Field); of != kind { //nolint:gosec // as above
				continue
			}
			left := candidates[:0]
			for _, c := range candidates {
				if r, there := records[c.ID]; there { // else it was removed since
					c.Name, c.Company, c.Email, c.ExternalID = r.Name, r.Company, r.Email, r.ExternalID
					left = append(left, c)
				}
			}
			answers[n] = left
		}
	}
	return nil
}

// alreadyThere refuses to create a contact or company that the directory seems to have, by its
// folded name or its address, until the operator says that it is another one.
func (s *server) alreadyThere(ctx context.Context, workspace uuid.UUID, m *importer.Correction) error {
	var questions []asked
	switch {
	case m.NewContact != nil:
		questions = []asked{{"contact_name", m.NewContact.FullName, ""}, {"contact_email", m.NewContact.Email, ""}}
	case m.NewCompany != nil:
		questions = []asked{{"company_name", m.NewCompany.Name, ""}, {"company_domain", m.NewCompany.Domain, ""}}
	default:
		return nil
	}
	answers, err := s.lookUp(ctx, workspace, questions)
	if err != nil {
		return err
	}
	typed := importer.Fault{Field: questions[0].Field, Subject: questions[0].Value}
	for n, candidates := range answers {
		for _, there := range candidates {
			same := importer.Fault{Field: questions[0].Field, Subject: there.Name}
			if n == 0 && same.SubjectKey() != typed.SubjectKey() {
				continue
			}
			return &existsError{there}
		}
	}
	return nil
}

// existsError refuses a contact that would be there twice.
type existsError struct{ there importer.Candidate }

func (e *existsError) Error() string {
	text := shown(e.there.Name)
	if e.there.Company != "" {
		text += " of " + shown(e.there.Company)
	}
	if e.there.Email != "" {
		text += " (" + shown(e.there.Email) + ")"
	}
	return text + " is in the directory already: choose it, or create another one of this name"
}

// choicesOf returns candidates as they can be chosen for a value, with keys from 1.
func choicesOf(candidates []importer.Candidate, q asked) []choice {
	all := make([]choice, len(candidates))
	for n, c := range candidates {
		all[n] = choice{ID: c.ID, Name: differing(c.Name, q.Value), Company: differing(c.Company, q.Company),
			Email: c.Email, Ref: c.ExternalID, Score: c.Score, Alike: alike(q, c)}
		if n < foundRecords {
			all[n].Key = n + 1
		}
	}
	distinguish(all)
	return all
}

// weakScore is the score below which a candidate is unlikely to be meant.
const weakScore = 0.85

// alike returns in words how similar a candidate is to the value of the row.
func alike(q asked, c importer.Candidate) string {
	a := importer.Fault{Field: q.Field, Subject: q.Value}
	b := importer.Fault{Field: q.Field, Subject: c.Name}
	switch x, y := a.SubjectKey(), b.SubjectKey(); {
	case c.Score == 0:
		return ""
	case x == y:
		return "same name"
	case c.Score >= weakScore && oneEdit([]rune(x), []rune(y)):
		return "one letter differs"
	case c.Score >= 0.95:
		return "very similar"
	case c.Score >= weakScore:
		return "similar"
	}
	return "unlikely"
}

// oneEdit reports whether one letter makes the difference: replaced, added or left out.
func oneEdit(a, b []rune) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 {
		return false
	}
	n := 0
	for n < len(a) && a[n] == b[n] {
		n++
	}
	if len(a) == len(b) {
		return n < len(a) && slices.Equal(a[n+1:], b[n+1:])
	}
	return slices.Equal(a[n:], b[n+1:])
}
