package match

import (
	"regexp"
	"slices"
	"strings"
)

// leadingForms are legal forms before the name.
var leadingForms = set("pt", "ooo", "oao", "zao", "pao", "uab", "sia", "ооо", "оао", "зао", "пао", "株式会社")

// unspaced are legal forms in scripts without spaces.
var unspaced = []string{"股份有限公司", "有限责任公司", "有限公司", "株式会社"}

// ands are the words for "and".
var ands = set("and", "und", "et", "og", "och", "y")

// formTable parses a list file of legal forms. It returns the forms by their last word, those with
// the most words first.
func formTable(file string) map[string][][]string {
	table := map[string][][]string{}
	for line := range listLines(file) {
		for f := range strings.SplitSeq(line, ",") {
			words := strings.Fields(f)
			last := words[len(words)-1]
			table[last] = append(table[last], words)
		}
	}
	for _, f := range table {
		slices.SortStableFunc(f, func(a, b []string) int { return len(b) - len(a) })
	}
	return table
}

// companyWords returns the words of a company's name without its legal forms; whole is true for a
// name without one. A name that is nothing but legal forms keeps them.
func companyWords(name string, long bool) (words []string, whole bool) {
	if strings.ContainsAny(name, `/\`) {
		name = registryTag.ReplaceAllString(name, "")
	}
	words = strings.Fields(fold(name, long))
	for i, w := range words {
		if ands[w] {
			words[i] = "and"
		}
		if isASCII(w) {
			continue
		}
		for _, form := range unspaced {
			if rest := strings.TrimSuffix(w, form); rest != "" && rest != w {
				words[i] = rest
				break
			}
		}
	}
	if len(words) > 1 && words[0] == "the" {
		words = words[1:]
	}
	if len(words) > 1 && leadingForms[words[0]] {
		words = words[1:]
	}
	for all := len(words); ; {
		shorter := cutForm(words)
		if len(shorter) == len(words) {
			return words, len(words) == all
		}
		words = shorter
	}
}

// cutForm removes one legal form from the end.
func cutForm(words []string) []string {
	if len(words) < 2 {
		return words
	}
	for _, form := range legalForms[words[len(words)-1]] {
		at := len(words) - len(form)
		if at < 1 || !slices.Equal(words[at:], form) {
			continue
		}
		if at > 1 && words[at-1] == "and" {
			at-- // "& Co."
		}
		return words[:at]
	}
	return words
}

func companyForm(name string, long bool) form {
	words, whole := companyWords(name, long)
	text := strings.Join(words, " ")
	return form{text: text, words: words, whole: whole}
}

// registryTag is the state or country that registers write behind a name: "Mattel Inc /DE/".
var registryTag = regexp.MustCompile(`\s*[/\\]\s*[A-Za-z]{2,3}\s*[/\\]?\s*$`)
