package match

import (
	_ "embed"
	"strings"
)

// The lists are data files, so that a person who knows names can edit them. Each explains its
// format.
var (
	//go:embed given_names.txt
	givenNamesFile string
	//go:embed surnames.txt
	surnamesFile string
	//go:embed nicknames.txt
	nicknamesFile string
)

var (
	givenNames = set(listed(givenNamesFile)...)
	surnames   = set(listed(surnamesFile)...)

	// nicknames has the full names of each short or familiar form.
	nicknames = nicknameTable(nicknamesFile)
)

// listed returns the words of a list file.
func listed(file string) (words []string) {
	for line := range strings.Lines(file) {
		if !strings.HasPrefix(line, "#") {
			words = append(words, strings.Fields(line)...)
		}
	}
	return words
}

// nicknameTable parses the lines "name: form form …" of a list file.
func nicknameTable(file string) map[string][]string {
	table := map[string][]string{}
	for line := range strings.Lines(file) {
		name, short, ok := strings.Cut(line, ":")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		for _, s := range strings.Fields(fold(short, false)) {
			table[s] = append(table[s], name)
		}
	}
	return table
}
