package check

import (
	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/match"
)

// Query is a name whose record is known.
type Query struct {
	Name     string `csv:"name"`
	Company  string `csv:"company"`
	Expected string `csv:"expected_id"` // the external_id of the right record; empty when none must be linked
	Kind     string `csv:"kind"`        // for a breakdown; may be empty
}

// Score counts the findings for queries. Queries is the sum of Linked, Ambiguous and Unresolved;
// Linked is that of Right and Wrong.
type Score struct {
	Queries    int      `json:"queries"`
	Linked     int      `json:"linked"`
	Right      int      `json:"right"`
	Wrong      int      `json:"wrong"`
	Ambiguous  int      `json:"ambiguous"`
	Unresolved int      `json:"unresolved"` // also a contact of another company than that of the query
	Precision  *float64 `json:"precision"`  // right / linked; null when nothing was linked
	Recall     *float64 `json:"recall"`     // right / queries with an expected id; null without any
	WrongRate  *float64 `json:"wrong_rate"` // wrong / linked; null when nothing was linked
	expected   int
}

// Judged is a query with its verdict.
type Judged struct {
	Query
	Verdict match.Verdict
	Right   bool // linked to the right record
}

// Wrong reports whether another record than the right one was linked.
func (j *Judged) Wrong() bool { return j.Verdict.Finding == match.Linked && !j.Right }

// Linked returns the name of the linked record; empty without one.
func (j *Judged) Linked() string {
	if j.Verdict.Finding != match.Linked {
		return ""
	}
	return j.Verdict.Winner.Name
}

// Missed reports whether a record was expected and none was linked.
func (j *Judged) Missed() bool { return j.Expected != "" && j.Verdict.Finding != match.Linked }

// judge resolves a query: the name of a contact or, for the kind Companies, of a company. The
// company of a query selects and vetoes as in an import; one that fits no company is ignored.
func judge(n *importer.Snapshot, kind importer.Kind, q Query) Judged {
	j := Judged{Query: q}
	if kind == importer.Companies {
		j.Verdict = n.Companies.Resolve(q.Name, nil, n.Settings.Params(match.Company))
	} else {
		j.Verdict = n.People.Resolve(q.Name, n.CompaniesOf(uuid.Nil, q.Company), n.Settings.Params(match.Person))
	}
	j.Right = q.Expected != "" && j.Verdict.Finding == match.Linked && j.Verdict.Winner.ID == match.ID(offlineIDOf(kind,
		q.Expected))
	return j
}

// Count adds the verdict on a query.
func (s *Score) Count(j Judged) {
	s.Queries++
	if j.Expected != "" {
		s.expected++
	}
	switch j.Verdict.Finding {
	case match.Linked:
		s.Linked++
		if j.Right {
			s.Right++
		} else {
			s.Wrong++
		}
	case match.Ambiguous:
		s.Ambiguous++
	case match.Unresolved, match.CompanyMismatch:
		s.Unresolved++
	}
	s.Precision, s.Recall, s.WrongRate = ratio(s.Right, s.Linked), ratio(s.Right, s.expected), ratio(s.Wrong, s.Linked)
}

func ratio(a, b int) *float64 {
	if b == 0 {
		return nil
	}
	r := float64(a) / float64(b)
	return &r
}

// Evaluation is the score of queries, in all and by kind, with the parameters used.
type Evaluation struct {
	Score
	Threshold float64           `json:"threshold"`
	Margin    float64           `json:"margin"`
	Certainty float64           `json:"certainty"`
	Kinds     map[string]*Score `json:"kinds,omitempty"`
	WrongOnes []Judged          `json:"-"`
	Missed    []Judged          `json:"-"`
}

// Evaluate resolves queries: names of contacts or, for the kind Companies, of companies.
func Evaluate(n *importer.Snapshot, kind importer.Kind, queries []Query) *Evaluation {
	of := match.Person
	if kind == importer.Companies {
		of = match.Company
	}
	p := n.Settings.Params(of)
	e := &Evaluation{Threshold: p.Threshold, Margin: p.Margin, Certainty: p.Certainty, Kinds: map[string]*Score{}}
	for _, q := range queries {
		j := judge(n, kind, q)
		e.Count(j)
		if q.Kind != "" {
			if e.Kinds[q.Kind] == nil {
				e.Kinds[q.Kind] = &Score{}
			}
			e.Kinds[q.Kind].Count(j)
		}
		switch {
		case j.Missed():
			e.Missed = append(e.Missed, j)
		case j.Wrong():
			e.WrongOnes = append(e.WrongOnes, j)
		}
	}
	return e
}
