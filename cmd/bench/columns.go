package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
)

// moreColumns are how many columns that no field takes the wide file has.
const moreColumns = 10

// columns measures what it costs to keep columns that no field takes: the same rows without and
// with ten of them, and with them, but not kept. The order changes from run to run.
func (b *bench) columns(ctx context.Context) error {
	wide := filepath.Join(b.dir, "wide.csv")
	if err := writeFile(wide, func(w io.Writer) error {
		return b.data.writeRows(w, b.rows, "T-", moreColumns)
	}); err != nil {
		return err
	}
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.stop()
	variants := []struct {
		name, path string
		options    []string
	}{{"13 columns", b.files.tasks, nil}, {"ten more columns, kept", wide, nil},
		{"ten more columns, `keep_columns=none`", wide, []string{"keep_columns=none"}}}
	rates := make([]sample, len(variants))
	for n := range b.runs {
		for i := range variants {
			at := (n + i) % len(variants)
			if err := b.empty(ctx); err != nil {
				return err
			}
			j, _, took, err := importFile(ctx, in.serve.url, b.site.key, "tasks", variants[at].path,
				variants[at].options...)
			if err != nil {
				return err
			}
			rates[at] = append(rates[at], float64(j.Total)/took.Seconds())
		}
		b.note("%s run %d: kept %.2f, not kept %.2f", b.elapsed(), n+1, rates[1][n]/rates[0][n], rates[2][n]/rates[0][n])
	}
	t := b.report.table(fmt.Sprintf("Import of %s rows with ten columns that no field takes", count(float64(b.rows))),
		"file", "rows/s", "spread", "ratio")
	for i, v := range variants {
		t.add(v.name, count(rates[i].median()), percent(rates[i].spread()), ratio(rates[i].over(rates[0]).median()))
	}
	b.report.figure("kept_columns_vs_none", rates[1].over(rates[0]).median())
	b.report.figure("left_columns_vs_none", rates[2].over(rates[0]).median())
	return nil
}
