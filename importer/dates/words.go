package dates

// months are the names of the months in English, German, French and Spanish, without accents.
var months = map[string]int{
	"january": 1, "jan": 1, "januar": 1, "janner": 1, "jaenner": 1, "janvier": 1, "janv": 1, "enero": 1, "ene": 1,
	"february": 2, "feb": 2, "februar": 2, "fevrier": 2, "fevr": 2, "fev": 2, "febrero": 2,
	"march": 3, "mar": 3, "marz": 3, "maerz": 3, "mrz": 3, "mars": 3, "marzo": 3,
	"april": 4, "apr": 4, "avril": 4, "avr": 4, "abril": 4, "abr": 4,
	"may": 5, "mai": 5, "mayo": 5,
	"june": 6, "jun": 6, "juni": 6, "juin": 6, "junio": 6,
	"july": 7, "jul": 7, "juli": 7, "juillet": 7, "juil": 7, "julio": 7,
	"august": 8, "aug": 8, "aout": 8, "agosto": 8, "ago": 8,
	"september": 9, "sep": 9, "sept": 9, "septembre": 9, "septiembre": 9, "setiembre": 9,
	"october": 10, "oct": 10, "oktober": 10, "okt": 10, "octobre": 10, "octubre": 10,
	"november": 11, "nov": 11, "novembre": 11, "noviembre": 11,
	"december": 12, "dec": 12, "dezember": 12, "dez": 12, "decembre": 12, "diciembre": 12, "dic": 12,
}

// fillers are words in a date without a meaning for it: days of the week, and words between its
// parts or before the time.
var fillers = map[string]bool{
	"monday": true, "tuesday": true, "wednesday": true, "thursday": true, "friday": true, "saturday": true, "sunday": true,
	"mon": true, "tue": true, "tues": true, "wed": true, "thu": true, "thur": true, "thurs": true, "fri": true,
	"sat": true, "sun": true,
	"montag": true, "dienstag": true, "mittwoch": true, "donnerstag": true, "freitag": true, "samstag": true,
	"sonnabend": true, "sonntag": true,
	"mo": true, "di": true, "mi": true, "do": true, "fr": true, "sa": true, "so": true,
	"lundi": true, "mardi": true, "mercredi": true, "jeudi": true, "vendredi": true, "samedi": true, "dimanche": true,
	"lun": true, "mer": true, "jeu": true, "ven": true, "sam": true, "dim": true,
	"lunes": true, "martes": true, "miercoles": true, "jueves": true, "viernes": true, "sabado": true, "domingo": true,
	"mie": true, "jue": true, "vie": true, "sab": true, "dom": true,
	"st": true, "nd": true, "rd": true, "th": true, "er": true, "of": true, "the": true, "de": true, "del": true,
	"den": true, "der": true, "le": true, "el": true,
	"at": true, "um": true, "a": true, "las": true, "uhr": true, "t": true,
}

// FoldWord appends a word to the buffer without case and accents. It reports false for a word that
// does not fit, or that has letters outside the Latin alphabet.
func FoldWord(buffer []byte, word []byte) ([]byte, bool) {
	const accented = "aaaaaaaceeeeiiiidnooooo ouuuuyts" // U+00E0 and on
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case len(buffer) == cap(buffer):
			return nil, false
		case c >= 'A' && c <= 'Z':
			c += 'a' - 'A'
		case c == 0xC3 && i+1 < len(word) && word[i+1] >= 0x80:
			i++
			c = accented[(word[i]-0x80)&0x1F]
		case c < 'a' || c > 'z':
			return nil, false
		}
		buffer = append(buffer, c)
	}
	return buffer, true
}

// IsWord reports whether a word, folded by FoldWord, may be in a date: a month or a filler.
func IsWord(word []byte) bool { return months[string(word)] != 0 || fillers[string(word)] }
