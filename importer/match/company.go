package match

import (
	"regexp"
	"slices"
	"strings"
)

// legalForms are the endings of company names that say what kind of company it is, folded as fold
// does it. They follow the abbreviations of the Entity Legal Forms code list (ISO 20275, maintained
// by GLEIF) for the commonest forms of each country.
var legalForms = formTable(
	// Germany, Austria, Switzerland
	"gmbh", "ggmbh", "mbh", "gesmbh", "gmbh and co kg", "gmbh and co kgaa", "gmbh and co ohg", "gmbh co kg", "ag",
	"ag and co kg", "ag and co kgaa", "se", "se and co kg", "se and co kgaa",
	"kg", "kgaa", "ohg", "gbr", "ug", "ug haftungsbeschrankt", "ug haftungsbeschraenkt", "ug and co kg", "ek", "e k",
	"ev", "e v", "eg", "e g", "partg", "partg mbb", "og", "aktiengesellschaft",
	// United Kingdom, Ireland, United States, Canada, Australia, India, Asia
	"ltd", "limited", "plc", "llp", "llc", "lp", "inc", "incorporated", "corp", "corporation", "co", "company",
	"co ltd", "company limited", "pty", "pty ltd", "pty limited", "proprietary limited",
	"pvt ltd", "private limited", "pte ltd", "pte", "sdn bhd", "bhd", "dac", "ulc", "pllc", "pc", "cic", "kk", "tbk",
	"jsc", "pjsc", "wll", "fze", "fzco",
	// France, Belgium, Luxembourg
	"sa", "sas", "sasu", "sarl", "sa rl", "s a r l", "eurl", "snc", "sca", "scs", "sci", "scop", "srl", "sprl", "asbl",
	"scrl",
	// Italy, Spain, Portugal, Latin America
	"spa", "srls", "sapa", "sas di", "ss", "sl", "slu", "sau", "sll", "lda", "ltda", "sa de cv", "s de rl de cv",
	"sab de cv", "sac", "eireli", "sgps",
	// Netherlands
	"bv", "nv", "vof", "cv", "cooperatie",
	// Nordic and Baltic countries
	"ab", "publ", "ab publ", "hb", "kb", "as", "asa", "a s", "aps", "is", "ivs", "ks", "oy", "oyj", "oy ab", "ky",
	"ehf", "hf", "ou", "uab", "sia",
	// Poland, Czechia, Slovakia, Hungary, Romania, Balkans
	"sp z oo", "sp zoo", "spzoo", "spolka z oo", "spolka z ograniczona odpowiedzialnoscia", "spolka akcyjna", "sp k",
	"sp j", "sp z oo sp k", "sp z oo sk", "sro", "spol s ro", "vos", "as",
	"kft", "zrt", "nyrt", "rt", "bt", "doo", "dd", "ad", "eood", "ood", "ead", "oe", "ae", "epe",
	// Turkey, Russia
	"as", "ltd sti", "limited sirketi", "anonim sirketi", "ooo", "oao", "zao", "pao", "ao", "ооо", "оао", "зао", "пао",
	"ао",
	// The same in full
	"gesellschaft mit beschrankter haftung", "gesellschaft mit beschraenkter haftung", "kommanditgesellschaft",
	"gmbh and co kommanditgesellschaft", "offene handelsgesellschaft", "eingetragener verein",
	"eingetragene genossenschaft",
	"public limited company", "private limited company", "limited liability company", "limited liability partnership",
	"limited partnership", "joint stock company", "public joint stock company", "sendirian berhad", "berhad",
	"societe anonyme", "societe a responsabilite limitee", "societe par actions simplifiee", "societa per azioni",
	"societa a responsabilita limitata", "sociedad anonima", "sociedad limitada", "sociedade anonima",
	"sociedade limitada", "limitada",
	"besloten vennootschap", "naamloze vennootschap", "aktiebolag", "aktieselskab", "anpartsselskab", "aksjeselskap",
	"allmennaksjeselskap", "osakeyhtio", "julkinen osakeyhtio",
	"sp z o o", "akciova spolecnost", "spolecnost s rucenim omezenym", "korlatolt felelossegu tarsasag",
	"zartkoruen mukodo reszvenytarsasag", "d o o", "a d", "anonim sirket", "kabushiki kaisha",
	"株式会社", "有限公司", "有限责任公司", "股份有限公司",
)

// leadingForms stand before the name.
var leadingForms = set("pt", "ooo", "oao", "zao", "pao", "uab", "sia", "ооо", "оао", "зао", "пао", "株式会社")

// unspaced are forms of scripts that are written without spaces.
var unspaced = []string{"股份有限公司", "有限责任公司", "有限公司", "株式会社"}

// ands are the words for "and".
var ands = set("and", "und", "et", "og", "och", "y")

// formTable lists forms by their last word, those with the most words first.
func formTable(forms ...string) map[string][][]string {
	table := map[string][][]string{}
	for _, f := range forms {
		words := strings.Fields(f)
		last := words[len(words)-1]
		table[last] = append(table[last], words)
	}
	for _, f := range table {
		slices.SortStableFunc(f, func(a, b []string) int { return len(b) - len(a) })
	}
	return table
}

// companyWords returns the words of a company's name without its legal forms, and whether it had
// none; a name that is nothing else keeps them.
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

// cutForm takes one legal form off the end.
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
	return form{key: text, text: text, words: words, whole: whole}
}

// registryTag is the state or country that registers write behind a name: "Mattel Inc /DE/".
var registryTag = regexp.MustCompile(`\s*[/\\]\s*[A-Za-z]{2,3}\s*[/\\]?\s*$`)
