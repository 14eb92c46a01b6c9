package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

const (
	contactCount = 2000
	equalPairs   = 26 // names that two contacts bear
	equalTriples = 11 // names that three contacts bear
	closest      = 0.95
)

// contact is a row of contacts.csv.
type contact struct {
	id       string
	given    string
	middle   string // an initial, or empty
	surname  string
	woman    bool
	doctor   bool // written with Dr. in the directory
	reversed bool // written "Surname, Given" in the directory
	email    string
	company  int // index, or -1
	culture  *culture
	shared   bool // others bear the same name
}

// plain returns the name without titles, in the usual order.
func (c *contact) plain() string {
	if c.culture.surnameFirst() {
		return c.surname + " " + c.given
	}
	if c.middle != "" {
		return c.given + " " + c.middle + ". " + c.surname
	}
	return c.given + " " + c.surname
}

func (c *contact) comma() string { return c.surname + ", " + c.given }

// written returns the name as it is in contacts.csv.
func (c *contact) written() string {
	switch {
	case c.doctor:
		return "Dr. " + c.plain()
	case c.reversed:
		return c.comma()
	}
	return c.plain()
}

// directory has the records that tasks are resolved against.
type directory struct {
	companies    []company
	contacts     []contact
	people       crowd   // by index of contact
	groups       [][]int // contacts with equal names, each in another company
	twinContacts [][]int // contacts with equal names in companies that differ by legal form only
}

func makeDirectory(rng *rand.Rand) *directory {
	d := &directory{companies: makeCompanies(rng)}
	for i := range equalPairs + equalTriples {
		size := 2
		if i >= equalPairs {
			size = 3
		}
		d.groups = append(d.groups, d.addNamesakes(rng, d.differentCompanies(rng, size)))
	}
	for _, pair := range d.twins()[:4] {
		d.twinContacts = append(d.twinContacts, d.addNamesakes(rng, pair))
	}
	for i := range cultures {
		for _, surname := range cultures[i].rare {
			d.add(d.invent(rng, &cultures[i], surname))
		}
	}
	for len(d.contacts) < contactCount {
		c := d.invent(rng, pickCulture(rng), "")
		c.decorate(rng)
		d.add(c)
	}
	d.finish(rng)
	return d
}

// addNamesakes adds one contact with the same name to each of the companies.
func (d *directory) addNamesakes(rng *rand.Rand, companies []int) []int {
	c := d.invent(rng, d.companies[companies[0]].culture, "")
	c.shared = true
	var group []int
	for _, at := range companies {
		c.company = at
		group = append(group, len(d.contacts))
		d.add(c)
	}
	return group
}

func (d *directory) add(c contact) {
	d.contacts = append(d.contacts, c)
	d.people = append(d.people, spell(c.plain()))
}

// invent returns a contact whose name differs enough from all existing ones. If surname is empty,
// it chooses one.
func (d *directory) invent(rng *rand.Rand, cu *culture, surname string) contact {
	for {
		woman := rng.IntN(2) == 0
		c := contact{given: pick(rng, cu.given(woman)), surname: surname, woman: woman, culture: cu, company: -1}
		if surname == "" {
			c.surname = cu.surname(rng, woman)
		}
		if cu.code == "en" && rng.IntN(8) == 0 {
			c.middle = string(rune('A' + rng.IntN(26)))
		}
		if d.people.nearest(spell(c.plain()), -1, closest) < closest {
			return c
		}
	}
}

// decorate varies how a contact is written in the directory.
func (c *contact) decorate(rng *rand.Rand) {
	if c.culture.surnameFirst() || c.middle != "" {
		return
	}
	switch rng.IntN(20) {
	case 0:
		c.doctor = true
	case 1:
		c.reversed = true
	}
}

// finish assigns the contacts to companies, shuffles them and sets their ids and addresses.
func (d *directory) finish(rng *rand.Rand) {
	order := rng.Perm(len(d.contacts))
	home := map[string][]int{}
	for i := range d.companies {
		if !d.companies[i].twin {
			home[d.companies[i].culture.code] = append(home[d.companies[i].culture.code], i)
		}
	}
	used := map[string]bool{}
	for number, at := range order {
		c := &d.contacts[at]
		c.id = fmt.Sprintf("C-%04d", number+1)
		if at := home[c.culture.code]; !c.shared && len(at) > 0 && rng.IntN(100) < 92 {
			c.company = pick(rng, at)
		}
		if rng.IntN(100) < 88 {
			c.email = d.address(c, used)
		}
	}
}

func (d *directory) address(c *contact, used map[string]bool) string {
	host := "example.org"
	if c.company >= 0 {
		host = d.companies[c.company].domain
	}
	local := slug(c.given) + "." + slug(c.surname)
	address := local + "@" + host
	for n := 2; used[address]; n++ {
		address = fmt.Sprintf("%s%d@%s", local, n, host)
	}
	used[address] = true
	return address
}

// differentCompanies picks companies without twins.
func (d *directory) differentCompanies(rng *rand.Rand, n int) []int {
	var out []int
	for _, i := range rng.Perm(len(d.companies)) {
		if len(out) < n && !d.companies[i].twin {
			out = append(out, i)
		}
	}
	return out
}

// twins returns the pairs of companies that differ by their legal form only.
func (d *directory) twins() [][]int {
	var out [][]int
	for i := range d.companies {
		for j := i + 1; j < len(d.companies); j++ {
			if d.companies[i].twin && d.companies[i].stem == d.companies[j].stem {
				out = append(out, []int{i, j})
			}
		}
	}
	return out
}

// simple reports whether the name is one given name and one surname, neither with a hyphen or an
// apostrophe.
func (c *contact) simple() bool {
	return c.middle == "" && !c.culture.surnameFirst() && !strings.ContainsAny(c.given+c.surname, " -'")
}
