package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/gocarina/gocsv"

	"taskport"
)

// words are what names are made of: given names and surnames of the sample, and parts that further
// surnames are put together from.
type words struct {
	given, surnames []string
}

// Parts of surnames that are not in the sample: most surnames of a large directory are rare.
var (
	heads = strings.Fields("Acker Alten Amber Arn Asch Auer Bach Baum Beck Berg Birk Black Blom Bor Brand Bright " +
		"Brook Buch Burg Chal Clay Cran Dal Dorn Eber Ecker Eich " +
		"Elm Engel Esch Fair Falken Feld Fen Fisch Fjell Fleet Gar Glen Gold Grün Haber Hag Hall Hart Hasel Havel Hein " +
		"Her Hill Hirsch Hoch Holm Hor Hül Ing Kal Kam Kirch " +
		"Klee Kor Krä Kron Lan Lau Lind Loch Löwen Lund Mar Mead Mohr Mos Mühl Nord Ober Öst Pal Pfei Quel Rams Rei " +
		"Ried Ros Roth Sand Schön Seid Silber Sjö Sommer Stein Sten " +
		"Stor Strand Sund Tal Thorn Ulm Unter Vester Vogel Wal Wald War Weid Weiß Wester Wil Winter Wolf Zeh Zell")
	tails = strings.Fields("acher au bach bauer baum beck berg berger born bridge brink burg bury by dahl dal dorf " +
		"er feld felder field fors gaard garten gren hagen hall ham " +
		"haus heim hoff hoffer holm horst hurst inger kamp land lander ley lind ling lund mann mark meier mont mose ner " +
		"nes quist reuter rich rup scheid son stad stedt stein " +
		"ström thal thorpe ton träger vik wald ward wood worth")
	trades = strings.Fields("Logistik Freight Ateliers Bodegas Cantine Drukarnia Engineering Feinmechanik Fonderie " +
		"Gartenbau Hilaturas Imprimerie Instruments Joinery " +
		"Kältetechnik Marine Maschinenbau Messtechnik Mobilificio Möbelwerke Optik Publishing Software Spedition " +
		"Surveyors Talleres Textiles Transports Viveros Werkzeuge")
	forms = []string{"GmbH", "AG", "Ltd", "Inc.", "SARL", "S.L.", "S.p.A.", "AS", "KG", "LLC", ""}
)

// sampleWords takes names apart that stand in the sample's contacts.
func sampleWords() (*words, error) {
	file, err := taskport.Testdata.ReadFile("testdata/contacts.csv")
	if err != nil {
		return nil, err
	}
	var contacts []struct {
		Name string `csv:"full_name"`
	}
	if err := gocsv.UnmarshalBytes(file, &contacts); err != nil {
		return nil, err
	}
	w := &words{}
	seen := map[string]bool{}
	for _, c := range contacts {
		parts := strings.Fields(c.Name)
		if len(parts) != 2 || strings.ContainsAny(c.Name, ".,") {
			continue
		}
		if !seen["given "+parts[0]] {
			w.given = append(w.given, parts[0])
		}
		if !seen["surname "+parts[1]] {
			w.surnames = append(w.surnames, parts[1])
		}
		seen["given "+parts[0]], seen["surname "+parts[1]] = true, true
	}
	return w, nil
}

func pick(rng *rand.Rand, from []string) string { return from[rng.IntN(len(from))] }

func (w *words) surname(rng *rand.Rand) string {
	if rng.IntN(3) == 0 {
		return pick(rng, w.surnames)
	}
	return pick(rng, heads) + pick(rng, tails)
}

// person makes a name; some have a second given name.
func (w *words) person(rng *rand.Rand) string {
	given := pick(rng, w.given)
	if rng.IntN(8) == 0 {
		given += " " + pick(rng, w.given)
	}
	return given + " " + w.surname(rng)
}

func (w *words) company(rng *rand.Rand) string {
	return strings.TrimSpace(w.surname(rng) + " " + pick(rng, trades) + " " + pick(rng, forms))
}

// distinct calls make until it returns a new text.
func distinct(seen map[string]bool, what string, make func() string) (string, error) {
	const patience = 1000
	for range patience {
		text := make()
		if key := plain(text); !seen[key] {
			seen[key] = true
			return text, nil
		}
	}
	return "", fmt.Errorf("no new %s in %d tries: ask for fewer", what, patience)
}

var withoutStrokes = strings.NewReplacer("ø", "o", "ł", "l", "đ", "d", "ß", "ss", "æ", "ae", "ı", "i")

// plain is a name as a reader sees it who takes no notice of case and accents.
func plain(name string) string { return withoutStrokes.Replace(withoutAccents(strings.ToLower(name))) }
