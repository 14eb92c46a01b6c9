package file

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func chunkSizes(rows, size uint8) Options {
	return Options{ChunkRows: int(rows%7) + 1, ChunkBytes: int(size) + 1}
}

// FuzzCutCSV checks that the rows of the chunks are the rows of the file: as one chunk, as the slow
// implementation reads them, and as encoding/csv does if it accepts the file. The only difference
// is CRLF in quotes, which encoding/csv makes LF.
func FuzzCutCSV(f *testing.F) {
	for _, s := range []string{
		"a,b\n1,2\n", "a;b\r\n\"1\";\"2\"\r\n", "a,b\n\"x\ny\",2\n\n3,4", "a\tb\n\"\"\"\"\t\"x\"\"y\"\n",
		"a,b\n\"1,2\n3,4\n5,\"6\n",
		"a\tb\n" + strings.Repeat("\t", maxCells+500) + "\n1\t2\n", "\xEF\xBB\xBFa|b\n1|2|\n1\n", "a,b\r1,2\r",
		"a,b\n1,\"2\"\r\r\n3,4\r", "\n\r\na\n\"\"\n", "\"a\r\r\nb\"\n\"c\r\r\nd\"\n",
	} {
		f.Add([]byte(s), uint8(1), uint8(5), true)
		f.Add([]byte(s), uint8(3), uint8(200), false)
	}
	f.Fuzz(func(t *testing.T, file []byte, rows, size uint8, header bool) {
		o := chunkSizes(rows, size)
		o.Format, o.HasHeader, o.Encoding = CSV, header, "utf-8"
		o.SkipLines = new(int)
		layout, records, err := readImport(t, bytes.NewReader(file), o)
		if err != nil {
			return
		}
		_, whole, err := readImport(t, bytes.NewReader(file), Options{Format: CSV, HasHeader: header, Encoding: "utf-8",
			SkipLines: new(int)})
		if err != nil || !sameRecords(records, whole) {
			t.Fatalf("in chunks\n%sas one (error %v)\n%s", shownRecords(records), err, shownRecords(whole))
		}
		text := string(file)
		for strings.HasPrefix(text, "\ufeff") {
			text = strings.TrimPrefix(text, "\ufeff")
		}
		if !strings.Contains(text, "\n") { // what encoding/csv does not know
			return
		}
		if layout.Quote != "" || layout.Guarded {
			return
		}
		slow := slowRecords(text, layout.Delimiter[0])
		if header {
			slow = slow[1:]
		}
		checkAgainstSlow(t, text, records, slow)
		checkAgainstStandard(t, text, layout, records, header)
	})
}

func checkAgainstStandard(t *testing.T, text string, layout Layout, records []Row, header bool) {
	t.Helper()
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = rune(layout.Delimiter[0]), -1
	want, err := in.ReadAll()
	if err != nil {
		return
	}
	want = slices.DeleteFunc(want, func(cells []string) bool { return !hasText(cells) })
	if header {
		for i, name := range want[0] {
			if want := strings.TrimSpace(name); strings.ReplaceAll(layout.Columns[i], "\r\n", "\n") != want {
				t.Fatalf("column %d is %q, want %q", i+1, layout.Columns[i], want)
			}
		}
		want = want[1:]
	}
	want = slices.DeleteFunc(want, func(r []string) bool { return strings.TrimFunc(strings.Join(r, ""), isBlank) == "" })
	if len(records) != len(want) {
		t.Fatalf("%d records, encoding/csv finds %d", len(records), len(want))
	}
	for i, r := range records {
		for n, c := range want[i] {
			want[i][n] = unguarded(strings.TrimSpace(c), false)
		}
		var cells []string
		for _, c := range r.Cells {
			c = strings.TrimSpace(c)
			cells = append(cells, strings.ReplaceAll(c, "\r\n", "\n"))
		}
		if len(want[i]) <= maxCells && !slices.Equal(cells, withoutSurplus(want[i], len(cells))) {
			t.Fatalf("record %d is %q, encoding/csv reads %q", i+1, cells, want[i])
		}
	}
}

// FuzzCutNDJSON checks that every line that is not blank is a row, and that the values of a sound
// row are those that encoding/json reads.
func FuzzCutNDJSON(f *testing.F) {
	for _, s := range []string{
		"{\"a\":1}\n{\"b\":\"x\"}\n", "{\"a\":{\"b\":[1]}}\n\n{}", "{\"a\":\"\\ud83d\\ude00\\u0000\",\"a\":null}",
		"[1]\n{\"a\":", "{\"\\u0061\":true}\n{\"a\":-1e5}",
		"\xEF\xBB\xBF {\"a\" : \"\\\\\" , \"b\":\"\\\"\"}\r\n \t\n", "{\"a\":\"", "{\"a\":\"\\", "{\"", "{\"a\"", "{\"a\":}",
		"{\"a\":true}\n/\"0\x00\x02\x00\xff\x00\"",
	} {
		f.Add([]byte(s), uint8(1), uint8(5))
	}
	f.Fuzz(func(t *testing.T, file []byte, rows, size uint8) {
		o := chunkSizes(rows, size)
		o.Format, o.Encoding = NDJSON, "utf-8" // detected, it may be UTF-16, whose lines are others
		layout, records, err := readImport(t, bytes.NewReader(file), o)
		if err != nil {
			return
		}
		var lines [][]byte
		for line := range bytes.SplitSeq(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF")), []byte("\n")) {
			if len(bytes.Trim(line, jsonSpace)) > 0 && !isEmptyObject(line) {
				lines = append(lines, line)
			}
		}
		if len(records) != len(lines) {
			t.Fatalf("%d records of %d lines", len(records), len(lines))
		}
		for i, r := range records {
			checkAgainstJSON(t, lines[i], layout, r)
		}
	})
}

func checkAgainstJSON(t *testing.T, line []byte, layout Layout, r Row) {
	t.Helper()
	var want map[string]json.RawMessage
	if err := json.Unmarshal(line, &want); err != nil || want == nil {
		if r.Problem == "" {
			t.Fatalf("%q is sound, encoding/json says %v", line, err)
		}
		return
	}
	if r.Problem != "" || !utf8.Valid(line) {
		return // covered by the tables of rules
	}
	for key := range want {
		if !slices.Contains(layout.Columns, key) {
			t.Fatalf("%q: key %q is no column of %q", line, key, layout.Columns)
		}
	}
	for i, column := range layout.Columns {
		if got, want := r.Cells[i], jsonCell(t, want[column]); got != want {
			t.Fatalf("%q: cell %q is %q, want %q", line, column, got, want)
		}
	}
}

func jsonCell(t *testing.T, value json.RawMessage) string {
	t.Helper()
	if len(value) == 0 || string(value) == "null" {
		return ""
	}
	if value[0] != '"' {
		return string(value)
	}
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		t.Fatal(err)
	}
	return text
}
