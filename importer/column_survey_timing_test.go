package importer

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"taskport/importer/file"
)

// BenchmarkSurvey cuts files with a survey; BenchmarkCut of file is the same without one.
func BenchmarkSurvey(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			text := f.file()
			startTiming(b, text)
			for b.Loop() {
				c, err := file.NewCutter(bytes.NewReader(text), file.Options{Format: f.format, HasHeader: true})
				if err != nil {
					b.Fatal(err)
				}
				seen, err := Watch(c, Tasks, Mapping{})
				if err != nil {
					b.Fatal(err)
				}
				for {
					if _, err := c.Next(); errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
				wantTimingRows(b, seen.rows)
			}
		})
	}
}

// BenchmarkCutAndCompare is BenchmarkCut of file with hashed and compared rows, as an import of
// tasks has them.
func BenchmarkCutAndCompare(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			text := f.file()
			startTiming(b, text)
			for b.Loop() {
				rows, repeats := 0, NewRepeats(Tasks, Options{})
				cutter, err := file.NewCutter(bytes.NewReader(text), file.Options{Format: f.format, HasHeader: true,
					HashRows: true})
				if err != nil {
					b.Fatal(err)
				}
				for {
					c, err := cutter.Next()
					if errors.Is(err, io.EOF) {
						break
					} else if err != nil {
						b.Fatal(err)
					}
					rows += c.Rows
					repeats.Look(nil, &c)
				}
				wantTimingRows(b, rows)
			}
		})
	}
}

// BenchmarkChecksum takes the checksums of the rows alone, by which a file is recognized later.
func BenchmarkChecksum(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			text := f.file()
			c, err := file.NewCutter(bytes.NewReader(text), file.Options{Format: f.format, HasHeader: true,
				HashRows: true})
			if err != nil {
				b.Fatal(err)
			}
			seen, err := Watch(c, Tasks, Mapping{})
			if err != nil {
				b.Fatal(err)
			}
			var rows [][][]byte
			for {
				chunk, err := c.Next()
				if errors.Is(err, io.EOF) {
					break
				} else if err != nil {
					b.Fatal(err)
				}
				for rec := range file.Decode(c.Layout(), chunk) {
					cells := make([][]byte, len(rec.Cells))
					for i, cell := range rec.Cells {
						cells[i] = []byte(cell)
					}
					rows = append(rows, cells)
				}
			}
			startTiming(b, text)
			for b.Loop() {
				for _, cells := range rows {
					if seen.sum(cells) == 0 {
						b.Fatal("a row without a checksum")
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
		})
	}
}
