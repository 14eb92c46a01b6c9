package file

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// phrases returns invented titles, names and places by language.
func phrases(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	text, err := os.ReadFile("testdata/languages.txt")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		language, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		all[language] = strings.Split(rest, "|")
	}
	return all
}

// inEncoding returns a text in an encoding; ok is false if that lacks a letter.
func inEncoding(name string, e encoding.Encoding, text string) (string, bool) {
	if name == "windows-1258" {
		text = forVietnamese(text)
	}
	if e == charmap.ISO8859_16 {
		text = strings.NewReplacer("ş", "ș", "ţ", "ț", "Ş", "Ș", "Ţ", "Ț").Replace(text)
	}
	out, err := e.NewEncoder().String(text)
	return out, err == nil
}

// forVietnamese takes the five marks of tone off their letters.
func forVietnamese(text string) string {
	var out strings.Builder
	for _, r := range text {
		parts := []rune(norm.NFD.String(string(r)))
		tone := slices.IndexFunc(parts, func(r rune) bool {
			return strings.ContainsRune("\u0300\u0301\u0303\u0309\u0323", r)
		})
		if tone < 1 {
			out.WriteRune(r)
			continue
		}
		mark := parts[tone]
		out.WriteString(norm.NFC.String(string(slices.Delete(parts, tone, tone+1))) + string(mark))
	}
	return out.String()
}

// TestEncodingsAreRecognized writes texts of every language in every encoding that has its letters:
// each is read as it was, or refused. With -v it shows how many.
func TestEncodingsAreRecognized(t *testing.T) {
	t.Parallel()
	const texts = 24
	all := phrases(t)
	var table strings.Builder
	for _, rows := range []int{3, 20} {
		fmt.Fprintf(&table, "\n%-16s %6s %6s %8s %6s   (%d rows)\n", "encoding", "texts", "right", "refused", "wrong", rows)
		for _, c := range detectable {
			languages := strings.Fields(c.languages)
			random := rand.New(rand.NewPCG(uint64(rows), 7))
			right, refused, wrong := 0, 0, 0
			for i := 0; right+refused+wrong < texts && i < 4*texts; i++ {
				text, raw := randomTable(random, all[languages[i%len(languages)]], rows, c.name, c.encoding)
				if raw == text {
					continue // the encoding lacks the letters of this language
				}
				got, err := readText(raw)
				switch {
				case err != nil:
					refused++
				case sameLetters(composed("windows-1258", got), text):
					right++
				default:
					wrong++
					t.Errorf("%s was read wrongly without a word:\ngot  %s\nwant %s", c.name, got, text)
				}
			}
			fmt.Fprintf(&table, "%-16s %6d %6d %8d %6d\n", c.name, right+refused+wrong, right, refused, wrong)
			if least := 9; rows == 20 && c.usual > rare && right*10 < texts*least {
				t.Errorf("%s: %d of %d texts were recognized", c.name, right, texts)
			}
		}
	}
	t.Log(table.String())
}

// randomTable returns rows of the texts whose letters an encoding has, as they are and encoded.
func randomTable(random *rand.Rand, texts []string, rows int, name string, e encoding.Encoding) (text, raw string) {
	text = "id,title,contact_name\n"
	raw = text
	for i := range rows {
		row := fmt.Sprintf("%d,%s,%s\n", i, texts[random.IntN(len(texts))], texts[random.IntN(len(texts))])
		if out, ok := inEncoding(name, e, row); ok {
			text, raw = text+row, raw+out
		}
	}
	return text, raw
}

// readText returns a text as the detected encoding has it.
func readText(raw string) (string, error) {
	r, err := newTextReader(strings.NewReader(raw), "", true)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return string(text), err
}
