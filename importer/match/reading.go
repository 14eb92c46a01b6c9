package match

import (
	"math"
	"strings"
)

// reading explains how a query may be a way of writing an entry's name: every word of both has a
// part in it. It weighs two hypotheses, as record linkage does (I. P. Fellegi and A. B. Sunter,
// 1969): the entry is meant and was written like this, or somebody else is meant who really has
// this name. All figures are natural logarithms.
type reading struct {
	chance float64 // the probability of the query, if the entry is meant
	// further evidence for the first hypothesis: the entry's own spelling is so odd that it must be a
	// slip
	doubt float64
	// how many other people have the query's name, among as many as the directory has
	others float64
	slips  int // wrong letters
	wrong  int // words with wrong letters
}

// odds returns how much likelier the first hypothesis is.
func (r *reading) odds() float64 { return r.chance + r.doubt - r.others }

// Relative probabilities; only the order of magnitude matters.
var (
	logMiddle    = math.Log(1.0 / 2)  // a middle name is left out
	logInitial   = math.Log(1.0 / 20) // a given name is written as its initial
	logNickname  = math.Log(1.0 / 20) // a given name is written in its familiar form
	logFormal    = math.Log(1.0 / 4)  // a person listed by the familiar form is written with the full name
	logMarried   = math.Log(1.0 / 3)  // half of a double name is left out
	logSplit     = math.Log(1.0 / 3)  // a surplus or missing space
	logReversed  = math.Log(1.0 / 20) // the surname comes first, without a comma
	logMisfiled  = math.Log(1.0 / 20) // how much rarer slips are in a directory than in a query
	secondSlip   = 5.0                // how much surer a reading with several slips must be
	secondWord   = 12.0               // how much surer a reading with slips in several words must be
	rivalsChance = 5.0                // how much less likely a second reading must be to be disregarded
)

// sure reports whether a reading is certain enough: the odds reach least, or more if several
// letters are wrong.
func (r *reading) sure(least float64) bool {
	switch {
	case r.wrong > 1:
		least += secondWord
	case r.slips > 1:
		least += secondSlip
	}
	return r.odds() >= least
}

// read explains a query as a way of writing an entry's name; it reports false if that is not
// credible.
func (d *Directory) read(q, e form, p Params) (reading, bool) {
	if d.kind == Company {
		return d.readCompany(q, e)
	}
	return d.readPerson(q, e, !p.NoNicknames)
}

// readAny returns the best reading of any form of a query as any form of an entry's name: the one
// with the fewest slips, then the likeliest.
func (d *Directory) readAny(qs, es []form, p Params) (best reading, ok bool) {
	for _, q := range qs {
		for _, e := range es {
			r, credible := d.read(q, e, p)
			if credible && (!ok || r.slips < best.slips || r.slips == best.slips && r.odds() > best.odds()) {
				best, ok = r, true
			}
		}
	}
	return best, ok
}

// frequency returns the logarithm of a word's frequency; first is true for the first word, where
// people have their given name.
func (d *Directory) frequency(word string, first bool, without int32) float64 {
	common := d.kind == Person && (givenNames[word] || !first && surnames[word])
	return d.lexicon.logFrequency(word, first, without, common)
}

// same counts the other people with a word that query and entry share: those in the directory less
// the entry, and some beyond it, since relatives and namesakes are more frequent than chance.
func (r *reading) same(d *Directory, word string, first bool) {
	r.others += d.lexicon.logOthers(word, first)
}

// mistyped explains a word as another one with slips: mostly in the query, sometimes in the
// directory.
func (r *reading) mistyped(d *Directory, q, e string, first bool, most int) bool {
	if !isASCII(q) || !isASCII(e) { // one letter of another script makes another name
		return false
	}
	slips, chance := slip(e, q, most)
	if slips > most {
		return false
	}
	inQuery, inDirectory := d.frequency(q, first, 0), d.frequency(e, first, 1)
	misfiled := chance + logMisfiled + inQuery
	known := logSum(chance, misfiled-logSum(misfiled, inDirectory))
	r.chance += known
	r.doubt += logSum(chance, misfiled-inDirectory) - known
	r.others += inQuery
	r.slips += slips
	r.wrong++
	return true
}

// logSum returns log(exp(a) + exp(b)).
func logSum(a, b float64) float64 {
	if a < b {
		a, b = b, a
	}
	return a + math.Log1p(math.Exp(b-a))
}

// equalButForSpaces reports whether two texts differ in spaces only.
func equalButForSpaces(a, b string) bool {
	for a != "" || b != "" {
		switch {
		case strings.HasPrefix(a, " "):
			a = a[1:]
		case strings.HasPrefix(b, " "):
			b = b[1:]
		case a == "" || b == "" || a[0] != b[0]:
			return false
		default:
			a, b = a[1:], b[1:]
		}
	}
	return true
}

// known reports whether the directory has a word.
func (d *Directory) known(word string) bool { return d.lexicon.of(word).all() > 0 }
