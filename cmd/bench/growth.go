package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
)

var (
	growingRows      = []int{10_000, 100_000, 1_000_000, 5_000_000}
	growingDirectory = []int{1_000, 10_000, 100_000, 1_000_000}
)

// growthOfRows measures what a row costs in files of different sizes.
func (b *bench) growthOfRows(ctx context.Context) error {
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.stop()
	paths := make([]string, len(growingRows))
	for i, rows := range growingRows {
		paths[i] = filepath.Join(b.dir, fmt.Sprintf("rows-%d.csv", rows))
		if err := writeFile(paths[i], func(w io.Writer) error { return b.data.writeTasks(w, rows, "G-") }); err != nil {
			return err
		}
	}
	costs := make([]sample, len(growingRows))
	for n := range b.runs {
		for i, rows := range growingRows {
			cost, err := b.costOfRow(ctx, in, paths[i], rows)
			if err != nil {
				return err
			}
			costs[i] = append(costs[i], cost)
		}
		b.note("%s run %d of growth with the rows", b.elapsed(), n+1)
	}
	b.reportGrowth("rows", growingRows, costs)
	return nil
}

// costOfRow imports a file into empty tables and gives the seconds for each row.
func (b *bench) costOfRow(ctx context.Context, in *installation, path string, rows int) (float64, error) {
	if err := b.empty(ctx); err != nil {
		return 0, err
	}
	_, _, took, err := importFile(ctx, in.serve.url, b.site.key, "tasks", path)
	return took.Seconds() / float64(rows), err
}

// growthOfDirectory measures what a row costs against directories of different sizes.
func (b *bench) growthOfDirectory(ctx context.Context) error {
	kept := b.data
	defer func() { b.data = kept }()
	costs := make([]sample, len(growingDirectory))
	for i, contacts := range growingDirectory {
		var err error
		if costs[i], err = b.costInDirectory(ctx, contacts); err != nil {
			return err
		}
		b.note("%s %s contacts: %.1f µs a row", b.elapsed(), count(float64(contacts)), 1e6*costs[i].median())
	}
	b.reportGrowth("contacts", growingDirectory, costs)
	return nil
}

func (b *bench) costInDirectory(ctx context.Context, contacts int) (sample, error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("directory-%d", contacts))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the whole folder goes at the end
	var err error
	if b.data, err = makeData(b.seed, contacts, min(b.companies, contacts), b.typoEachRow); err != nil {
		return nil, err
	}
	f, err := b.data.write(dir, b.rows, "D-")
	if err != nil {
		return nil, err
	}
	if err := b.empty(ctx); err != nil {
		return nil, err
	}
	in, err := b.install(ctx, f)
	if err != nil {
		return nil, err
	}
	defer in.stop()
	var costs sample
	for range b.runs {
		cost, err := b.costOfRow(ctx, in, f.tasks, b.rows)
		if err != nil {
			return nil, err
		}
		costs = append(costs, cost)
	}
	return costs, nil
}

func (b *bench) reportGrowth(what string, sizes []int, costs []sample) {
	t := b.report.table("Cost of a row by the number of "+what, what, "µs a row", "spread", "against the cheapest")
	medians := make([]float64, len(costs))
	for i, c := range costs {
		medians[i] = c.median()
	}
	least := slices.Min(medians)
	for i, size := range sizes {
		t.add(count(float64(size)), fmt.Sprintf("%.2f", 1e6*medians[i]), percent(costs[i].spread()), ratio(medians[i]/least))
	}
	b.report.figure("growth_with_"+what, slices.Max(medians)/least)
}
