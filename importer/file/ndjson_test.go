package file

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
)

func TestNDJSONRecords(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		columns    []string
		want       string
	}{
		{"plain", `{"a":"1","b":"2"}` + "\n" + `{"a":"3","b":"4"}`, []string{"a", "b"}, "1 [\"1\" \"2\"]\n2 [\"3\" \"4\"]\n"},
		{"kinds of values", `{"s":"x","n":-1.50e+3,"t":true,"f":false,"z":null,"e":""}`, []string{"s", "n", "t", "f", "z",
			"e"},
			"1 [\"x\" \"-1.50e+3\" \"true\" \"false\" \"\" \"\"]\n"},
		{"large numbers stay as written", `{"n":12345678901234567890.10}`, []string{"n"},
			"1 [\"12345678901234567890.10\"]\n"},
		{"keys in the order of first appearance", "{\"b\":1}\n{\"a\":2,\"b\":3}\n{\"c\":4}", []string{"b", "a", "c"},
			"1 [\"1\" \"\" \"\"]\n2 [\"3\" \"2\" \"\"]\n3 [\"\" \"\" \"4\"]\n"},
		{"white space", " \t{ \"a\" : 1 , \"b\" :\"x\" } \r\n", []string{"a", "b"}, "1 [\"1\" \"x\"]\n"},
		{"blank lines", "\n{\"a\":1}\n \t\r\n\r\n{\"a\":2}\n\n", []string{"a"}, "2 [\"1\"]\n5 [\"2\"]\n"},
		{"byte order mark", "\xEF\xBB\xBF{\"a\":1}", []string{"a"}, "1 [\"1\"]\n"},
		{"empty object", "{}\n{\"a\":1}", []string{"a"}, "2 [\"1\"]\n"},
		{"of equal keys either may be meant", `{"a":1,"b":2,"a":3}`, []string{"a", "b"}, "1! [\"3\" \"2\"]\n"},
		{"null as well", `{"a":1,"a":null}`, []string{"a"}, "1! []\n"},
		{"escapes", `{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}`, []string{"a"}, "1 [\"\\\"\\\\/\\b\\f\\n\\r\\té😀\"]\n"},
		{"half surrogate pairs", `{"a":"\ud83d","b":"\ud83dx\ude00","c":"\ud83d\u0041\ud83d\ud83d\ude00"}`,
			[]string{"a", "b", "c"},
			"1 [\"�\" \"�x�\" \"�A�😀\"]\n"},
		{"NUL", `{"a":"\u0000"}`, []string{"a"}, "1 [\"\\x00\"]\n"},
		{"what is not UTF-8 passes", "{\"a\":\"\xff\",\"b\":\"\xff\\n\"}", []string{"a", "b"},
			"1 [\"\\xff\" \"\\xff\\n\"]\n"},
		{"one key in two spellings", `{"a\\b":1,"\u0063":2}` + "\n" + `{"a\u005cb":3,"c":4}`, []string{`a\b`, "c"},
			"1 [\"1\" \"2\"]\n2 [\"3\" \"4\"]\n"},
		{"an escape that looks like another key", `{"a\\b":1}` + "\n" + `{"a\b":2}`, []string{`a\b`, "a\b"},
			"1 [\"1\" \"\"]\n2 [\"\" \"2\"]\n"},
		{"empty key", `{"":1}`, []string{""}, "1 [\"1\"]\n"},
		{"braces and quotes in strings", `{"a":"}\"{,","b":"[\\"}`, []string{"a", "b"}, "1 [\"}\\\"{,\" \"[\\\\\"]\n"},

		{"nested", `{"a":{"x":[1,"}"]},"b":2}` + "\n" + `{"a":1,"b":[]}`, []string{"a", "b"},
			"1! [\"{\\\"x\\\":[1,\\\"}\\\"]}\" \"2\"]\n2! [\"1\" \"[]\"]\n"},
		{"no object", "{\"a\":1}\n[1]\n7\n\"x\"\nnull\n{\"a\":2}", []string{"a"},
			"1 [\"1\"]\n2! [\"[1]\"]\n3! [\"7\"]\n4! [\"\\\"x\\\"\"]\n5! [\"null\"]\n6 [\"2\"]\n"},
		{"no JSON", "{\"a\":1}\n{\"b\":\n{\"c\":1}}\n{'d':1}\n{\"e\":\"\x01\"}\ntext\r\n{\"a\":2}", []string{"a"},
			"1 [\"1\"]\n2! [\"{\\\"b\\\":\"]\n3! [\"{\\\"c\\\":1}}\"]\n4! [\"{'d':1}\"]\n5! " +
				"[\"{\\\"e\\\":\\\"\\x01\\\"}\"]\n6! [\"text\"]\n7 [\"2\"]\n"},
		{"two objects on a line", `{"a":1}{"b":2}`, nil, "1! [\"{\\\"a\\\":1}{\\\"b\\\":2}\"]\n"},
		{"keys that cannot be columns", "{\"a\":1,\"b\\u0000\":2}\n{\"\xff\":2}\n{\"c\":1}", []string{"c"},
			"1! [\"{\\\"a\\\":1,\\\"b\\\\u0000\\\":2}\"]\n2! [\"{\\\"\\xff\\\":2}\"]\n3 [\"1\"]\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, rows := range []int{0, 1} {
				layout, records, err := readImport(t, strings.NewReader(test.file), Options{Format: NDJSON, ChunkRows: rows})
				if err != nil {
					t.Fatal(err)
				}
				if got := shownRecords(records); got != test.want || !slices.Equal(layout.Columns, test.columns) {
					t.Errorf("columns %q, want %q; got\n%swant\n%s", layout.Columns, test.columns, got, test.want)
				}
			}
		})
	}
}

func TestNDJSONProblems(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ line, want string }{
		{`{"a":{"x":1}}`, `the value of "a" is an object or a list; give text, a number, true, false or null`},
		{`[1]`, "the line is not a JSON object; write every row as one object on one line"},
		{`{"a":1,}`, "the line is not valid JSON, at or before byte 8; write every row as one object on one line"},
		{`{"a\u0000":1}`, `the key "a\x00" is not UTF-8 text or contains a NUL character; correct it`},
	} {
		_, records, err := readImport(t, strings.NewReader("{\"a\":2}\n"+test.line), Options{Format: NDJSON})
		if err != nil {
			t.Fatal(err)
		}
		if got := records[1].Problem; got != test.want {
			t.Errorf("%s: problem %q, want %q", test.line, got, test.want)
		}
	}
}

func TestNDJSONWithAnIncompleteLayout(t *testing.T) {
	t.Parallel()
	layout := Layout{Format: NDJSON, Columns: []string{"a"}}
	for r := range Decode(layout, Chunk{FirstRow: 1, FirstLine: 1, Rows: 1, Data: []byte(`{"a":1,"b":2}`)}) {
		if r.Problem != `the key "b" is not a column of the import; correct it, or leave it out` || !slices.Equal(r.Cells,
			[]string{`{"a":1,"b":2}`}) {
			t.Errorf("record %+v", r)
		}
	}
}

func TestNDJSONLayoutGrows(t *testing.T) {
	t.Parallel()
	cutter, err := NewCutter(strings.NewReader("{\"a\":1}\n{\"b\":1}\n"), Options{Format: NDJSON, ChunkRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	for n := range 3 {
		layout := cutter.Layout()
		if len(layout.Columns) != n {
			t.Errorf("after %d chunks: columns %q", n, layout.Columns)
		}
		if n > 0 {
			layout.Columns[0] = "changed"
		}
		if _, err := cutter.Next(); err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	}
	if l := cutter.Layout(); l.Columns[0] != "a" {
		t.Errorf("the cutter's own columns changed to %q", l.Columns)
	}
}

func TestNDJSONFileErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, file string
		line       int
		words      []string
	}{
		{"empty", "", 0, []string{"empty"}},
		{"blank", " \n\t\r\n", 0, []string{"empty"}},
		{"array", `[{"a":1}]`, 1, []string{"JSON array", "NDJSON", "application/json"}},
		{"array over lines", "\n[\n  {\n\"a\":1}]", 1, []string{"JSON array"}},
		{"array longer than a record may be", `[{"a":"` + strings.Repeat("x", 200_000) + `"}]`, 1, []string{"JSON array"}},
		{"empty array", "[ ]", 1, []string{"JSON array"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := NewCutter(strings.NewReader(test.file), Options{Format: NDJSON, MaxRow: 100_000})
			wantFileError(t, err, test.line, false, test.words...)
		})
	}
}

func TestNDJSONKeyLimits(t *testing.T) {
	t.Parallel()
	var many, long strings.Builder
	for i := range 1001 {
		fmt.Fprintf(&many, "{\"k%d\":1}\n", i)
		fmt.Fprintf(&long, "{\"k%d%s\":1}\n", i, strings.Repeat("x", 2000))
	}
	_, _, err := readImport(t, strings.NewReader(many.String()), Options{Format: NDJSON})
	wantFileError(t, err, 1001, false, "1000 different keys")
	_, _, err = readImport(t, strings.NewReader(long.String()), Options{Format: NDJSON})
	wantFileError(t, err, 524, true, "1 MiB")

	all, _, _ := strings.Cut(many.String(), "{\"k1000\"")
	layout, _, err := readImport(t, strings.NewReader(all), Options{Format: NDJSON})
	if err != nil || len(layout.Columns) != 1000 {
		t.Errorf("%d columns, error %v", len(layout.Columns), err)
	}
}
