package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"
)

const (
	companyCount = 300
	twinPairs    = 6 // companies that differ by their legal form only
)

// company is a row of companies.csv.
type company struct {
	id      string
	stem    string // the name without the legal form
	form    string
	domain  string
	culture *culture
	twin    bool
}

func (c *company) name() string {
	if c.form == "Inc." {
		return c.stem + ", " + c.form
	}
	return c.stem + " " + c.form
}

// otherForm has the form that replaces a legal form. Only forms that are known everywhere occur in
// rows about legal forms.
var otherForm = map[string]string{
	"GmbH": "AG", "AG": "GmbH", "KG": "GmbH & Co. KG", "GmbH & Co. KG": "GmbH", "Ltd": "Limited", "Limited": "Ltd.",
	"LLC": "Inc.", "Inc.": "LLC", "plc": "Ltd",
	"SARL": "SAS", "SAS": "SARL", "S.A.": "SA", "S.L.": "S.A.", "S.r.l.": "S.p.A.", "S.p.A.": "Srl",
	"sp. z o.o.": "S.A.", "AB": "AS", "AS": "AB", "A/S": "ApS",
	"ApS": "A/S", "Oy": "AB", "B.V.": "N.V.", "N.V.": "BV", "Lda.": "S.A.", "s.r.o.": "a.s.", "a.s.": "s.r.o.",
}

// makeCompanies invents the companies. Only the twins are alike without their legal forms.
func makeCompanies(rng *rand.Rand) []company {
	var out []company
	var known crowd
	for len(out) < companyCount {
		c := inventCompany(rng, pickCulture(rng))
		written := spell(c.stem)
		if known.nearest(written, -1, 0.92) >= 0.92 {
			continue
		}
		if len(out) < 2*twinPairs {
			twin, ok := twinOf(c)
			if !ok {
				continue
			}
			c.twin = true
			out = append(out, twin)
		}
		known = append(known, written)
		out = append(out, c)
	}
	rng.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	for i := range out {
		out[i].id = fmt.Sprintf("K-%03d", i+1)
	}
	return out
}

func inventCompany(rng *rand.Rand, cu *culture) company {
	head := pick(rng, cu.surnames)
	words := []string{head, pick(rng, cu.trades)}
	if cu.tradeFirst {
		words[0], words[1] = words[1], words[0]
	}
	stem := strings.Join(words, " ")
	form := pick(rng, cu.forms)
	return company{stem: stem, form: form, domain: domain(rng, stem), culture: cu}
}

// twinOf returns the company with another legal form; both forms must be known everywhere.
func twinOf(c company) (company, bool) {
	known := otherForm[c.form] != ""
	for _, form := range c.culture.forms {
		if known && form != c.form && otherForm[form] != "" {
			c.form, c.twin = form, true
			c.domain = slug(c.stem+" "+c.form) + ".example"
			return c, true
		}
	}
	return c, false
}

func domain(rng *rand.Rand, stem string) string {
	endings := []string{".example", ".example", ".example.com", ".example.org", ".example.net"}
	return slug(stem) + pick(rng, endings)
}

// slug returns a name as it is written in a domain or an address.
func slug(s string) string {
	words := strings.FieldsFunc(strings.ToLower(bare(s)), func(r rune) bool {
		return !unicode.IsLetter(r) &&
			!unicode.IsDigit(r) && r != '\''
	})
	return strings.ReplaceAll(strings.Join(words, "-"), "'", "")
}
