package file

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

const umlauts = "title,contact_name\nGespräch,Jürgen Größe\nÇa va,Zoë\n"

func encoded(t *testing.T, name, text string) string {
	t.Helper()
	out, err := encodings[name].NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEncodingsAreFoundOut(t *testing.T) {
	t.Parallel()
	windows := encoded(t, encodingWindows, umlauts)
	late := strings.Repeat("Call,Anna\n", 50_000)
	for _, test := range []struct{ name, file, named, encoding string }{
		{"UTF-8", umlauts, "", "utf-8"},
		{"UTF-8 with mark", "\ufeff" + umlauts, "", "utf-8"},
		{"ASCII", "title,contact_name\nCall,Anna\n", "", "utf-8"},
		{"UTF-16 LE with mark", "\xff\xfe" + encoded(t, encodingUTF16LE, umlauts), "", "utf-16le"},
		{"UTF-16 BE with mark", "\xfe\xff" + encoded(t, encodingUTF16BE, umlauts), "", "utf-16be"},
		{"UTF-16 LE", encoded(t, encodingUTF16LE, umlauts), "", "utf-16le"},
		{"UTF-16 BE", encoded(t, encodingUTF16BE, umlauts), "", "utf-16be"},
		{"UTF-16 named", encoded(t, encodingUTF16BE, umlauts), "UTF-16BE", "utf-16be"},
		{"Windows-1252", windows, "", "windows-1252"},
		{"Windows-1252 named", windows, "cp1252", "windows-1252"},
		{"Latin-1 named", windows, "latin1", "iso-8859-1"},
		{"UTF-8 late", strings.Replace(umlauts, "\n", "\n"+late, 1), "", "utf-8"},
		{"Windows-1252 late", strings.Replace(windows, "\n", "\n"+late, 1), "", "windows-1252"},
	} {
		for _, as := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.HalfReader,
			iotest.DataErrReader} {
			layout, records, err := readImport(t, as(strings.NewReader(test.file)), Options{Format: CSV, HasHeader: true,
				Encoding: test.named})
			if err != nil {
				t.Fatalf("%s: %v", test.name, err)
			}
			if layout.Encoding != test.encoding || !slices.Equal(layout.Columns, []string{"title", "contact_name"}) {
				t.Errorf("%s: layout %+v", test.name, layout)
			}
			if last := records[len(records)-1]; test.name != "ASCII" && !slices.Equal(last.Cells, []string{"Ça va", "Zoë"}) {
				t.Errorf("%s: last row %q", test.name, last.Cells)
			}
		}
	}
}

// A byte that is not UTF-8 in a UTF-8 file affects its row only; it is not read as another letter.
func TestStrayBytesInUTF8(t *testing.T) {
	t.Parallel()
	layout, records, err := readImport(t, strings.NewReader("a\nGr\xf6\xdfe\nä\nö\nü\n"), Options{Format: CSV,
		HasHeader: true})
	if err != nil || layout.Encoding != "utf-8" || records[0].Cells[0] != "Gr\xf6\xdfe" || records[1].Cells[0] != "ä" {
		t.Errorf("%v %+v %s", err, layout, shownRecords(records))
	}
}

// A file that looks like Windows-1252 where it is examined, but has UTF-8 later, is refused:
// otherwise that UTF-8 would be read as other letters.
func TestCrossedEncodings(t *testing.T) {
	t.Parallel()
	file := "a\nGr\xf6\xdfe\n" + strings.Repeat("Call\n", 10_000) + "Jürgen\n"
	_, _, err := readImport(t, strings.NewReader(file), Options{Format: CSV, HasHeader: true})
	wantFileError(t, err, 10_003, false, "UTF-8", "windows-1252")
	var refused *Error
	if !errors.As(err, &refused) || refused.Remedy.Code != RemedyEncoding {
		t.Errorf("got the remedy of %+v, want %q", err, RemedyEncoding)
	}
	for _, named := range []string{"utf-8", "windows-1252"} {
		if _, records, err := readImport(t, strings.NewReader(file), Options{Format: CSV, HasHeader: true,
			Encoding: named}); err != nil || len(records) != 10_002 {
			t.Errorf("%s: %d rows, %v", named, len(records), err)
		}
	}
	sound := "a\n" + strings.Repeat("„MENÜ“ für Zoë – 5 €\nNÃO\nÀ l’été\n", 5000)
	if _, _, err := readImport(t, strings.NewReader(encoded(t, encodingWindows, sound)), Options{Format: CSV,
		HasHeader: true}); err != nil {
		t.Error(err)
	}
}

// A byte that the encoding does not have refuses the file, and so does a letter late in the file
// that speaks for another encoding than all before it.
func TestBytesThatAnEncodingLacks(t *testing.T) {
	t.Parallel()
	german := encoded(t, encodingWindows, strings.Repeat("Käthe Böhm, Jürgen Groß, Günter Weiß\n", 3000))
	for _, test := range []struct{ file, named, says string }{
		{"a\nb\n\x9d\n", "windows-1252", "0x9D is not in windows-1252"},
		{"a\nb\n\x85\n", "latin1", "0x85 is not in iso-8859-1"},
		{"a\nb\n\x81\n", "sjis", "is not in shift_jis"},
		{"a\n" + german + "\x9d\n", "", "0x9D is not in windows-1252"},
		{"a\n" + german + encoded(t, "windows-1250", "Wałęsa\nŁukasz Dąbrowski\n"), "", "rather windows-1250"},
	} {
		layout, _, err := readImport(t, strings.NewReader(test.file), Options{Format: CSV, HasHeader: true,
			Encoding: test.named})
		var refused *Error
		if !errors.As(err, &refused) || refused.Remedy.Code != RemedyEncoding || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%.20q: got %v of %s, want a refusal that says %q", test.file, err, layout.Encoding, test.says)
		}
	}
	layout, _, err := readImport(t, strings.NewReader("a,b,c\n"+german), Options{Format: CSV, HasHeader: true})
	if err != nil || layout.EncodingSure < 0.9 || layout.EncodingSure >= 1 || len(layout.Notes) != 1 ||
		layout.Notes[0].Text != "encoding windows-1252 detected, 99 % sure" {
		t.Errorf("got %v, %v, want one note of a guess", layout, err)
	}
	japanese, _ := encodings[encoding2022JP].NewEncoder().String("a,b\n見積書,\n")
	layout, records, err := readImport(t, strings.NewReader(japanese), Options{Format: CSV, HasHeader: true})
	if err != nil || layout.Encoding != encoding2022JP || records[0].Cells[0] != "見積書" {
		t.Errorf("got %v %v %v, want ISO-2022-JP", layout, records, err)
	}
}

func TestEncodingFaults(t *testing.T) {
	t.Parallel()
	_, err := NewCutter(strings.NewReader("a\n1\n"), Options{Format: CSV, Encoding: "klingon"})
	wantFileError(t, err, 0, false, "klingon", "utf-8", "windows-1252")
	_, err = NewCutter(strings.NewReader("\ufeffa\n1\n"), Options{Format: CSV, Encoding: "windows-1252"})
	wantFileError(t, err, 1, false, "mark of utf-8")
	broken := errors.New("broken")
	for _, text := range []string{"a\nb", "a\nGr\xf6\xdfe", "\xff\xfea\x00"} {
		_, _, err = readImport(t, io.MultiReader(strings.NewReader(text), iotest.ErrReader(broken)), Options{Format: CSV,
			HasHeader: true})
		if !errors.Is(err, broken) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// FuzzEncodings checks that a file has the same rows in every encoding, named or with its mark.
func FuzzEncodings(f *testing.F) {
	f.Add("a;b\n\"x\ny\";ü\n", uint8(0))
	f.Add("a,b\nÀÉ,“q”\n", uint8(9))
	f.Fuzz(func(t *testing.T, text string, size uint8) {
		text = strings.ToValidUTF8(text, "?")
		o := Options{Format: CSV, HasHeader: true, Encoding: "utf-8"}
		if strings.HasPrefix(text, "\ufeff") {
			return
		}
		_, want, wantErr := readImport(t, strings.NewReader(text), o)
		o.ChunkRows, o.ChunkBytes = int(size%5)+1, int(size)+1
		files := map[string][]byte{}
		for name, e := range map[string]unicode.Endianness{encodingUTF16LE: unicode.LittleEndian,
			encodingUTF16BE: unicode.BigEndian} {
			out, err := unicode.UTF16(e, unicode.UseBOM).NewEncoder().Bytes([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			files[name] = out
		}
		if out, err := charmap.Windows1252.NewEncoder().Bytes([]byte(text)); err == nil && !bytes.HasPrefix(out,
			[]byte("\xff\xfe")) && !bytes.HasPrefix(out, []byte("\xfe\xff")) && !bytes.HasPrefix(out, []byte("\xef\xbb\xbf")) {
			files[encodingWindows] = out
		}
		for name, file := range files {
			o.Encoding = name
			_, got, err := readImport(t, bytes.NewReader(file), o)
			if (err == nil) != (wantErr == nil) || err == nil && !sameRecords(got, want) {
				t.Fatalf("%s: %v\n%s\nwant %v\n%s", name, err, shownRecords(got), wantErr, shownRecords(want))
			}
		}
	})
}
