package file

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestCSVHeader(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file, delimiter string
		columns               []string
	}{
		{"comma", "a,b,c\n", ",", []string{"a", "b", "c"}},
		{"semicolon", "a;b;c\n", ";", []string{"a", "b", "c"}},
		{"tab", "a\tb\tc\n", "\t", []string{"a", "b", "c"}},
		{"bar", "a|b|c\n", "|", []string{"a", "b", "c"}},
		{"none", "a\n1;2\n", ",", []string{"a"}},
		{"the most frequent", "a,b;c;d\n", ";", []string{"a,b", "c", "d"}},
		{"equally frequent", "a;b,c\n", ",", []string{"a;b", "c"}},
		{"in quotes it does not count", "\"a;b;c;d\",e\n", ",", []string{"a;b;c;d", "e"}},
		{"the others in quotes", "\"a,b\";\"c,d,e\"\n", ";", []string{"a,b", "c,d,e"}},
		{"over lines in quotes", "\"a\n,,,\";b\n", ";", []string{"a\n,,,", "b"}},
		{"only the first record counts", "a;b\n1,1,1,1;2\n", ";", []string{"a", "b"}},
		{"byte order mark", "\xEF\xBB\xBF\"a\";b\n", ";", []string{"a", "b"}},
		{"empty lines before it", "\r\n\na;b\n", ";", []string{"a", "b"}},
		{"spaces around names, empty and equal names", " a ,,\u00A0b\t,a\n", ",", []string{"a", "", "b", "a"}},
		{"CRLF", "a,b\r\n", ",", []string{"a", "b"}},
		{"no newline", "a,b", ",", []string{"a", "b"}},
		{"quoted, no newline", "a,\"b\"", ",", []string{"a", "b"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			layout, _, err := readImport(t, strings.NewReader(test.file), Options{Format: CSV, HasHeader: true})
			if err != nil {
				t.Fatal(err)
			}
			if layout.Format != CSV || layout.Delimiter != test.delimiter || !slices.Equal(layout.Columns, test.columns) {
				t.Errorf("layout %+v, want %q %q", layout, test.delimiter, test.columns)
			}
		})
	}
}

func TestCSVHeaderOnly(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"a,b", "a,b\n", "a,b\r\n\r\n\n"} {
		layout, records, err := readImport(t, strings.NewReader(file), Options{Format: CSV, HasHeader: true})
		if err != nil || len(records) != 0 || len(layout.Columns) != 2 {
			t.Errorf("%q: %d rows, columns %q, error %v", file, len(records), layout.Columns, err)
		}
	}
}

func TestCSVNamedDelimiter(t *testing.T) {
	t.Parallel()
	layout, _, err := readImport(t, strings.NewReader("a;b;c,d\n"), Options{Format: CSV, HasHeader: true, Delimiter: ","})
	if err != nil || !slices.Equal(layout.Columns, []string{"a;b;c", "d"}) {
		t.Errorf("columns %q, error %v", layout.Columns, err)
	}
	for _, d := range []string{":", ",,", ",;", "\"", "\n", "comma"} {
		_, err := NewCutter(strings.NewReader("a,b\n"), Options{Format: CSV, Delimiter: d})
		wantFileError(t, err, 0, false, "comma, semicolon, tab and |")
	}
}

func TestCSVWithoutHeader(t *testing.T) {
	t.Parallel()
	layout, records, err := readImport(t, strings.NewReader("\xEF\xBB\xBF\n1;2\n3;4"), Options{Format: CSV})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"column_1", "column_2"}; !slices.Equal(layout.Columns, want) {
		t.Errorf("columns %q, want %q", layout.Columns, want)
	}
	if got, want := shownRecords(records), "2 [\"1\" \"2\"]\n3 [\"3\" \"4\"]\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCSVWithoutHeaderFirstRowMalformed(t *testing.T) {
	t.Parallel()
	_, records, err := readImport(t, strings.NewReader("1,\"2\n3,4\n"), Options{Format: CSV})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shownRecords(records), "1! [\"1\" \"\\\"2\"]\n2 [\"3\" \"4\"]\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestCSVFileErrors(t *testing.T) {
	t.Parallel()
	wide := strings.Repeat("x,", 1000) + "x\n"
	for _, test := range []struct {
		name, file string
		header     bool
		line       int
		large      bool
		words      []string
	}{
		{"empty", "", true, 0, false, []string{"empty"}},
		{"only a mark", "\xEF\xBB\xBF", true, 0, false, []string{"empty"}},
		{"only empty lines", "\n\r\n\n", false, 0, false, []string{"empty"}},
		{"unclosed quote in the header", "a,\"b\n1,2\n", true, 1, false, []string{"header", "field 2", "not closed"}},
		{"NUL", "a,\x00\n1,2\n", true, 1, false, []string{"UTF-8"}},
		{"UTF-16 that breaks off", "\xFF\xFEa\x00\n\x001", true, 0, false, []string{"UTF-16", "breaks off"}},
		{"1001 columns", wide, true, 1, false, []string{"1000 columns"}},
		{"1001 columns without header", wide, false, 1, false, []string{"1000 columns"}},
		{"header of more than a MiB", strings.Repeat("x", 1<<20+1) + "\n", true, 1, true, []string{"header", "1 MiB",
			"line end is missing"}},
		{"header with an open quote", "a,\"b\n" + strings.Repeat("1,2\n", 1<<18), true, 1, true, []string{"header",
			"1 MiB", "never closed"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := NewCutter(strings.NewReader(test.file), Options{Format: CSV, HasHeader: test.header})
			wantFileError(t, err, test.line, test.large, test.words...)
		})
	}
}

func TestCSVThousandColumns(t *testing.T) {
	t.Parallel()
	row := strings.Repeat("x,", 999) + "x\n"
	layout, records, err := readImport(t, strings.NewReader(row+row), Options{Format: CSV, HasHeader: true})
	if err != nil || len(layout.Columns) != 1000 || len(records) != 1 || records[0].Problem != "" {
		t.Errorf("%d columns, records %.80s, error %v", len(layout.Columns), fmt.Sprint(records), err)
	}
}
