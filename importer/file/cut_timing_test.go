package file

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

const timingRows = 50_000

// taskCSV is a file like those that systems export: 13 columns, about 170 bytes a row.
func taskCSV(rows int, quoted bool) []byte {
	var b bytes.Buffer
	b.WriteString("title,description,status,priority,task_type,due_date,assignee_id,contact_id,company_id," +
		"contact_name,company_name,created_date,external_id\n")
	for i := range rows {
		cells := []string{
			fmt.Sprintf("Call back about invoice %d", i), "Asked for the terms, again", "open", "high", "call", "2031-04-05", "",
			"", "", "Anna-Lena Österreich", "Müller & Söhne GmbH", "2031-01-02T03:04:05Z", fmt.Sprintf("EXT-%08d", i),
		}
		for j, c := range cells {
			if j > 0 {
				b.WriteByte(',')
			}
			if quoted || strings.Contains(c, ",") {
				c = `"` + c + `"`
			}
			b.WriteString(c)
		}
		b.WriteString("\r\n")
	}
	return b.Bytes()
}

func plainCSV(rows int) []byte {
	return bytes.ReplaceAll(taskCSV(rows, false), []byte(`"Asked for the terms, again"`),
		[]byte(`Asked for the terms again`))
}

func taskNDJSON(rows int) []byte {
	var b bytes.Buffer
	out := json.NewEncoder(&b)
	for i := range rows {
		_ = out.Encode(map[string]any{ //nolint:errchkjson // strings and a number encode, and the buffer takes them
			"title": fmt.Sprintf("Call back about invoice %d", i), "description": "Asked for the terms, again",
			"status": "open", "priority": "high",
			"due_date": "2031-04-05", "contact_name": "Anna-Lena Österreich", "company_name": "Müller Söhne GmbH", "row": i,
			"external_id": fmt.Sprintf("EXT-%08d", i),
		})
	}
	return b.Bytes()
}

var timingFiles = []struct {
	name   string
	format Format
	file   func() []byte
}{
	{"plain", CSV, func() []byte { return plainCSV(timingRows) }},
	{"one_quoted", CSV, func() []byte { return taskCSV(timingRows, false) }},
	{"all_quoted", CSV, func() []byte { return taskCSV(timingRows, true) }},
	{"ndjson", NDJSON, func() []byte { return taskNDJSON(timingRows) }},
}

func BenchmarkCut(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			file := f.file()
			startTiming(b, file)
			for b.Loop() {
				rows := 0
				for c := range chunksOf(b, bytes.NewReader(file), Options{Format: f.format, HasHeader: true}) {
					rows += c.Rows
				}
				wantTimingRows(b, rows)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			file := f.file()
			cutter, err := NewCutter(bytes.NewReader(file), Options{Format: f.format, HasHeader: true})
			if err != nil {
				b.Fatal(err)
			}
			var chunks []Chunk
			for {
				c, err := cutter.Next()
				if err != nil {
					break
				}
				chunks = append(chunks, c)
			}
			startTiming(b, file)
			for b.Loop() {
				rows := 0
				for _, c := range chunks {
					for r := range Decode(cutter.Layout(), c) {
						if r.Problem != "" {
							b.Fatal(r.Problem)
						}
						rows++
					}
				}
				wantTimingRows(b, rows)
			}
		})
	}
}

// BenchmarkStandardLibrary reads the same files with encoding/csv and encoding/json, for
// comparison.
func BenchmarkStandardLibrary(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			file := f.file()
			startTiming(b, file)
			for b.Loop() {
				if f.format == CSV {
					wantTimingRows(b, readAllCSV(b, file)-1)
				} else {
					wantTimingRows(b, readAllJSON(b, file))
				}
			}
		})
	}
}

// BenchmarkStrayQuotes shows that the cost of a line does not depend on the number of lines: MB/s
// must be the same for all sizes.
func BenchmarkStrayQuotes(b *testing.B) {
	for _, lines := range []int{100_000, 200_000, 400_000} {
		b.Run(fmt.Sprint(lines), func(b *testing.B) {
			file := []byte("a,b\n" + strings.Repeat("x,\"y\nx,\"\"\n", lines/2))
			startTiming(b, file)
			for b.Loop() {
				rows := 0
				for c := range chunksOf(b, bytes.NewReader(file), Options{Format: CSV, HasHeader: true}) {
					rows += c.Rows
				}
				if rows != lines {
					b.Fatalf("%d rows, want %d", rows, lines)
				}
			}
		})
	}
}

func startTiming(b *testing.B, file []byte) {
	b.Helper()
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
}

func wantTimingRows(b *testing.B, rows int) {
	b.Helper()
	if rows != timingRows {
		b.Fatalf("%d rows, want %d", rows, timingRows)
	}
}

func readAllCSV(b *testing.B, file []byte) (records int) {
	in := csv.NewReader(bytes.NewReader(file))
	for {
		if _, err := in.Read(); errors.Is(err, io.EOF) {
			return records
		} else if err != nil {
			b.Fatal(err)
		}
		records++
	}
}

func readAllJSON(b *testing.B, file []byte) (rows int) {
	lines := bufio.NewScanner(bytes.NewReader(file))
	for lines.Scan() {
		var row map[string]any
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			b.Fatal(err)
		}
		rows++
	}
	return rows
}
