package file

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

func TestArrayRows(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, file, want string }{
		{"on one line", `[{"a":1},{"a":"x]},"},{},{"a":2}]`, "1 [\"1\"]\n2 [\"x]},\"]\n4 [\"2\"]\n"},
		{"a line each", "[\n{\"a\":1},\n{\"a\":2}\n]\n", "2 [\"1\"]\n3 [\"2\"]\n"},
		{"over lines", "\n[\n  {\n    \"a\":\n 1\n  },\n\n  {\"a\": \"x\\\"\\\\\"}\n]", "3 [\"1\"]\n8 [\"x\\\"\\\\\"]\n"},
		{"CRLF and tabs", "[\r\n\t{\"a\":1}\r\n,\r\n\t{\"a\":2}\r\n]\r\n", "2 [\"1\"]\n4 [\"2\"]\n"},
		{"other things", `[{"a":1}, 7 ,"x",[1,[2]],null,{"a":2}]`,
			"1 [\"1\"]\n2! [\"7\"]\n3! [\"\\\"x\\\"\"]\n4! [\"[1,[2]]\"]\n5! [\"null\"]\n6 [\"2\"]\n"},
		{"no JSON inside", `[{"a":1},{a:2},{"a":3}]`, "1 [\"1\"]\n2! [\"{a:2}\"]\n3 [\"3\"]\n"},
	} {
		for _, as := range []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader,
			iotest.DataErrReader} {
			layout, records, err := readImport(t, as(strings.NewReader(test.file)), Options{Format: JSON})
			if err != nil || layout.Format != JSON || shownRecords(records) != test.want {
				t.Errorf("%s: %v\n%swant\n%s", test.name, err, shownRecords(records), test.want)
			}
		}
	}
}

func TestArrayFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		file  string
		line  int
		words string
	}{
		{"", 0, "empty"}, {" \n ", 0, "empty"}, {"[]", 0, "empty"}, {"[", 1, "breaks off"}, {"[{\"a\":1}\n", 2,
			"breaks off"}, {"[{\"a\":1},\n{\"a\"", 2, "breaks off"},
		{"[{\"a\":1},]", 1, "cannot have \"]\""}, {"[,", 1, "cannot have"}, {"[{\"a\":1}\n{\"a\":2}]", 2,
			"cannot have \"{\""}, {"[{}]\n\n[]", 3, "goes on"}, {"x", 1, "cannot have \"x\""},
		{"[{\"a\":\"x\ny\"}]", 1, "end of the line"},
	} {
		_, _, err := readImport(t, strings.NewReader(test.file), Options{Format: JSON})
		wantFileError(t, err, test.line, false, test.words)
	}
}

// FuzzArray checks that the elements of an array that encoding/json accepts become rows, and that
// any other text is handled without a panic.
func FuzzArray(f *testing.F) {
	for _, s := range []string{`[{"a":1},{"a":"\"]"}]`, "[\n{\"a\":\n1}, 2, \"x\"]", `[[],{},null]`, `[{"a":1}`, `[`} {
		f.Add([]byte(s), uint8(3))
	}
	f.Fuzz(func(t *testing.T, file []byte, rows uint8) {
		o := Options{Format: JSON, ChunkRows: int(rows%5) + 1, Encoding: "utf-8"}
		_, records, err := readImport(t, bytes.NewReader(file), o)
		var want []json.RawMessage
		if json.Unmarshal(bytes.TrimPrefix(file, []byte("\xEF\xBB\xBF")), &want) != nil || len(want) == 0 {
			return
		}
		want = slices.DeleteFunc(want, func(element json.RawMessage) bool { return isEmptyObject(element) })
		if len(want) == 0 {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", file, err)
		}
		if len(records) != len(want) {
			t.Fatalf("%q: %d rows, want %d", file, len(records), len(want))
		}
		for i, r := range records {
			object := want[i][0] == '{'
			if !object && (r.Problem == "" || !slices.Equal(r.Cells, []string{compacted(t, want[i])})) {
				t.Fatalf("row %d is %+v, want %s", i+1, r, want[i])
			}
		}
	})
}

// compacted removes the line breaks from a value, which are all outside its strings.
func compacted(t *testing.T, value []byte) string {
	t.Helper()
	return strings.NewReplacer("\n", "", "\r", "").Replace(string(value))
}
