package file

import (
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestChunkLimits(t *testing.T) {
	t.Parallel()
	const file = "a\n1\n22\n\n333\n4444\n5\n"
	for _, test := range []struct {
		name string
		o    Options
		want []string
	}{
		{"by default", Options{}, []string{"1\n22\n\n333\n4444\n5\n"}},
		{"two rows", Options{ChunkRows: 2}, []string{"1\n22\n", "333\n4444\n", "5\n"}},
		{"after the row that reaches the bytes", Options{ChunkBytes: 3}, []string{"1\n22\n", "333\n", "4444\n", "5\n"}},
		{"a row that just reaches the bytes", Options{ChunkBytes: 2}, []string{"1\n", "22\n", "333\n", "4444\n", "5\n"}},
		{"every row", Options{ChunkBytes: 1}, []string{"1\n", "22\n", "333\n", "4444\n", "5\n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.o.Format, test.o.HasHeader = CSV, true
			var got []string
			for c := range chunksOf(t, strings.NewReader(file), test.o) {
				got = append(got, string(c.Data))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("chunks %q, want %q", got, test.want)
			}
		})
	}
}

func TestChunkNumbers(t *testing.T) {
	t.Parallel()
	const file = "a,b\n1,2\n\"x\ny\",2\nbad\"\n\n3,4\n"
	var got []Chunk
	for c := range chunksOf(t, strings.NewReader(file), Options{Format: CSV, HasHeader: true, ChunkRows: 2}) {
		c.Data = nil
		got = append(got, c)
	}
	want := []Chunk{{Number: 1, FirstRow: 1, FirstLine: 2, Rows: 2}, {Number: 2, FirstRow: 3, FirstLine: 5, Rows: 2}}
	if len(got) != 2 || got[0].FirstLine != want[0].FirstLine || got[1].FirstLine != want[1].FirstLine ||
		got[1].FirstRow != want[1].FirstRow || got[1].Number != want[1].Number || got[1].Rows != want[1].Rows {
		t.Errorf("chunks %+v, want %+v", got, want)
	}
}

func TestChunkDataIsTheCallers(t *testing.T) {
	t.Parallel()
	file := taskCSV(2000, false)
	var joined []byte
	var kept [][]byte
	for c := range chunksOf(t, strings.NewReader(string(file)), Options{Format: CSV, HasHeader: true, ChunkRows: 7}) {
		joined = append(joined, c.Data...)
		kept = append(kept, c.Data)
	}
	if !slices.Equal(slices.Concat(kept...), joined) || !strings.HasSuffix(string(file), string(joined)) {
		t.Error("a chunk's data changed after the next one was cut")
	}
}

func TestNextAfterTheEnd(t *testing.T) {
	t.Parallel()
	cutter, err := NewCutter(strings.NewReader("a\n1\n"), Options{Format: CSV, HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := cutter.Next(); err != nil || c.Rows != 1 {
		t.Fatalf("chunk %+v, error %v", c, err)
	}
	for range 3 {
		if _, err := cutter.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("error %v, want io.EOF", err)
		}
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	_, err := NewCutter(strings.NewReader("a"), Options{Format: "xml"})
	wantFileError(t, err, 0, false, "xml", "csv", "ndjson")
}

func TestDecodeStopsWhenAsked(t *testing.T) {
	t.Parallel()
	layout := Layout{Format: CSV, Columns: []string{"a"}}
	for r := range Decode(layout, Chunk{FirstRow: 8, FirstLine: 20, Rows: 3, Data: []byte("\n1\n2\n3\n")}) {
		if r.Row != 8 || r.Line != 21 || r.Cells[0] != "1" {
			t.Fatalf("first record %+v", r)
		}
		break
	}
}

// TestChunkSizeDoesNotMatter reads random files, most of them full of faults, in chunks of many
// sizes, and compares each with the slow implementation.
func TestChunkSizeDoesNotMatter(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 4000 {
		file := randomCSV(random)
		want := slowRecords(file, ',')
		for rows := 1; rows <= 7; rows++ {
			o := Options{Format: CSV, Delimiter: ",", ChunkRows: rows, ChunkBytes: 1 + random.IntN(12)}
			_, records, err := readImport(t, strings.NewReader(file), o)
			if err != nil && !strings.Contains(err.Error(), "empty") {
				t.Fatalf("%q: %v", file, err)
			}
			checkAgainstSlow(t, file, records, want)
		}
		_, whole, _ := readImport(t, strings.NewReader(file), Options{Format: CSV, Delimiter: ","})
		_, small, _ := readImport(t, strings.NewReader(file), Options{Format: CSV, Delimiter: ",", ChunkRows: 1})
		if !sameRecords(whole, small) {
			t.Fatalf("%q: whole\n%srow by row\n%s", file, shownRecords(whole), shownRecords(small))
		}
	}
}

func randomCSV(random *rand.Rand) string {
	pieces := []string{"a", "b", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r\n", "\r", "\",\"", ",\"", "\"\n"}
	var file strings.Builder
	for range random.IntN(40) {
		file.WriteString(pieces[random.IntN(len(pieces))])
	}
	return file.String()
}
