package match

import (
	"math"
	"strings"
)

// reading is an account of how a query may be a way of writing an entry's name: every word of both
// has its part in it. It weighs two stories against each other, as record linkage does (I. P.
// Fellegi and A. B. Sunter, 1969): the entry is meant, and was written like this; or somebody else
// is meant, who really is called like this. All figures are natural logarithms.
type reading struct {
	chance float64 // of the query being written, if the entry is meant
	doubt  float64 // what speaks for the first story on top: the entry's own spelling is so odd that it must be a slip
	others float64 // how many other people are called like the query, among as many as the directory has
	slips  int     // letters that are wrong
	wrong  int     // words that have wrong letters
}

// odds returns how much likelier the first story is.
func (r *reading) odds() float64 { return r.chance + r.doubt - r.others }

// What is likelier than what; only the order of magnitude matters.
var (
	logMiddle    = math.Log(1.0 / 2)  // a middle name is left out
	logInitial   = math.Log(1.0 / 20) // a given name is written as its initial
	logNickname  = math.Log(1.0 / 20) // a given name is written in its familiar form
	logFormal    = math.Log(1.0 / 4)  // somebody who is listed under the familiar form is given the full name
	logMarried   = math.Log(1.0 / 3)  // half of a double name is left out
	logSplit     = math.Log(1.0 / 3)  // a space is too many, or lost
	logReversed  = math.Log(1.0 / 20) // the surname comes first, without a comma
	logMisfiled  = math.Log(1.0 / 20) // how much rarer slips are in a directory than in a query
	secondSlip   = 5.0                // how much surer a reading with several slips must be,
	secondWord   = 12.0               // and one with slips in several words
	rivalsChance = 5.0                // how much less likely a second reading must be to be no rival
)

// sure reports whether a reading is certain enough: the odds reach least, or more where several
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

// read accounts for a query as a way of writing an entry's name; it reports false where no such
// account is credible.
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

// frequency is the logarithm of how frequent a word is; first is whether it stands first, where
// people have their given name.
func (d *Directory) frequency(word string, first bool, without int32) float64 {
	common := d.kind == Person && (givenNames[word] || !first && surnames[word])
	return d.lexicon.logFrequency(word, first, without, common)
}

// same counts those others who bear a word too that query and entry share: all that the directory
// has but the entry, and some that it has not, since relatives and namesakes are more frequent than
// chance.
func (r *reading) same(d *Directory, word string, first bool) {
	r.others += d.lexicon.logOthers(word, first)
}

// mistyped accounts for a word as another one with slips of the pen: mostly in the query, sometimes
// in the directory.
func (r *reading) mistyped(d *Directory, q, e string, first bool, most int) bool {
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

// equalButForSpaces reports whether two texts have the same letters in the same order.
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
