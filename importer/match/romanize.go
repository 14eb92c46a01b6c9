package match

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// romanized returns the Latin spellings of a name by the standards for its script: BGN/PCGN, ISO 9
// and ICAO 9303 for Cyrillic, ELOT 743 for Greek, Pinyin for Chinese people. It returns nil for a
// name in Latin or more than one script, and in a script without a standard that a name can be read
// by: Arabic and Hebrew write no vowels.
func romanized(k Kind, name string) []string {
	if isLatin(name) {
		return nil
	}
	var found []string
	switch folded := fold(GivenFirst(name), false); {
	case strings.ContainsFunc(folded, func(r rune) bool { return r < endOfLatin && unicode.IsLetter(r) }):
	case hasAny(folded, unicode.Cyrillic):
		for _, s := range cyrillicStandards(folded) {
			found = append(found, s.write(folded))
		}
	case hasAny(folded, unicode.Greek):
		found = append(found, elot743(folded))
	case k == Person:
		found = pinyinOf(folded)
	}
	return slices.DeleteFunc(found, func(s string) bool { return !isASCII(s) })
}

// latinForms returns the forms of a name's Latin spellings, one for each key.
func latinForms(k Kind, name string) []form {
	var all []form
	for _, spelling := range romanized(k, name) {
		f := formOf(k, spelling, false)
		if f.text != "" && !slices.ContainsFunc(all, func(o form) bool { return o.key() == f.key() }) {
			all = append(all, f)
		}
	}
	return all
}

// comparable returns the forms of a name that similarity compares: its own, or those of its Latin
// spellings.
func comparable(k Kind, name string, own []form) []form {
	if !isForeign(own) {
		return own
	}
	return latinForms(k, name)
}

// isForeign reports whether a name is in another script than Latin.
func isForeign(own []form) bool { return len(own) > 0 && !isASCII(own[0].text) }

// isLatin reports whether a text has no letter behind the Latin blocks.
func isLatin(text string) bool {
	for _, r := range text {
		if r >= endOfLatin {
			return false
		}
	}
	return true
}

// spellings are the Latin spellings of Cyrillic letters by one standard.
type spellings struct {
	letters map[rune]string
	begin   map[rune]string // spellings of some letters behind those of behind
	behind  string
}

// basic are the spellings that all standards share.
var basic = table("а a б b в v г g д d е e ж zh з z и i й y к k л l м m н n о o п p р r с s т t у u ф f х kh ц ts " +
	"ч ch ш sh щ shch ъ - ы y ь - э e ю yu я ya і i ґ g є ye ї yi ў w ђ d ћ c љ lj њ nj џ dz ј j ѓ gj ќ kj ѕ dz " +
	"ә a ғ gh қ q ң ng ө o ұ u ү u һ h")

var (
	russian   = standard("", "е ye", " аеиоуыэюяйъь") // BGN/PCGN 1947
	passports = standard("ъ ie ю iu я ia й i", "", "")
	iso9      = standard("ж z х h ц c ч c ш s щ s ю u я a й j є e ї i", "", "")
	isoR9     = standard("ж z х h ц c ч c ш s щ sc ю ju я ja й j є je ї ji", "", "")       // ISO/R 9:1968
	ukrainian = standard("г h и y й i є ie ї i ю iu я ia", "є ye ї yi й y ю yu я ya", " ") // BGN/PCGN 2019
	bulgarian = standard("ъ a ь y щ sht х h", "", "")                                      // BGN/PCGN 2013
)

// standard returns the spellings of a standard as far as they differ from the basic ones. A "-"
// drops the letter.
func standard(letters, begin, behind string) spellings {
	all := maps.Clone(basic)
	maps.Copy(all, table(letters))
	return spellings{all, table(begin), behind}
}

func table(pairs string) map[rune]string {
	t, words := map[rune]string{}, strings.Fields(pairs)
	for i := 0; i+1 < len(words); i += 2 {
		t[[]rune(words[i])[0]] = strings.Trim(words[i+1], "-")
	}
	return t
}

// cyrillicStandards returns the standards that may apply to a text: some letters show its language.
func cyrillicStandards(text string) []spellings {
	switch {
	case strings.ContainsAny(text, "ђћљњџјѓќѕ"):
		return []spellings{iso9} // whose spellings of these languages are their own Latin ones
	case strings.ContainsAny(text, "іїєґ"):
		return []spellings{ukrainian, iso9, isoR9}
	case strings.ContainsAny(text, "ыэ"):
		return []spellings{russian, passports, iso9, isoR9}
	}
	return []spellings{russian, passports, iso9, isoR9, ukrainian, bulgarian}
}

func (s spellings) write(text string) string {
	var b strings.Builder
	before := ' '
	for _, r := range text {
		to, ok := s.letters[r]
		if !ok {
			to = string(r)
		}
		if begin := s.begin[r]; begin != "" && strings.ContainsRune(s.behind, before) {
			to = begin
		}
		b.WriteString(to)
		before = r
	}
	return b.String()
}

// greek are the spellings of ELOT 743; those of two letters come first.
var greek = strings.NewReplacer("αυ", "a\x00", "ευ", "e\x00", "ηυ", "i\x00", "ου", "ou", "γγ", "ng", "γξ", "nx", "γχ",
	"nch", " μπ", " b", "μπ ", "b ", "μπ", "mp", "α", "a", "β", "v", "γ", "g", "δ", "d", "ε", "e", "ζ", "z", "η", "i",
	"θ", "th", "ι", "i", "κ", "k", "λ", "l", "μ", "m", "ν", "n", "ξ", "x", "ο", "o", "π", "p", "ρ", "r", "σ", "s", "τ",
	"t",
	"υ", "y", "φ", "f", "χ", "ch", "ψ", "ps", "ω", "o")

// elot743 returns a Greek name in Latin letters. The second letter of αυ, ευ and ηυ is v, but f
// before a voiceless letter and at the end.
func elot743(name string) string {
	latin := []byte(strings.TrimSpace(greek.Replace(" "+name+" ")) + " ")
	for i, c := range latin[:len(latin)-1] {
		if c != 0 {
			continue
		}
		latin[i] = 'v'
		if strings.IndexByte("ckfpstx ", latin[i+1]) >= 0 {
			latin[i] = 'f'
		}
	}
	return strings.TrimSpace(string(latin))
}

// surnameReadings are surnames that are read in another way than the same character elsewhere.
var surnameReadings = table(
	"曾 zeng 单 shan 單 shan 解 xie 仇 qiu 区 ou 區 ou 乐 yue 樂 yue 朴 piao 盖 ge 查 zha 翟 zhai 覃 qin 华 hua")

// doubleSurnames are the Chinese surnames of two characters.
var doubleSurnames = set("欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "尉迟", "公孙", "公孫", "慕容", "令狐",
	"司徒", "长孙", "夏侯", "轩辕", "端木", "南宫", "西门", "独孤")

// pinyinOf returns a Chinese name of two to four characters in Pinyin, the given name in one word
// and in two.
func pinyinOf(name string) []string {
	characters := []rune(strings.ReplaceAll(name, " ", ""))
	if len(characters) < 2 || len(characters) > 4 {
		return nil
	}
	parts := make([]string, len(characters))
	for i, r := range characters {
		first, _, _ := strings.Cut(pinyin.PinyinDict[int(r)], ",")
		if !unicode.Is(unicode.Han, r) || first == "" {
			return nil
		}
		parts[i] = fold(first, false)
	}
	if reading := surnameReadings[characters[0]]; reading != "" {
		parts[0] = reading
	}
	surname := 1
	if len(characters) > 2 && doubleSurnames[string(characters[:2])] {
		surname = 2
	}
	family := strings.Join(parts[:surname], "")
	return []string{family + " " + strings.Join(parts[surname:], ""), family + " " + strings.Join(parts[surname:], " ")}
}
