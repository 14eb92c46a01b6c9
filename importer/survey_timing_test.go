package importer

import (
	"bytes"
	"errors"
	"io"
	"testing"
)

// BenchmarkSurvey cuts files as an import does: beside BenchmarkCut it shows what the survey costs.
func BenchmarkSurvey(b *testing.B) {
	for _, f := range timingFiles {
		b.Run(f.name, func(b *testing.B) {
			file := f.file()
			startTiming(b, file)
			for b.Loop() {
				c, err := file.NewCutter(bytes.NewReader(file), file.Options{Format: f.format, HasHeader: true})
				if err != nil {
					b.Fatal(err)
				}
				seen, err := c.Watch(Tasks, Recipe{})
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
