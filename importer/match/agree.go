package match

import "slices"

// Agreement is how well a name fits a record that is known by other means.
type Agreement uint8

// The agreements, the closest last.
const (
	Disagrees Agreement = iota // somebody else is called so
	Similar                    // alike, and each word holds its own
	Usual                      // equal, or another usual way of writing it, also only a part of it
)

// Agrees returns how well a name fits a record that is called called. It asks about this record
// alone: whether another one fits better, Resolve says.
func (d *Directory) Agrees(name, called string, p Params) Agreement {
	as, bs := forms(d.kind, name), forms(d.kind, called)
	best := Disagrees
	if isForeign(as) != isForeign(bs) && sameKey(comparable(d.kind, name, as), comparable(d.kind, called, bs)) {
		return Usual
	}
	for _, a := range as {
		for _, b := range bs {
			if d.sameOrder([]form{a}, []form{b}) || d.isPartOf(a, b) || d.kind == Person && abbreviates(a, b, p) {
				return Usual
			}
			if r, ok := d.read(a, b, p); ok && r.slips == 0 {
				return Usual
			} else if ok {
				best = Similar
			}
		}
	}
	return best
}

// sameKey reports whether two names have a form of one key.
func sameKey(as, bs []form) bool {
	return slices.ContainsFunc(as, func(a form) bool {
		return slices.ContainsFunc(bs, func(b form) bool { return a.key() == b.key() })
	})
}

// isPartOf reports whether a form has only words of another one: of a company the first, of a
// person any of them, in an order that the whole name may have.
func (d *Directory) isPartOf(part, whole form) bool {
	if d.kind == Company {
		return isShortForm(part, whole)
	}
	if !slices.Equal(marks(part.words), marks(whole.words)) {
		return false
	}
	names := withoutGeneration(whole.words)
	for at := range names {
		rest := withoutGeneration(part.words)
		for i := range names {
			if len(rest) > 0 && rest[0] == names[(at+i)%len(names)] {
				rest = rest[1:]
			}
		}
		if len(rest) == 0 {
			return true
		}
		if d.keepsOrder(whole) {
			break
		}
	}
	return false
}

// abbreviates reports whether every word of a person's name is one of the other's, its initial or
// its familiar form: Hansi M. of Hans Müller.
func abbreviates(q, e form, p Params) bool {
	if len(q.words) != len(e.words) {
		return false
	}
	for i, w := range q.words {
		full := e.words[i]
		familiar := !p.NoNicknames && slices.Contains(nicknames[w], full)
		if w != full && !familiar && w != initialOf(full) {
			return false
		}
	}
	return true
}

// IsShortForm reports whether a company's name consists of the first words of another one, such as
// Roche of Roche Holding AG. A name with a legal form of its own is not short.
func IsShortForm(short, name string) bool {
	for _, a := range forms(Company, short) {
		for _, b := range forms(Company, name) {
			if isShortForm(a, b) {
				return true
			}
		}
	}
	return false
}

func isShortForm(a, b form) bool {
	n := len(a.words)
	return a.whole && n < len(b.words) && slices.Equal(a.words, b.words[:n])
}

// Score is how alike two names are, from 0 to 1: Jaro–Winkler over the normalized names.
func Score(k Kind, a, b string) float64 {
	return bestScore(comparable(k, a, forms(k, a)), comparable(k, b, forms(k, b)))
}

// CompanyOf returns the company that the entry with an id belongs to; the zero ID for none.
func (d *Directory) CompanyOf(id ID) ID {
	at := d.find(id)
	if at < 0 {
		return ID{}
	}
	s, i := d.place(at)
	return s.employers[i]
}
