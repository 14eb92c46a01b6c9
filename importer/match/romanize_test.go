package match

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestRomanized(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"Елена Щербакова": {"yelena shcherbakova", "elena shcherbakova", "elena serbakova", "elena scerbakova",
			"elena shterbakova"},
		"Юлия Цой":             {"yuliya tsoy", "iuliia tsoi", "ulia coj", "julija coj"},
		"Объедков Пётр":        {"obyedkov petr", "obieedkov petr"},
		"Євген Гуцул":          {"yevhen hutsul", "evgen gucul"},
		"Володимир Зеленський": {"volodymyr zelenskyi", "volodimir zelenskiy"},
		"Ђорђе Љубичић":        {"dorde ljubicic"},
		"Христо Ъгълов":        {"hristo agalov"},
		"Қасым Тоқаев":         {"qasym toqayev"},
		"Ευάγγελος Αυτιάς":     {"evangelos aftias"},
		"Ρούλα Μπακογιάννη":    {"roula bakogianni"},
		"Λάμπρος Ευσταθίου":    {"lampros efstathiou"},
		"曾国华":                  {"zeng guohua", "zeng guo hua"},
		"诸葛亮":                  {"zhuge liang"},
		"吕布":                   {"lu bu"},
		"Иван Smith":           nil,
		"محمد سالم":            nil,
		"דוד כהן":              nil,
		"Hans Müller":          nil,
		"さくら":                  nil,
		"김서준":                  nil,
		"王":                    nil,
		"王小明王小明":               nil,
	} {
		got := romanized(Person, name)
		if len(want) == 0 != (len(got) == 0) {
			t.Errorf("%s is written %q, want %q", name, got, want)
		}
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("%s is written %q, not %q", name, got, w)
			}
		}
	}
}

// foreignWords are words of names by script, no two of them alike.
var foreignWords = [][]string{
	strings.Fields("Любовь Щукин Жданов Харламов Эрнест Юшкевич Цветков Гнатюк Їжак Ђорђе Његовић Ъгленов Кваша"),
	strings.Fields("Ευγενία Μπότσαρης Χρυσούλα Ψαρράς Αγγελής Θάνος Ξένια Καζαντζάκης"),
	strings.Fields("欧阳静怡 王小明 李国华 曾庆红 赵雅芝"),
}

// A name in another script and each of its standard spellings are linked in both directions while
// nobody else is near. They are not once somebody is.
func TestTransliterationsLinkWhileNobodyIsNear(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 5))
	for range 300 {
		words := foreignWords[r.IntN(len(foreignWords))]
		name := words[r.IntN(len(words))]
		if len(words) > 5 {
			name += " " + words[r.IntN(len(words))]
		}
		spelled := romanized(Person, name)
		spelling := spelled[r.IntN(len(spelled))]
		for _, pair := range [][2]string{{name, spelling}, {spelling, name}} {
			near := spelling + "a"
			for _, others := range [][]string{{"Gundula Pfefferkorn"}, {near}} {
				entries := []Entry{{ID: ID{1}, Name: pair[0]}, {ID: ID{2}, Name: others[0]}}
				v := NewDirectory(Person, entries, nil).Resolve(pair[1], nil, Defaults(Person))
				if others[0] == near && v.Finding == Linked {
					t.Fatalf("%q is linked to %q beside %q by %s", pair[1], v.Winner.Name, near, v.Rule)
				}
				if others[0] != near && (v.Finding != Linked || v.Winner.ID != ID{1} || v.Winner.Score < 0.8) {
					t.Fatalf("%q against %q is %+v", pair[1], pair[0], v)
				}
			}
		}
	}
}

// In one script a name is read word by word, and one letter more or less is somebody else.
func TestOtherScriptsHaveVariantsButNoSlips(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 6))
	names := strings.Split("Сергей Николаевич Ковалёв,Любовь Щукина,Γιώργος Παπαδόπουλος,أحمد سالم الحارثي,"+
		"יעל דינה לוי,王小明,김서준,นภา ศรีสุข", ",")
	for _, name := range names {
		d := NewDirectory(Person, []Entry{{ID: ID{1}, Name: name}, {ID: ID{2}, Name: "Gundula Pfefferkorn"}}, nil)
		ask := func(asked string, want Finding) {
			if v := d.Resolve(asked, nil, Defaults(Person)); v.Finding != want {
				t.Errorf("%q against %q: %+v", asked, name, v)
			}
		}
		ask(strings.ToUpper(name), Linked)
		words := strings.Fields(name)
		last := words[len(words)-1]
		if len(words) > 1 {
			ask(initialOf(words[0])+". "+last, Linked)
			ask(words[0]+" "+last, Linked)
			ask(last+", "+words[0], Linked)
		}
		letters := []rune(name)
		for range 10 {
			at := r.IntN(len(letters))
			if letters[at] == ' ' || len(words) > 2 && at > len([]rune(words[0])) && at < len(letters)-len([]rune(last)) {
				continue
			}
			other := slices.Clone(letters)
			other[at] = []rune(last)[(slices.Index([]rune(last), letters[at])+1)%len([]rune(last))]
			if fold(string(other), false) != fold(name, false) {
				ask(string(other), Unresolved)
			}
		}
	}
}

// A name of another script beside an id agrees with its transliteration, and not with a stranger.
func TestTransliterationAgrees(t *testing.T) {
	t.Parallel()
	d := NewDirectory(Person, nil, nil)
	for _, c := range []struct {
		a, b string
		want Agreement
	}{
		{"Ольга Смирнова", "Olga Smirnova", Usual}, {"Wang Xiaoming", "王小明", Usual},
		{"Ольга Смирнова", "Olga Kuznetsova", Disagrees}, {"Martin Thomas", "Thomas Martin", Disagrees},
		{"Muhammad bin Salman", "Salman bin Muhammad al-Rawi", Disagrees},
		{"Salman bin Muhammad", "Salman bin Muhammad al-Rawi", Usual},
		{"Müller Hans", "Hans Peter Müller", Usual}, {"Müller", "Hans Müller", Usual},
	} {
		if got := d.Agrees(c.a, c.b, Defaults(Person)); got != c.want {
			t.Errorf("%q against %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
