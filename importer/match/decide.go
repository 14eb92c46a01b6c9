package match

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
)

// Params decide how sure a verdict must be.
type Params struct {
	Threshold float64 // the score that the best entry must reach, from 0 to 1
	Margin    float64 // entries whose score is this near to the best are compared too, from 0 to 1
	// how many times likelier it must be that the record is meant than that somebody else has this
	// name, from 1
	Certainty   float64
	NoNicknames bool // Bob is not matched to Robert
}

// Defaults returns the parameters that did best on labelled names; docs/resolution.md has the
// figures.
func Defaults(k Kind) Params {
	if k == Company {
		return Params{Threshold: 0.92, Margin: 0.02, Certainty: 100}
	}
	return Params{Threshold: 0.92, Margin: 0.03, Certainty: 10}
}

// Finding is the kind of a verdict.
type Finding uint8

// The findings.
const (
	Unresolved      Finding = iota // no record is meant for certain
	Linked                         // Winner is meant
	Ambiguous                      // one of Candidates is meant
	CompanyMismatch                // Winner is meant, but belongs to another company than the row names
)

// Rule names the rule that decided.
type Rule string

// The rules, in the order in which they are tried.
const (
	RuleEmpty        Rule = "empty"         // nothing remains of the name
	RuleAlias        Rule = "alias"         // an operator has chosen the record
	RuleEqual        Rule = "equal"         // equal after normalization
	RuleEqualCompany Rule = "equal_company" // several are equal; the company chose
	RuleDomain       Rule = "domain"        // several are equal; the domain of an unknown address chose
	RuleItem         Rule = "item"          // several are equal; the deal or event that is one's own chose
	// another usual way of writing: a nickname, an initial, without the middle name, abbreviated
	RuleVariant   Rule = "variant"
	RuleSimilar   Rule = "similar"   // similar as a whole and in each word
	RuleThreshold Rule = "threshold" // nobody is similar enough
	RuleGuard     Rule = "guard"     // similar as a whole, but not word by word
	RuleMargin    Rule = "margin"    // several are about equally likely
	RuleCommon    Rule = "common"    // one is likely, but others probably have this name too
	// so many are similar that to compare them exceeds the budget of a name
	RuleTooSimilar Rule = "too_similar"
)

// Verdict is the decision on a name, with its reasons.
type Verdict struct {
	Finding Finding
	Winner  Candidate
	// best first: Show of them, and further ones of the same name and score as the last of those
	Candidates []Candidate
	Show       int // how many a person is shown: 10, for an unresolved name 3
	// For an ambiguous name, all records that it may mean. It is empty for more than crowd equal
	// names, and for more companies than can be listed.
	All []ID
	// For an ambiguous name: it is equal to the names of all of them, or a usual way of writing them.
	Usual     bool
	Rule      Rule
	Best      float64
	Second    float64
	Threshold float64
	Margin    float64
}

// MaxEqual is how many of a crowd of equal names a verdict has in All.
const MaxEqual = 64

const (
	// of equal names so many are compared, and those of the companies that the row may mean
	crowd         = MaxEqual
	maxCompanies  = 1 << 12 // of one name are listed; among more a contact chooses none
	maxCandidates = 10
	maxHints      = 3
	nearHint      = 0.86
	hintsSought   = 6 // more than are shown, because of namesakes: the order of ids must not choose among them
	leastHint     = 0.75
)

// Resolve decides whom a name means. companies are those that the row's company may refer to, or
// nil if the row has no company. The company only decides among equal names, and vetoes a winner of
// another company. The same name against the same directory always has the same verdict.
func (d *Directory) Resolve(name string, companies []ID, p Params) Verdict {
	v, _ := d.ResolveContext(context.Background(), name, companies, p)
	return v
}

// ResolveContext is Resolve with a context. If the context ends first, it returns the error of the
// context and an empty verdict.
func (d *Directory) ResolveContext(ctx context.Context, name string, companies []ID, p Params) (Verdict, error) {
	v, ok := d.decideFast(name, companies, p)
	if !ok {
		e := &effort{done: ctx.Done(), limit: budget}
		if v = d.decideNow(name, companies, p, e); e.interrupted {
			return Verdict{}, ctx.Err()
		}
	}
	v.Threshold, v.Margin = p.Threshold, p.Margin
	return v, nil
}

// decideFast returns the verdict on a name that needs no search; it reports false if one is needed.
func (d *Directory) decideFast(name string, companies []ID, p Params) (Verdict, bool) {
	if v, ok := d.recallSure(name, companies); ok {
		return v, true
	}
	// The company may choose among equal people, so the memo does not have them.
	if d.kind == Person {
		if v, ok := d.certain(name, companies); ok {
			return v, true
		}
	}
	v, ok := d.recall(name, p)
	if ok && v.Finding == Linked && vetoed(v, companies) {
		v.Finding = CompanyMismatch
	}
	return v, ok
}

// decideNow decides on a name and remembers the verdict, unless it was interrupted.
func (d *Directory) decideNow(name string, companies []ID, p Params, e *effort) Verdict {
	v := d.decide(name, p, e)
	if e.interrupted {
		return Verdict{}
	}
	d.remember(name, p, v)
	if v.Finding == Linked && vetoed(v, companies) {
		v.Finding = CompanyMismatch
	}
	return v
}

// decide returns the verdict that resolve remembers. It depends on the name alone, not on the row.
func (d *Directory) decide(name string, p Params, e *effort) Verdict {
	if d.kind == Company {
		if v, ok := d.certain(name, nil); ok {
			return v
		}
	}
	if d.kind == Person {
		name = joinedPeople(name)
	}
	fs := forms(d.kind, name)
	if len(fs) == 0 {
		return Verdict{Rule: RuleEmpty}
	}
	return d.chooseSimilar(name, fs, p, e)
}

// certain decides by alias and equality; it reports false if neither decides.
func (d *Directory) certain(name string, companies []ID) (Verdict, bool) {
	if len(d.aliases) > 0 {
		if id, ok := d.aliases[Key(d.kind, name)]; ok {
			if at := d.find(id); at >= 0 {
				d.rememberSure(name, RuleAlias, at)
				return d.linked(RuleAlias, hit{at, 1}, nil), true
			}
		}
	}
	most := crowd // nothing decides among them, and ten are shown
	if d.kind == Company {
		most = maxCompanies + 1
	}
	var buffer [4]int32
	equal := d.equal(buffer[:0], name, most)
	switch {
	case len(equal) == 0:
		return Verdict{}, false
	case len(equal) == 1:
		d.rememberSure(name, RuleEqual, equal[0])
		return d.linked(RuleEqual, hit{equal[0], 1}, companies), true
	case len(equal) < most:
		return d.chooseEqual(equal, companies), true
	case d.kind == Company:
		d.sortByID(equal)
		v := d.chooseEqual(equal[:crowd], nil)
		v.All = nil
		return v, true
	}
	switch there := d.equalAt(name, companies); len(there) {
	case 0:
		return d.chooseEqual(equal, nil), true
	case 1:
		return d.linked(RuleEqualCompany, hit{there[0], 1}, nil), true
	default:
		return d.chooseEqual(there, nil), true
	}
}

// linked returns the verdict for a winner, which the row's company may veto.
func (d *Directory) linked(rule Rule, winner hit, companies []ID) Verdict {
	v := Verdict{Finding: Linked, Rule: rule, Winner: d.candidate(winner), Best: winner.score}
	if vetoed(v, companies) {
		v.Finding = CompanyMismatch
	}
	return v
}

// vetoed reports whether the winner belongs to a company that the row cannot mean.
func vetoed(v Verdict, companies []ID) bool {
	return len(companies) > 0 && v.Winner.CompanyID != (ID{}) && !slices.Contains(companies, v.Winner.CompanyID)
}

// ambiguous returns the verdict for several hits.
func (d *Directory) ambiguous(rule Rule, hits []hit) Verdict {
	d.sortHits(hits)
	return Verdict{Finding: Ambiguous, Rule: rule, Candidates: d.candidates(hits, maxCandidates), Show: maxCandidates,
		All: d.entryIDs(hits), Best: hits[0].score, Second: hits[1].score}
}

// chooseEqual decides among several equal names.
func (d *Directory) chooseEqual(equal []int32, companies []ID) Verdict {
	var there, all []hit
	for _, at := range equal {
		all = append(all, hit{at, 1})
		if s, i := d.place(at); slices.Contains(companies, s.employers[i]) {
			there = append(there, hit{at, 1})
		}
	}
	switch len(there) {
	case 0:
		return d.equallyNamed(all)
	case 1:
		return d.linked(RuleEqualCompany, there[0], nil)
	}
	return d.equallyNamed(there)
}

func (d *Directory) equallyNamed(hits []hit) Verdict {
	v := d.ambiguous(RuleEqual, hits)
	v.Usual = true
	return v
}

// chooseSimilar decides among names that are not equal: similar ones, other usual ways of writing,
// and the same name in another script.
func (d *Directory) chooseSimilar(name string, own []form, p Params, e *effort) Verdict {
	fs := comparable(d.kind, name, own)
	near, met := d.near(fs, p, e)
	read := d.readings(own, near, p, e)
	reordered, foreign := d.alike(name, own)
	if len(foreign) > 0 {
		near = d.nearest(fs, hintsSought, p.Threshold, e)
	}
	switch {
	case e.over(): // others may have been missed
		return Verdict{Rule: RuleTooSimilar}
	case len(foreign) > 0:
		return d.chooseAlike(slices.Concat(reordered, foreign, near), read)
	case len(reordered) > 0 && len(read) > 0:
		return d.chooseAlike(reordered, read)
	case len(reordered) > 0:
		return d.hinted(reordered, RuleGuard)
	case len(read) == 0 && len(near) == 0:
		return d.unresolved(fs, met, RuleThreshold, e)
	case len(read) == 0:
		return d.unresolved(fs, met, RuleGuard, e)
	}
	best, rivals, usual := read[0], []hit{read[0].hit}, read[0].slips == 0
	for _, r := range read[1:] {
		if r.chance >= best.chance-rivalsChance {
			rivals = append(rivals, r.hit)
			usual = usual && r.slips == 0
		}
	}
	if len(rivals) > 1 {
		v := d.ambiguous(RuleMargin, rivals)
		v.Usual = usual
		return v
	}
	if !best.sure(math.Log(p.Certainty)) {
		v := d.hinted(rivals, RuleCommon)
		v.Second = secondScore(near, best.entry)
		return v
	}
	rule := RuleSimilar
	if best.slips == 0 {
		rule = RuleVariant
	}
	v := d.linked(rule, best.hit, nil)
	v.Second = secondScore(near, best.entry)
	return v
}

// alike returns the entries that have the words of a name in another order, and those whose name is
// the same in another script.
func (d *Directory) alike(name string, own []form) (reordered, foreign []hit) {
	var found []int32
	for _, f := range own {
		found = d.turned(found, f)
	}
	scored := func(entries []int32) (hits []hit) {
		slices.Sort(entries)
		for _, at := range slices.Compact(entries) {
			hits = append(hits, hit{at, Score(d.kind, name, d.name(at))})
		}
		d.sortHits(hits)
		return hits
	}
	return scored(found), scored(d.transliterated(name, own))
}

// chooseAlike decides if a name has entries of alike. A transliteration is linked if it is the only
// entry that may be meant: nobody has a similar name, or one that this is a way of writing.
func (d *Directory) chooseAlike(hits []hit, read []readHit) Verdict {
	for _, r := range read {
		hits = append(hits, r.hit)
	}
	if hits = bestOfEach(hits); len(hits) == 1 {
		return d.linked(RuleVariant, hits[0], nil)
	}
	return d.ambiguous(RuleMargin, hits)
}

// secondScore returns the score of the nearest entry but the winner; 0 without one.
func secondScore(near []hit, winner int32) float64 {
	for _, h := range near {
		if h.entry != winner {
			return h.score
		}
	}
	return 0
}

// closest has all entries that score at least least, best first.
type closest struct {
	hits  []hit
	least float64
}

// near returns the best entry and all entries within the margin of it, if the best reaches the
// threshold. In either case it returns the closest entries that it found.
func (d *Directory) near(fs []form, p Params, e *effort) ([]hit, closest) {
	var hits []hit
	best := 0.0
	for _, f := range fs {
		s := d.search(f.text, e)
		s.nearest(max(p.Threshold, best)-p.Margin, p.Margin)
		hits, best = append(hits, s.hits...), max(best, s.best)
		s.done()
	}
	least := max(p.Threshold, best) - p.Margin
	hits = bestOfEach(slices.DeleteFunc(hits, func(h hit) bool { return h.score < least }))
	if best >= p.Threshold && !e.afford(len(hits)*readUnits) {
		return nil, closest{}
	}
	d.sortHits(hits)
	found := closest{hits, least}
	if best < p.Threshold {
		return nil, found
	}
	return hits, found
}

// search begins a search for a text on both segments.
func (d *Directory) search(text string, e *effort) *search {
	s := newSearch(text, e)
	s.in(d.base.similar, 0, d.gone)
	s.in(d.recent.similar, d.base.len(), nil)
	return s
}

// readHit is an entry that the query is a credible way of writing.
type readHit struct {
	hit
	reading
}

// readings returns the entries that the query is a credible way of writing, likeliest first: the
// near ones, and those found by the usual ways of writing names, however different they look.
func (d *Directory) readings(fs []form, near []hit, p Params, e *effort) []readHit {
	var read []readHit
	seen := map[int32]bool{}
	for _, h := range near {
		seen[h.entry] = true
		es := forms(d.kind, d.name(h.entry))
		if !e.spend(readingUnits(fs, es)) {
			return nil
		}
		if r, ok := d.readAny(fs, es, p); ok {
			read = append(read, readHit{h, r})
		}
	}
	for _, f := range fs {
		d.each(func(s *segment, visit func(int32)) { d.eachVariant(s, f, p, visit) }, func(at int32) {
			if e.over() || seen[at] {
				return
			}
			seen[at] = true
			es := forms(d.kind, d.name(at))
			if !e.spend(readingUnits(fs, es)) {
				return
			}
			if r, ok := d.readAny(fs, es, p); ok && r.slips == 0 {
				read = append(read, readHit{hit{at, bestScore(fs, es)}, r})
			}
		})
	}
	slices.SortFunc(read, func(a, b readHit) int {
		x, y := d.id(a.entry), d.id(b.entry)
		return cmp.Or(cmp.Compare(b.chance, a.chance), bytes.Compare(x[:], y[:]))
	})
	return read
}

func bestScore(qs, es []form) float64 {
	best := 0.0
	for _, q := range qs {
		for _, e := range es {
			best = max(best, jaroWinkler(q.text, e.text))
		}
	}
	return best
}

// unresolved returns the nearest entries as hints; known has those that are already found. Without
// the budget for a search it returns no hints.
func (d *Directory) unresolved(fs []form, known closest, rule Rule, e *effort) Verdict {
	hits := known.hits[:min(len(known.hits), hintsSought)]
	for _, least := range hintSearches {
		if len(hits) >= maxHints || len(hits) > 0 && least < nearHint {
			break
		}
		if least < known.least {
			found := d.nearest(fs, hintsSought, least, e)
			if e.over() {
				break
			}
			hits = found
		}
	}
	return d.hinted(hits, rule)
}

// hinted returns the verdict that no record is meant for certain, with hints.
func (d *Directory) hinted(hits []hit, rule Rule) Verdict {
	v := Verdict{Rule: rule, Candidates: d.candidates(hits, maxHints), Show: maxHints}
	if len(hits) > 0 {
		v.Best = hits[0].score
	}
	if len(hits) > 1 {
		v.Second = hits[1].score
	}
	return v
}

// hintSearches are the minimum scores of successive searches for hints, until there are enough. A
// search among very similar names costs a small part of one down to leastHint. Below nearHint one
// hint is enough: a less similar record is hardly meant if another one is more similar.
var hintSearches = [...]float64{0.90, nearHint, 0.81, leastHint}

// nearest returns the best entries that score at least least, at most so many.
func (d *Directory) nearest(fs []form, most int, least float64, e *effort) []hit {
	var hits []hit
	for _, f := range fs {
		s := d.search(f.text, e)
		raise := func(least float64) float64 {
			if len(s.hits) > 0 {
				hits = bestOfEach(append(hits, s.hits...))
				d.sortHits(hits)
				hits, s.hits = hits[:min(len(hits), most)], s.hits[:0]
			}
			if len(hits) < most {
				return least
			}
			return max(least, hits[most-1].score)
		}
		s.from(s.deepest, nearLengths, raise(least), raise)
		s.done()
	}
	return hits
}
