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

// steadyRows are imported at least in a run of each size: an import of 10,000 rows takes a tenth of
// a second, and one alone tells more about what the machine did at that moment than about what a
// row costs.
const steadyRows = 100_000

// cost is what a row costs, of the file and of what \copy loads: the rows that the import created.
// Both in seconds, run by run.
type cost struct{ ours, copied sample }

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
	costs := make([]cost, len(growingRows))
	for n := range b.runs {
		for i := range growingRows {
			for range max(1, steadyRows/growingRows[i]) {
				if err := b.costOfRow(ctx, in, paths[i], &costs[i]); err != nil {
					return err
				}
			}
		}
		b.note("%s run %d of growth with the rows", b.elapsed(), n+1)
	}
	b.reportGrowth("rows", growingRows, costs)
	return nil
}

// costOfRow imports a file into empty tables, loads what was created with \copy into others, and
// adds what a row has cost.
func (b *bench) costOfRow(ctx context.Context, in *installation, path string, to *cost) error {
	if err := b.empty(ctx); err != nil {
		return err
	}
	j, _, took, err := importFile(ctx, in.serve.url, b.site.key, "tasks", path)
	if err != nil {
		return err
	}
	resolved := path + ".resolved"
	if len(to.ours) == 0 {
		if err := b.export(ctx, resolved); err != nil {
			return err
		}
	}
	copying, err := b.copyOnce(ctx, resolved)
	to.ours = append(to.ours, took.Seconds()/float64(j.Total))
	to.copied = append(to.copied, copying.Seconds()/float64(j.Created))
	return err
}

// growthOfDirectory measures what a row costs against directories of different sizes.
func (b *bench) growthOfDirectory(ctx context.Context) error {
	kept := b.data
	defer func() { b.data = kept }()
	costs := make([]cost, len(growingDirectory))
	for i, contacts := range growingDirectory {
		var err error
		if costs[i], err = b.costInDirectory(ctx, contacts); err != nil {
			return err
		}
		b.note("%s %s contacts: %.1f µs a row", b.elapsed(), count(float64(contacts)), 1e6*costs[i].ours.median())
	}
	b.reportGrowth("contacts", growingDirectory, costs)
	return nil
}

func (b *bench) costInDirectory(ctx context.Context, contacts int) (c cost, err error) {
	dir := filepath.Join(b.dir, fmt.Sprintf("directory-%d", contacts))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return c, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // the whole folder goes at the end
	if b.data, err = makeData(b.seed, contacts, min(b.companies, contacts), b.typoEachRow); err != nil {
		return c, err
	}
	f, err := b.data.write(dir, b.rows, "D-")
	if err != nil {
		return c, err
	}
	if err := b.empty(ctx); err != nil {
		return c, err
	}
	in, err := b.install(ctx, f)
	if err != nil {
		return c, err
	}
	defer in.stop()
	for range b.runs {
		if err := b.costOfRow(ctx, in, f.tasks, &c); err != nil {
			return c, err
		}
	}
	return c, nil
}

// reportGrowth prints what a row costs beside what it costs \copy, whose own cost grows too.
func (b *bench) reportGrowth(what string, sizes []int, costs []cost) {
	t := b.report.table("Cost of a row by the number of "+what, what, "µs a row", "spread", "against the cheapest",
		"`\\copy`, µs a row", "against the cheapest", "rows/s against `\\copy`")
	var ours, copied []float64
	for _, c := range costs {
		ours, copied = append(ours, c.ours.median()), append(copied, c.copied.median())
	}
	least, leastCopied := slices.Min(ours), slices.Min(copied)
	for i, size := range sizes {
		t.add(count(float64(size)), fmt.Sprintf("%.2f", 1e6*ours[i]), percent(costs[i].ours.spread()), ratio(ours[i]/least),
			fmt.Sprintf("%.2f", 1e6*copied[i]), ratio(copied[i]/leastCopied),
			ratio(costs[i].copied.over(costs[i].ours).median()))
	}
	b.report.figure("growth_with_"+what, slices.Max(ours)/least)
	b.report.figure("growth_of_copy_with_"+what, slices.Max(copied)/leastCopied)
}
