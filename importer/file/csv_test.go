package file

import (
	"fmt"
	"strings"
	"testing"
)

func TestCSVRecords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, rows, want string }{
		{"plain", "1,2\n3,4\n", "2 [\"1\" \"2\"]\n3 [\"3\" \"4\"]\n"},
		{"no newline at the end", "1,2\n3,4", "2 [\"1\" \"2\"]\n3 [\"3\" \"4\"]\n"},
		{"CRLF", "1,2\r\n3,4\r\n", "2 [\"1\" \"2\"]\n3 [\"3\" \"4\"]\n"},
		{"CR before the end of the file", "1,2\r", "2 [\"1\" \"2\"]\n"},
		{"CR after a closing quote at the end of the file", "1,\"2\"\r", "2 [\"1\" \"2\"]\n"},
		{"a lone CR is data", "1\r,2\rx\r\n", "2 [\"1\\r\" \"2\\rx\"]\n"},
		{"empty lines are no rows", "\n\r\n1,2\n\n\n3,4\n\n", "4 [\"1\" \"2\"]\n7 [\"3\" \"4\"]\n"},
		{"a line of delimiters is no row", ",\n \u00a0,\t\n1,2\n", "4 [\"1\" \"2\"]\n"},
		{"quoted", "\"1\",\"2\"\n", "2 [\"1\" \"2\"]\n"},
		{"empty quoted", "\"\",\"\"\n\"\",1\n", "3 [\"\" \"1\"]\n"},
		{"doubled quotes", "\"a \"\"b\"\"\",\"\"\"\"\n", "2 [\"a \\\"b\\\"\" \"\\\"\"]\n"},
		{"delimiter in quotes", "\"1,5\",2\n", "2 [\"1,5\" \"2\"]\n"},
		{"line breaks in quotes stay as they are", "\"a\nb\r\nc\",2\n3,4\n", "2 [\"a\\nb\\r\\nc\" \"2\"]\n5 [\"3\" \"4\"]\n"},
		{"two fields over several lines", "\"a\nb\",\"c\n\nd\"\r\n3,4\n", "2 [\"a\\nb\" \"c\\n\\nd\"]\n6 [\"3\" \"4\"]\n"},
		{"plain field after one of several lines", "\"a\nb\",c\n3,4", "2 [\"a\\nb\" \"c\"]\n4 [\"3\" \"4\"]\n"},
		{"spaces are data", " 1 , 2\n", "2 [\" 1 \" \" 2\"]\n"},
		{"NUL and what is not UTF-8 pass", "\x00,\xff\n", "2 [\"\\x00\" \"\\xff\"]\n"},
		{"surplus empty cells", "1,2,,\n1,2,\"\"\n", "2 [\"1\" \"2\"]\n3 [\"1\" \"2\"]\n"},

		{"too many cells", "1,2,3\n3,4\n", "2! [\"1\" \"2\" \"3\"]\n3 [\"3\" \"4\"]\n"},
		{"too many cells, the last ones empty", "1,2,3,\n", "2! [\"1\" \"2\" \"3\" \"\"]\n"},
		{"too few cells", "1\n3,4\n", "2! [\"1\"]\n3 [\"3\" \"4\"]\n"},
		{"bare quote", "a\"b,2\n3,4\n", "2 [\"a\\\"b\" \"2\"]\n3 [\"3\" \"4\"]\n"},
		{"quote after a space", "1, \"2, 3\" \n3,4\n", "2 [\"1\" \"2, 3\"]\n3 [\"3\" \"4\"]\n"},
		{"text after a closing quote", "\"a\"b,\"2\"\n3,4\n", "2! [\"\\\"a\\\"b\" \"2\"]\n3 [\"3\" \"4\"]\n"},
		{"CR and text after a closing quote", "1,\"a\"\rb\n3,4\n", "2! [\"1\" \"\\\"a\\\"\\rb\"]\n3 [\"3\" \"4\"]\n"},
		{"two CRs after a closing quote", "1,\"a\"\r\r\n3,4\n", "2! [\"1\" \"\\\"a\\\"\\r\"]\n3 [\"3\" \"4\"]\n"},
		{"opening quote that never closes", "\"a,2\n3,4\n5,6\n", "2! [\"\\\"a\" \"2\"]\n3 [\"3\" \"4\"]\n4 [\"5\" \"6\"]\n"},
		{"opening quote that closes wrongly two lines on", "\"a,2\n3,4\n5,\"6\"\n",
			"2! [\"\\\"a\" \"2\"]\n3 [\"3\" \"4\"]\n4 [\"5\" \"6\"]\n"},
		{"bare quote on the second line of a record", "\"a\nb\",c\"d\n3,4\n",
			"2 [\"a\\nb\" \"c\\\"d\"]\n4 [\"3\" \"4\"]\n"},
		{"good fields beside a bad one", "\"1,5\",\"b\"c,\"x\"\"y\"\n", "2! [\"1,5\" \"\\\"b\\\"c\" \"x\\\"y\"]\n"},
		{"an opening quote is all there is", "\"", "2! [\"\\\"\"]\n"},
		{"guards", "=\"1,5\",\"=\"\"00042\"\"\"\n'0042,='a\n",
			"2 [\"1,5\" \"00042\"]\n3 [\"0042\" \"='a\"]\n"},
		{"a formula is text", "=\"a\"&B1,'90s\n", "2 [\"=\\\"a\\\"&B1\" \"'90s\"]\n"},
		{"a mark before a quote", "\ufeff\"1\",2\n", "2 [\"1\" \"2\"]\n"},
		{"three quotes", "\"\"\"", "2! [\"\\\"\\\"\\\"\"]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, records, err := readImport(t, strings.NewReader("a,b\n"+test.rows), Options{Format: CSV, HasHeader: true,
				Delimiter: ",", Encoding: "utf-8"})
			if err != nil {
				t.Fatal(err)
			}
			if got := shownRecords(records); got != test.want {
				t.Errorf("got\n%swant\n%s", got, test.want)
			}
		})
	}
}

// Other qualifiers than the usual quote are detected, and apostrophes before every cell.
func TestTextQualifiers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, want string }{
		{"'a','b'\n'it''s, now','2'\n", "it's, now|2"},
		{"a,b\n'x, y','2'\n'z','3'\n", "x, y|2"},
		{"`a`;`b`\n`1;2`;`2`\n", "1;2|2"},
		{"a,b\n'Call,'Anna\n'Send,'00042\n", "Call|Anna"},
		{"a,b\n'90s party,Anna\nCall,Bob\n", "'90s party|Anna"},
		{"a,b\r1,2\r3,4\r", "1|2"},
	} {
		_, records, err := readImport(t, strings.NewReader(test.file), Options{Format: CSV, HasHeader: true})
		if err != nil || strings.Join(records[0].Cells, "|") != test.want {
			t.Errorf("%q: got %s %v, want %s", test.file, shownRecords(records), err, test.want)
		}
	}
	known := func(s string) bool { return s == "title" || s == "contact_name" }
	for _, file := range []string{"\"title,contact_name\"\n\"a,b\"\n", "title,contact_name\n\"a,b\"\n\"c,d\"\n"} {
		_, err := NewCutter(strings.NewReader(file), Options{Format: CSV, HasHeader: true, Known: known})
		if err == nil || !strings.Contains(err.Error(), "single quoted field") {
			t.Errorf("%q: got %v, want a refusal", file, err)
		}
	}
	c, err := NewCutter(strings.NewReader("a,b\n,\n1,2\n\n \u00a0,\n"), Options{Format: CSV, HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	for err == nil {
		_, err = c.Next()
	}
	if got := c.Layout().EmptyRows; got != 3 {
		t.Errorf("got %d empty rows, want 3", got)
	}
}

// A row whose last cells are missing is taken, unless it may be a piece of a broken line.
func TestShortRows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ rows, want string }{
		{"1,2,3,4\n1,2,3\n1,2,3,4\n", "2 [1 2 3 4]|3 [1 2 3 ]|4 [1 2 3 4]"},
		{"1,2,3\n\n1,2,3\n", "2 [1 2 3 ]|4 [1 2 3 ]"},
		{"1,\"2,2,2\",3\n1,2,3,4\n", "2 [1 2,2,2 3 ]|3 [1 2 3 4]"},
		{"1,2,\"3\n4\"\r\n1,2,3,4\n", "2 [1 2 3\n4 ]|4 [1 2 3 4]"},
		{"1,2,a broken\nline,4\n1,2,3,4\n", "2! [1 2 a broken]|3! [line 4]|4 [1 2 3 4]"},
		{"1,2,3,4\n1,2\n3\n4\n", "2 [1 2 3 4]|3! [1 2]|4! [3]|5! [4]"},
		{"1,2,3,4\n1,2,3", "2 [1 2 3 4]|3! [1 2 3]"},
		{"1,2,3\n1,2,3,4,5\n", "2 [1 2 3 ]|3! [1 2 3 4 5]"},
	} {
		for _, rows := range []int{0, 1, 2} {
			_, records, err := readImport(t, strings.NewReader("a,b,c,d\n"+test.rows), Options{Format: CSV, HasHeader: true,
				Delimiter: ",", ChunkRows: rows})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range records {
				got = append(got, fmt.Sprintf("%d%s %s", r.Line, strings.Repeat("!", min(1, len(r.Problem))), r.Cells))
			}
			if got := strings.Join(got, "|"); got != test.want {
				t.Errorf("%q in chunks of %d: got %s, want %s", test.rows, rows, got, test.want)
			}
		}
	}
}

func TestCSVProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ file, want string }{
		{"a,b,c,d,e\n1,2,3,4,5,6,7\n", "the row has 7 fields, the header has 5; quote fields that contain the delimiter"},
		{"a,b,c\nMarch\n", "the row has a single field, the header has 3; leave it out if it is a heading or a footer, " +
			"or give every column a field, empty ones too"},
		{"a,b,c\n1,2\n3,4\n", "the row has 2 fields, the header has 3; give every column a field, empty ones too, and " +
			"quote " +
			"fields that contain line breaks"},
		{"a,b\n" + strings.Repeat("x,", 5000) + "\n",
			"the row has 2000 fields or more, the header has 2; check that its lines end where they should"},
		{"a,b\nx,\"y\"z\n", "field 2 goes on after its closing quote; double the quotes that belong to its text"},
		{"a,b\nx,\"y\"\r\r\n", "field 2 goes on after its closing quote; double the quotes that belong to its text"},
		{"a,b\nx,\"y\nz,w\n", "the quote that opens field 2 is not closed as it should be; close it before the next " +
			"delimiter, or double the quotes that belong to the text"},
	} {
		_, records, err := readImport(t, strings.NewReader(test.file), Options{Format: CSV, HasHeader: true, Delimiter: ","})
		if err != nil {
			t.Fatal(err)
		}
		if got := records[0].Problem; got != test.want {
			t.Errorf("%.40q: problem %q, want %q", test.file, got, test.want)
		}
	}
}

func TestCSVProblemWithoutHeader(t *testing.T) {
	t.Parallel()
	_, records, err := readImport(t, strings.NewReader("1,2\n3\n"), Options{Format: CSV})
	if err != nil {
		t.Fatal(err)
	}
	if p := records[1].Problem; !strings.HasPrefix(p, "the row has 1 fields, the first row has 2") {
		t.Errorf("problem %q", p)
	}
}

func TestCSVKeepsEverythingOfARowOfDelimiters(t *testing.T) {
	t.Parallel()
	row := strings.Repeat("x,", 5000)
	_, records, err := readImport(t, strings.NewReader("a,b\n"+row+"\n"), Options{Format: CSV, HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	cells := records[0].Cells
	if len(cells) != maxCells || strings.Join(cells, ",") != row {
		t.Errorf("%d cells, want %d that hold the whole row", len(cells), maxCells)
	}
}
