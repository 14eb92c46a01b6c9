package file

import (
	"strings"
	"testing"
)

// A row without text is not a row, and is counted; one that has so much as a quote is one.
func TestEmptyRows(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text    string
		options Options
		rows    []int // the lines of the rows
		empty   int
	}{
		"csv": {"\n,\na,b\n1,2\n,\n\n\"\",\" \u00a0\"\n\"\n\",\n\"\"\"\"\n,-\n , ,\n",
			Options{Format: CSV, HasHeader: true, Delimiter: ","}, []int{4, 10, 11}, 5},
		"semicolons": {"a;b\n;\n,;\n", Options{Format: CSV, HasHeader: true, Delimiter: ";"}, []int{3}, 1},
		"ndjson": {"{\"a\":\"\"}\n{}\n{\"a\":\"1\"}\n{\"a\":null,\"b\":\" \"}\n{\"a\":0}\n{\"a\":\"\",}\n",
			Options{Format: NDJSON}, []int{3, 5, 6}, 1},
	} {
		for _, chunk := range []int{0, 1} {
			test.options.ChunkRows, test.options.Encoding = chunk, "utf-8"
			layout, records, err := readImport(t, strings.NewReader(test.text), test.options)
			if err != nil {
				t.Fatal(err)
			}
			var lines []int
			for _, r := range records {
				lines = append(lines, r.Line)
			}
			if len(lines) != len(test.rows) || layout.EmptyRows != test.empty {
				t.Errorf("%s: got rows at %v and %d empty ones, want %v and %d", name, lines, layout.EmptyRows, test.rows,
					test.empty)
			}
		}
	}
}
