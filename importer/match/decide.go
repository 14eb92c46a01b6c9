package match

import "slices"

// Params say how like a name must be. All are scores from 0 to 1.
type Params struct {
	Threshold float64 // the best must reach it
	Margin    float64 // a second within it makes the name ambiguous
	Guard     float64 // every word must reach it against its partner
}

// bigDirectory is the number of people from which on the margin is wider: the risk of a stranger who resembles somebody grows with the directory.
const bigDirectory = 100_000

// Defaults gives the parameters for a directory of so many entries, as measured on labelled names.
func Defaults(k Kind, entries int) Params {
	if k == Company {
		return Params{Threshold: 0.94, Margin: 0.02, Guard: 0.90}
	}
	if entries >= bigDirectory {
		return Params{Threshold: 0.92, Margin: 0.04, Guard: 0.90}
	}
	return Params{Threshold: 0.92, Margin: 0.03, Guard: 0.90}
}

// Outcome is what became of a name.
type Outcome uint8

// The outcomes.
const (
	Unresolved      Outcome = iota // nobody is meant for certain
	Linked                         // Winner is meant
	Ambiguous                      // one of Candidates is meant
	CompanyMismatch                // Winner is meant, but belongs to another company than the row names
)

// Rule says what decided.
type Rule string

// The rules, in the order in which they are tried.
const (
	RuleEmpty        Rule = "empty"         // nothing is left of the name
	RuleAlias        Rule = "alias"         // an operator has chosen
	RuleEqual        Rule = "equal"         // equal after normalization
	RuleEqualCompany Rule = "equal_company" // several are equal; the company chose
	RuleThreshold    Rule = "threshold"     // nobody is like enough
	RuleMargin       Rule = "margin"        // the second is too near
	RuleGuard        Rule = "guard"         // as a whole alike, but not word by word
	RuleSimilar      Rule = "similar"       // alike, and nobody else is
)

// Candidate is a record that a name may stand for.
type Candidate struct {
	ID        ID
	Name      string
	CompanyID ID
	Company   string
	Score     float64
}

// Verdict is what became of a name, with its reasons.
type Verdict struct {
	Outcome    Outcome
	Winner     Candidate
	Candidates []Candidate // best first, at most 10; for an unresolved name the nearest, at most 3
	Rule       Rule
	Best       float64
	Second     float64
	Threshold  float64
	Margin     float64
}

const (
	maxCandidates = 10
	maxHints      = 3
	leastHint     = 0.75
)

// Resolve decides whom a name means. companies are those that the row's company may stand for, nil when it names none:
// the company chooses among equal names, and vetoes a winner who belongs elsewhere, no more.
// The same name against the same directory always gives the same verdict.
func (d *Directory) Resolve(name string, companies []ID, p Params) Verdict {
	q := ask(name, companies, p)
	if v, ok := d.memo.get(q); ok {
		return v
	}
	v := d.decide(name, companies, p)
	v.Threshold, v.Margin = p.Threshold, p.Margin
	d.memo.put(q, v)
	return v
}

func (d *Directory) decide(name string, companies []ID, p Params) Verdict {
	fs := forms(d.kind, name)
	if len(fs) == 0 {
		return Verdict{Rule: RuleEmpty}
	}
	if at, ok := d.byID[d.aliases[fs[0].key]]; ok {
		return Verdict{Outcome: Linked, Rule: RuleAlias, Winner: d.candidate(at, 1), Best: 1}
	}
	if equal := d.equal(fs); len(equal) > 0 {
		return d.chooseEqual(equal, companies)
	}
	return d.chooseSimilar(fs, companies, p)
}

// chooseEqual decides among equal names.
func (d *Directory) chooseEqual(equal []int32, companies []ID) Verdict {
	if len(equal) == 1 {
		return d.veto(Verdict{Outcome: Linked, Rule: RuleEqual, Winner: d.candidate(equal[0], 1), Best: 1}, companies)
	}
	var there []int32
	for _, at := range equal {
		if slices.Contains(companies, d.entries[at].Company) {
			there = append(there, at)
		}
	}
	if len(there) == 1 {
		return Verdict{Outcome: Linked, Rule: RuleEqualCompany, Winner: d.candidate(there[0], 1), Best: 1}
	}
	if len(there) > 1 {
		equal = there
	}
	hits := make([]hit, len(equal))
	for i, at := range equal {
		hits[i] = hit{entry: at, score: 1}
	}
	return Verdict{Outcome: Ambiguous, Rule: RuleEqual, Candidates: d.candidates(hits, maxCandidates), Best: 1, Second: 1}
}

// chooseSimilar decides among similar names.
func (d *Directory) chooseSimilar(fs []form, companies []ID, p Params) Verdict {
	var queries []string
	for _, f := range fs {
		if isASCII(f.text) {
			queries = append(queries, f.text)
		}
	}
	if len(queries) < len(fs) {
		return Verdict{Rule: RuleThreshold}
	}
	hits := d.similar.search(queries, min(leastHint, p.Threshold-p.Margin))
	slices.SortStableFunc(hits, func(a, b hit) int { return compareScores(b.score, a.score) })
	v := Verdict{Rule: RuleThreshold}
	if len(hits) == 0 {
		return v
	}
	best := hits[0]
	v.Best = best.score
	if len(hits) > 1 {
		v.Second = hits[1].score
	}
	near := slices.IndexFunc(hits, func(h hit) bool { return h.score < best.score-p.Margin })
	if near < 0 {
		near = len(hits)
	}
	holds := d.holds(fs[best.query].words, best.form.words, p.Guard)
	switch {
	case best.score < p.Threshold:
	case near > 1 && (holds || d.anyHolds(fs, hits[1:near], p.Guard)):
		v.Outcome, v.Rule, v.Candidates = Ambiguous, RuleMargin, d.candidates(hits[:near], maxCandidates)
		return v
	case !holds:
		v.Rule = RuleGuard
	default:
		v.Outcome, v.Rule, v.Winner = Linked, RuleSimilar, d.candidate(best.entry, best.score)
		return d.veto(v, companies)
	}
	v.Candidates = d.candidates(hits, maxHints)
	return v
}

// anyHolds reports whether one of several near names might be meant at all; else the name is unresolved rather than ambiguous.
func (d *Directory) anyHolds(fs []form, hits []hit, guard float64) bool {
	return slices.ContainsFunc(hits, func(h hit) bool { return d.holds(fs[h.query].words, h.form.words, guard) })
}

// veto turns a link into a mismatch when the row names a company and the winner belongs to another.
func (d *Directory) veto(v Verdict, companies []ID) Verdict {
	if len(companies) > 0 && v.Winner.CompanyID != (ID{}) && !slices.Contains(companies, v.Winner.CompanyID) {
		v.Outcome = CompanyMismatch
	}
	return v
}

func compareScores(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
