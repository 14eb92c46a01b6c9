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
