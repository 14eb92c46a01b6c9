package main

import (
	"slices"
	"strings"
)

const (
	strangest = 0.80 // upper bound of the similarity of a stranger to any contact
	relative  = 0.86 // lower bound of the similarity of a near miss to a contact
	otherWord = 0.88 // upper bound of the similarity of its one different word
	farOff    = 0.86 // below this score nobody is a candidate
)

// ambiguousEqual names two or three contacts with the same name, and no company.
func ambiguousEqual(m *maker, kind string) (row, bool) {
	group := pick(m.rng, m.groups)
	return m.ambiguousContact(kind, group), true
}

func (m *maker) ambiguousContact(kind string, group []int) row {
	c := &m.contacts[group[0]]
	r := m.rejected(kind, "ambiguous_reference", c.culture)
	r.contact = c.written()
	for _, at := range group {
		r.candidates = append(r.candidates, m.contacts[at].id)
	}
	slices.Sort(r.candidates)
	return r
}

// ambiguousForm names no contact, and a company that exists with two legal forms.
func ambiguousForm(m *maker, kind string) (row, bool) {
	pair := pick(m.rng, m.twins())
	c := &m.companies[pair[0]]
	r := m.rejected(kind, "ambiguous_reference", c.culture)
	r.company = c.stem
	r.candidates = []string{c.id, m.companies[pair[1]].id}
	slices.Sort(r.candidates)
	return r, true
}

// ambiguousBoth names one of two namesakes whose companies differ by legal form only, and that
// company without its form. It is open whether the contacts or the companies are the candidates.
func ambiguousBoth(m *maker, kind string) (row, bool) {
	group := pick(m.rng, m.twinContacts)
	r := m.ambiguousContact(kind, group)
	r.company = m.companies[m.contacts[group[0]].company].stem
	r.candidates = nil
	return r, true
}

// stranger names a person who is not similar to any contact; half of the rows name an existing
// company.
func stranger(m *maker, kind string) (row, bool) {
	written := pick(m.rng, strangerGiven) + " " + pick(m.rng, strangerSurnames)
	if m.people.nearest(spell(written), -1, strangest) >= strangest || !m.once(kind, written) {
		return row{}, false
	}
	r := m.rejected(kind, "unresolved_reference", pickCulture(m.rng))
	r.contact = written
	if c := &m.companies[m.rng.IntN(len(m.companies))]; m.rng.IntN(2) == 0 && !c.twin {
		r.company = c.name()
	}
	return r, true
}

func strangerCompany(m *maker, kind string) (row, bool) {
	written := pick(m.rng, strangerCompanies)
	whole, words := spell(written), strings.Fields(written)
	for cut := len(words); cut > 1; cut-- {
		stem := spell(strings.Join(words[:cut], " "))
		if m.stems.nearest(stem, -1, strangest) >= strangest {
			return row{}, false
		}
	}
	if m.firms.nearest(whole, -1, strangest) >= strangest || !m.once(kind, written) {
		return row{}, false
	}
	r := m.rejected(kind, "unresolved_reference", pickCulture(m.rng))
	r.company = written
	return r, true
}

// nearMiss names a relative who is not in the directory: the surname of a contact with a clearly
// different given name. The whole name is still similar to that contact only.
func nearMiss(m *maker, kind string) (row, bool) {
	at := m.atHome()
	c := &m.contacts[at]
	if !c.simple() {
		return row{}, false
	}
	given := pick(m.rng, c.culture.given(m.rng.IntN(2) == 0))
	if c.culture.surnamesWomen != nil {
		given = pick(m.rng, c.culture.given(c.woman))
	}
	written := spell(given + " " + c.surname)
	best := written.surely(&m.people[at])
	if best < relative || written.weakestWord(&m.people[at]) >= otherWord || !m.once(kind, given+" "+c.surname) {
		return row{}, false
	}
	if others := max(best-clearance, farOff); m.people.nearest(written, at, others) > others || m.fits(written) {
		return row{}, false
	}
	r := m.rejected(kind, "unresolved_reference", c.culture)
	r.contact = given + " " + c.surname
	if m.rng.IntN(2) == 0 {
		r.company = m.companies[c.company].name()
	}
	return r, true
}

// fits reports whether every word of the name fits those of some contact.
func (m *maker) fits(written name) bool {
	for i := range m.people {
		if written.weakestWord(&m.people[i]) >= otherWord {
			return true
		}
	}
	return false
}

// mismatch names a contact exactly, and an existing company that is not the contact's.
func mismatch(m *maker, kind string) (row, bool) {
	at := m.atHome()
	other := m.rng.IntN(len(m.companies))
	if other == m.contacts[at].company || m.companies[other].twin || !m.once(kind, at) {
		return row{}, false
	}
	r := m.rejected(kind, "company_mismatch", m.contacts[at].culture)
	r.contact, r.company = m.contacts[at].written(), m.companies[other].name()
	return r, true
}
