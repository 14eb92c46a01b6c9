package match

import (
	_ "embed"
	"iter"
	"strings"
)

// The lists are data files, so that a person who knows names can edit them. The head of each file
// explains its format.
var (
	//go:embed given_names.txt
	givenNamesFile string
	//go:embed further_given_names.txt
	furtherGivenNamesFile string
	//go:embed surnames.txt
	surnamesFile string
	//go:embed nicknames.txt
	nicknamesFile string
	//go:embed legal_forms.txt
	legalFormsFile string
	//go:embed abbreviations.txt
	abbreviationsFile string
)

var (
	// givenNames are common: two different ones are two people, however alike they look.
	givenNames = set(listed(givenNamesFile)...)
	// orderedNames are the given names that matter for the word order.
	orderedNames = set(append(listed(givenNamesFile), listed(furtherGivenNamesFile)...)...)
	// surnames are common: one is not a misspelling of another.
	surnames = set(listed(surnamesFile)...)
	// nicknames has the full names of each short or familiar form.
	nicknames = nicknameTable(nicknamesFile)
	// legalForms has the legal forms of companies by their last word.
	legalForms = formTable(legalFormsFile)
	// abbreviations has the words for each abbreviation in a company name. stems has the abbreviation
	// to which each such word is reduced.
	abbreviations, stems = abbreviationTables(abbreviationsFile)
)

// listLines returns the lines of a list file without comments and empty lines.
func listLines(file string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for line := range strings.Lines(file) {
			line = strings.TrimSpace(line)
			if line != "" && !strings.HasPrefix(line, "#") && !yield(line) {
				return
			}
		}
	}
}

// listed returns the words of a list file.
func listed(file string) (words []string) {
	for line := range listLines(file) {
		words = append(words, strings.Fields(line)...)
	}
	return words
}

// nicknameTable parses the lines "name: form form …" of a list file.
func nicknameTable(file string) map[string][]string {
	table := map[string][]string{}
	for line := range listLines(file) {
		name, short, _ := strings.Cut(line, ":")
		for _, s := range strings.Fields(fold(short, false)) {
			table[s] = append(table[s], name)
		}
	}
	return table
}
