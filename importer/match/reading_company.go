package match

import (
	"slices"
	"strings"
)

// abbreviationTables parses the lines "short: word word …" of a list file. It returns the words of
// each abbreviation, and for each of those words its first abbreviation, to which all are reduced.
func abbreviationTables(file string) (full map[string][]string, short map[string]string) {
	full, short = map[string][]string{}, map[string]string{}
	for line := range listLines(file) {
		abbreviation, words, _ := strings.Cut(line, ":")
		full[abbreviation] = strings.Fields(words)
		for _, w := range full[abbreviation] {
			if short[w] == "" {
				short[w] = abbreviation
			}
		}
	}
	return full, short
}

// correctableForms are legal forms that are recognized with a slip.
var correctableForms = []string{"inc", "corp", "ltd", "llc", "plc", "gmbh", "limited", "corporation", "company",
	"incorporated"}

// formSlip reports whether the last word of a company's name is a mistyped legal form, and returns
// the logarithm of the probability of that slip.
func (d *Directory) formSlip(last string) (chance float64, ok bool) {
	if len(last) < 2 || d.known(last) {
		return 0, false
	}
	for _, f := range correctableForms {
		if slips, chance := slip(f, last, 1); slips == 1 {
			return chance, true
		}
	}
	return 0, false
}

// essential returns the words of a company's name without those at its end that people leave out.
// "Trust" is left out only if it serves as the legal form.
func essential(f form) []string {
	words := f.words
	for len(words) > 1 && (words[len(words)-1] == "and" || f.whole && words[len(words)-1] == "trust") {
		words = words[:len(words)-1]
	}
	return words
}

// squeezedCompany returns the key by which a company's name is found, however it is abbreviated or
// spaced.
func squeezedCompany(words []string) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			if full := abbreviations[w]; full != nil {
				w = full[0]
			}
			if short, ok := stems[w]; ok {
				w = short
			}
		}
		b.WriteString(w)
	}
	return b.String()
}

// readCompany explains a company's name. Single words distinguish companies, so a word of the
// directory is never a misspelling of another one.
func (d *Directory) readCompany(q, e form) (reading, bool) {
	r := reading{others: d.population()}
	if !slices.Equal(marks(q.words), marks(e.words)) {
		return r, false
	}
	qw, ew := essential(q), essential(e)
	if equalButForSpaces(q.text, e.text) {
		r.chance = logSplit
		r.companyWords(d, ew, ew)
		return r, true
	}
	if len(qw) == len(ew)+1 {
		last := qw[len(qw)-1]
		if chance, ok := d.formSlip(last); ok {
			r.chance += chance
			r.others += d.frequency(last, false, 0)
			qw = qw[:len(qw)-1]
		}
	}
	return r, len(qw) == len(ew) && r.companyWords(d, qw, ew)
}

func (r *reading) companyWords(d *Directory, q, e []string) bool {
	for i := range q {
		switch {
		case q[i] == e[i], i > 0 && (slices.Contains(abbreviations[q[i]], e[i]) || slices.Contains(abbreviations[e[i]],
			q[i])):
			r.others += d.frequency(e[i], i == 0, 1)
		case min(len(q[i]), len(e[i])) < shortestWord, d.known(q[i]), !r.mistyped(d, q[i], e[i], i == 0, companySlips(q[i],
			e[i])):
			return false
		}
	}
	return true
}

// companySlips returns how many letters of a word may be wrong. Companies have similar names, such
// as Milling and Mining, so only long words may have two wrong letters.
func companySlips(q, e string) int {
	if min(len(q), len(e)) >= 10 {
		return 2
	}
	return 1
}
