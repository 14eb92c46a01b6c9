package match

import (
	"cmp"
	"slices"
	"strings"
)

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
	All        []ID        // of an ambiguous name: everybody it may mean, however many
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
	return Verdict{Outcome: Ambiguous, Rule: RuleEqual, Candidates: d.candidates(hits, maxCandidates), All: d.ids(hits), Best: 1, Second: 1}
}

// chooseSimilar decides among similar names.
func (d *Directory) chooseSimilar(fs []form, companies []ID, p Params) Verdict {
	for _, f := range fs {
		if !isASCII(f.text) {
			return Verdict{Rule: RuleThreshold}
		}
	}
	hits := d.rivals(fs, p.Threshold-p.Margin, p.Margin)
	if len(hits) == 0 || hits[0].score < p.Threshold {
		return d.unresolved(fs, RuleThreshold)
	}
	holds := func(h hit) bool { return d.holds(fs[h.query].words, strings.Fields(h.text), p.Guard) }
	switch {
	case len(hits) > 1 && slices.ContainsFunc(hits, holds):
		return Verdict{Outcome: Ambiguous, Rule: RuleMargin, Candidates: d.candidates(hits, maxCandidates), All: d.ids(hits), Best: hits[0].score, Second: hits[1].score}
	case len(hits) > 1 || !holds(hits[0]):
		return d.unresolved(fs, RuleGuard)
	}
	return d.veto(Verdict{Outcome: Linked, Rule: RuleSimilar, Winner: d.candidate(hits[0].entry, hits[0].score), Best: hits[0].score}, companies)
}

// rivals gives the best entry and all within the margin of it, best first, of those that score at least least.
func (d *Directory) rivals(fs []form, least, margin float64) []hit {
	var hits []hit
	best := 0.0
	for q, f := range fs {
		d.similar.visit(f.text, max(least, best-margin), func(entry int32, text string, score, least float64) float64 {
			hits = keepBetter(hits, hit{entry: entry, score: score, text: text, query: q})
			best = max(best, score)
			return max(least, best-margin)
		})
	}
	hits = slices.DeleteFunc(hits, func(h hit) bool { return h.score < best-margin })
	sortHits(hits)
	return hits
}

// unresolved gives the nearest entries as a hint.
func (d *Directory) unresolved(fs []form, rule Rule) Verdict {
	var hits []hit
	for q, f := range fs {
		d.similar.visit(f.text, leastHint, func(entry int32, text string, score, least float64) float64 {
			hits = keepBetter(hits, hit{entry: entry, score: score, text: text, query: q})
			sortHits(hits)
			if len(hits) <= maxHints {
				return least
			}
			hits = hits[:maxHints]
			return max(least, hits[maxHints-1].score)
		})
	}
	v := Verdict{Rule: rule, Candidates: d.candidates(hits, maxHints)}
	if len(hits) > 0 {
		v.Best = hits[0].score
	}
	if len(hits) > 1 {
		v.Second = hits[1].score
	}
	return v
}

// keepBetter adds a hit, or lets it replace a worse one of the same entry.
func keepBetter(hits []hit, h hit) []hit {
	at := slices.IndexFunc(hits, func(o hit) bool { return o.entry == h.entry })
	if at < 0 {
		return append(hits, h)
	}
	if hits[at].score < h.score {
		hits[at] = h
	}
	return hits
}

// sortHits puts the best first; entries stand in the order of their ids, so ties do too.
func sortHits(hits []hit) {
	slices.SortFunc(hits, func(a, b hit) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.entry, b.entry)) })
}

// veto turns a link into a mismatch when the row names a company and the winner belongs to another.
func (d *Directory) veto(v Verdict, companies []ID) Verdict {
	if len(companies) > 0 && v.Winner.CompanyID != (ID{}) && !slices.Contains(companies, v.Winner.CompanyID) {
		v.Outcome = CompanyMismatch
	}
	return v
}
