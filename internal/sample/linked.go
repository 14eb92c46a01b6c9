package main

import (
	"strings"
	"unicode/utf8"
)

// clearance is the minimum distance of every other contact from the one that a row means.
const clearance = 0.06

// atHome picks an ordinary contact with a company.
func (m *maker) atHome() int {
	for {
		if at := pick(m.rng, m.ordinary); m.contacts[at].company >= 0 {
			return at
		}
	}
}

func exact(m *maker, kind string) (row, bool) {
	at := m.atHome()
	return m.created(kind, at, m.contacts[at].written(), true), true
}

func contactOnly(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	return m.created(kind, at, m.contacts[at].written(), false), true
}

func companyOnly(m *maker, kind string) (row, bool) {
	c := &m.companies[m.rng.IntN(len(m.companies))]
	if c.twin {
		return row{}, false
	}
	return m.ofCompany(kind, c, c.name()), true
}

func (m *maker) ofCompany(kind string, c *company, written string) row {
	r := row{task: m.fill(c.culture), outcome: "created", kind: kind, companyID: c.id}
	r.company = written
	return r
}

// createdDate returns a row with a created_date of its kind. The task is created whatever the date.
func createdDate(forms ...string) func(*maker, string) (row, bool) {
	return func(m *maker, kind string) (row, bool) {
		r, ok := exact(m, kind)
		r.created = pick(m.rng, forms)
		return r, ok
	}
}

func spaces(m *maker, kind string) (row, bool) {
	at := m.atHome()
	return m.created(kind, at, "  "+strings.ReplaceAll(m.contacts[at].plain(), " ", "  ")+" ", true), true
}

func deadLetterCase(m *maker, kind string) (row, bool) {
	at := m.atHome()
	written := m.contacts[at].plain()
	if strings.ContainsAny(written, "ßıİ") {
		return row{}, false
	}
	if m.rng.IntN(2) == 0 {
		return m.created(kind, at, strings.ToUpper(written), true), true
	}
	return m.created(kind, at, strings.ToLower(written), true), true
}

func honorific(m *maker, kind string) (row, bool) {
	at := m.atHome()
	c := &m.contacts[at]
	if c.doctor {
		return m.created(kind, at, c.plain(), true), true
	}
	titles := []string{"Dr.", "Prof.", "Prof. Dr."}
	address := c.culture.titlesOfAddress[1]
	if c.woman {
		address = c.culture.titlesOfAddress[0]
	}
	if address != "" {
		titles = append(titles, address, address)
	}
	return m.created(kind, at, pick(m.rng, titles)+" "+c.plain(), true), true
}

// legalForm drops the legal form of the company, or replaces it by another.
func legalForm(m *maker, kind string) (row, bool) {
	at := m.atHome()
	c := &m.companies[m.contacts[at].company]
	other, ok := otherForm[c.form]
	if !ok {
		return row{}, false
	}
	written := c.stem
	if m.rng.IntN(3) == 0 {
		written += " " + other
	}
	if m.rng.IntN(3) == 0 {
		return m.ofCompany(kind, c, written), true
	}
	r := m.created(kind, at, m.contacts[at].written(), true)
	r.company = written
	return r, true
}

// companyChooses names a contact with namesakes, and the company.
func companyChooses(m *maker, kind string) (row, bool) {
	at := pick(m.rng, pick(m.rng, m.groups))
	return m.created(kind, at, m.contacts[at].written(), true), true
}

func accent(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	plain := m.contacts[at].plain()
	return m.rewritten(kind, at, bare(plain), plain)
}

func umlaut(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	plain := m.contacts[at].plain()
	if m.contacts[at].culture.code != "de" || !strings.ContainsAny(plain, "äöüÄÖÜ") {
		return row{}, false
	}
	long := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue", "ß", "ss")
	return m.rewritten(kind, at, long.Replace(plain), plain)
}

// comma turns "Given Surname" into "Surname, Given", or the reverse if the directory has the
// latter.
func comma(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	c := &m.contacts[at]
	if c.culture.surnameFirst() || c.middle != "" {
		return row{}, false
	}
	if c.reversed {
		return m.rewritten(kind, at, c.plain(), c.comma())
	}
	return m.rewritten(kind, at, c.comma(), c.plain())
}

func order(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	c := &m.contacts[at]
	if !c.simple() {
		return row{}, false
	}
	return m.rewritten(kind, at, c.surname+" "+c.given, c.plain())
}

// initialMiddle leaves out the full stop behind a middle initial.
func initialMiddle(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	c := &m.contacts[at]
	if c.middle == "" {
		return row{}, false
	}
	return m.rewritten(kind, at, c.given+" "+c.middle+" "+c.surname, c.plain())
}

// rewritten returns a row whose name equals the contact's after normalization and is not similar to
// any other.
func (m *maker) rewritten(kind string, at int, written, unlike string) (row, bool) {
	if written == unlike || !m.once(kind, at) || m.people.nearest(spell(written), at, 1-clearance) > 1-clearance {
		return row{}, false
	}
	return m.created(kind, at, written, m.rng.IntN(3) > 0), true
}

// typo changes one letter inside a long surname. The row is kept if both words still fit very well
// and no other contact is close.
func typo(m *maker, kind string) (row, bool) {
	at := pick(m.rng, m.ordinary)
	c := &m.contacts[at]
	if !c.simple() || utf8.RuneCountInString(c.surname) < 7 || utf8.RuneCountInString(c.given) < 5 {
		return row{}, false
	}
	surname := m.slip(c.surname)
	written, meant := spell(c.given+" "+surname), &m.people[at]
	wrong, right := spell(surname), spell(c.surname)
	best := written.surely(meant)
	if wrong.score(&right, 1) == 1 || best < 0.95 || wrong.surely(&right) < 0.92 || m.people.nearest(written, at,
		best-clearance) > best-clearance || !m.once(kind, at) {
		return row{}, false
	}
	return m.created(kind, at, c.given+" "+surname, m.rng.IntN(3) > 0), true
}

// slip makes one keyboard slip after the first three letters: a letter is left out, doubled,
// swapped with the next, or replaced.
func (m *maker) slip(word string) string {
	letters := []rune(word)
	at := 3 + m.rng.IntN(len(letters)-4)
	before, after := string(letters[:at]), string(letters[at+1:])
	switch m.rng.IntN(4) {
	case 0:
		return before + after
	case 1:
		return before + string(letters[at]) + string(letters[at]) + after
	case 2:
		return before + string(letters[at+1]) + string(letters[at]) + string(letters[at+2:])
	}
	return before + string(pick(m.rng, []rune("aeiounrst"))) + after
}
