package match

import "strings"

// titles are words before or behind a person's name that do not identify the person.
var titles = set("dr", "prof", "professor", "herr", "frau", "herrn", "hr", "fr", "mr", "mrs", "ms", "miss", "mister",
	"mme", "mlle", "madame", "mademoiselle", "monsieur",
	"sig", "sigra", "signor", "signora", "pani", "shri", "smt", "bay", "bayan", "dott", "dottssa", "sra", "srta",
	"señor", "senor", "senora", "senorita", "rev", "sir", "phd", "md", "mba", "esq", "dds", "cpa", "msc", "bsc")

// doubtfulTitles are titles that are also names. They are removed only if a given name and a
// surname remain.
var doubtfulTitles = set("ing", "mag", "mgr", "dipl", "sr", "hon", "med", "jur", "rer", "nat", "phil", "habil", "h",
	"c", "hc", "pan")

// generations distinguish father and son. They are kept, in one spelling.
var generations = map[string]string{"jr": "jr", "junior": "jr", "jnr": "jr", "sr": "sr", "senior": "sr", "snr": "sr",
	"ii": "ii", "2nd": "ii", "iii": "iii", "3rd": "iii", "iv": "iv", "4th": "iv"}

func set(words ...string) map[string]bool {
	s := make(map[string]bool, len(words))
	for _, w := range words {
		s[w] = true
	}
	return s
}

// GivenFirst turns "Surname, Given" into "Given Surname" and returns every other name unchanged. A
// suffix behind a comma is not a given name: "Smith, Jr." keeps its order, "Smith, John, Jr."
// becomes "John Smith Jr.", and "Dr. Müller, Hans" becomes "Dr. Hans Müller".
func GivenFirst(name string) string {
	if !isLatin(name) {
		name = strings.NewReplacer("،", ",", "，", ",").Replace(name)
	}
	if !strings.Contains(name, ",") {
		return name
	}
	if isEastAsian(name) { // the surname is first with and without a comma
		return strings.ReplaceAll(name, ",", " ")
	}
	var parts []string
	for _, part := range strings.Split(name, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	end := len(parts)
	for end > 1 && isSuffix(parts[end-1]) {
		end--
	}
	suffixes := parts[end:]
	switch end {
	case 0:
		return ""
	case 1:
		return strings.Join(append(parts[:1:1], suffixes...), " ")
	case 2:
		honours, surname := leadingTitles(parts[0])
		return strings.Join(append(append(honours, parts[1], surname), suffixes...), " ")
	}
	return name
}

// leadingTitles splits "Dr. Müller" into its titles and the name behind them.
func leadingTitles(part string) (honours []string, name string) {
	words := strings.Fields(part)
	at := 0
	for at < len(words)-1 && titles[fold(words[at], false)] {
		at++
	}
	return words[:at:at], strings.Join(words[at:], " ")
}

func isSuffix(part string) bool {
	for _, w := range strings.Fields(fold(part, false)) {
		if generations[w] == "" && !titles[w] {
			return false
		}
	}
	return true
}

// personWords returns the words of a person's name, given name first, without titles. glued has the
// words that a hyphen joins to the one before.
func personWords(name string, long bool) (words []string, glued []bool) {
	for _, token := range strings.Fields(strings.ReplaceAll(GivenFirst(name), ",", " ")) {
		if full := dotted[strings.ToLower(token)]; full != "" {
			token = full
		}
		if isPlainWord(token) {
			words, glued = append(words, strings.ToLower(token)), append(glued, false)
			continue
		}
		hyphen := strings.ContainsAny(token, hyphens)
		for i, w := range strings.Fields(fold(token, long)) {
			words, glued = append(words, w), append(glued, i > 0 && hyphen)
		}
	}
	from, to := titled(words)
	return words[from:to], glued[from:to]
}

// titled replaces the generation by its one spelling, and returns the range of words without
// titles.
func titled[T string | []byte](words []T) (from, to int) {
	to = len(words)
	if to > 1 && mayBeAffix(words[to-1]) && generations[string(words[to-1])] != "" {
		words[to-1] = T(generations[string(words[to-1])])
	}
	for to-from > 1 && mayBeAffix(words[from]) &&
		(titles[string(words[from])] || to-from > 2 && doubtfulTitles[string(words[from])]) {
		from++
	}
	for to-from > 1 && mayBeAffix(words[to-1]) && titles[string(words[to-1])] {
		to--
	}
	return from, to
}

// mayBeAffix reports false for most words that are neither titles nor generations: none of those
// has their first byte and their length. A name's words are looked up in all three lists for each
// row.
func mayBeAffix[T string | []byte](word T) bool {
	return len(word) > 0 && affixLengths[word[0]]>>min(len(word), maxAffix)&1 != 0
}

const maxAffix = 31

// affixLengths has, by the first byte of titles and generations, a bit for each of their lengths.
var affixLengths = func() (lengths [256]uint32) {
	add := func(word string) { lengths[word[0]] |= 1 << min(len(word), maxAffix) }
	for word := range titles {
		add(word)
	}
	for word := range doubtfulTitles {
		add(word)
	}
	for word := range generations {
		add(word)
	}
	return lengths
}()

// dotted are abbreviations that would be names without their full stop.
var dotted = map[string]string{"jun.": "jr", "sen.": "sr", "ph.d.": "phd", "sig.ra": "sigra", "m.d.": "md",
	"d.d.s.": "dds"}

// hyphens are the characters that join the parts of a double name.
const hyphens = "-‐‑‒–"

// personForm returns one spelling of a person's name.
func personForm(name string, long bool) form {
	if !strings.ContainsAny(name, ",."+hyphens) {
		var buffer [96]byte
		if text, ok := appendFolded(buffer[:0], name, long); ok {
			return simpleForm(string(text))
		}
	}
	words, glued := personWords(name, long)
	if isEastAsian(name) {
		words, glued = []string{strings.Join(words, "")}, nil
	}
	return form{text: strings.Join(words, " "), words: words, glued: glued, turns: true}
}

// simpleForm does the same, faster, for a folded name whose words are separated by spaces only: its
// words are parts of one text.
func simpleForm(text string) form {
	words := strings.Fields(text)
	from, to := titled(words)
	words = words[from:to]
	length := len(words) - 1
	for _, w := range words {
		length += len(w)
	}
	if length != len(text) {
		text = strings.Join(words, " ")
	}
	return form{text: text, words: words, turns: true}
}
