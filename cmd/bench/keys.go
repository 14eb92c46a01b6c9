package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
)

// keys measures an import whose rows carry the external ids of their contacts against one of the
// same rows with their names, interleaved.
func (b *bench) keys(ctx context.Context) error {
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.stop()
	byName, byID := filepath.Join(b.dir, "names.csv"), filepath.Join(b.dir, "keys.csv")
	for path, ids := range map[string]bool{byName: false, byID: true} {
		if err := writeFile(path, func(w io.Writer) error { return b.data.writeOwned(w, b.rows, ids) }); err != nil {
			return err
		}
	}
	var names, ids sample
	for n := range b.runs {
		for _, of := range []struct {
			path string
			to   *sample
		}{{byName, &names}, {byID, &ids}} {
			if err := b.empty(ctx); err != nil {
				return err
			}
			j, _, took, err := importFile(ctx, in.serve.url, b.site.key, "tasks", of.path)
			if err != nil {
				return err
			}
			if j.Created != j.Total {
				return fmt.Errorf("%d of %d rows of %s were created", j.Created, j.Total, of.path)
			}
			*of.to = append(*of.to, float64(j.Total)/took.Seconds())
		}
		b.note("%s run %d: names %.0f rows/s, external ids %.0f rows/s: ratio %.2f", b.elapsed(), n+1, names[n], ids[n],
			ids[n]/names[n])
	}
	ratios := ids.over(names)
	t := b.report.table(fmt.Sprintf("Import of %s rows by external id against the same rows by name",
		count(float64(b.rows))), "what", "rows/s", "spread", "ratio")
	t.add("with contact_external_id", count(ids.median()), percent(ids.spread()), ratio(ratios.median()))
	t.add("with contact_name", count(names.median()), percent(names.spread()), "1.00")
	b.report.figure("keys_vs_names", ratios.median())
	return b.empty(ctx)
}

// writeOwned writes a file of tasks that name one contact each, exactly: by its external id or by
// its name.
func (d *data) writeOwned(w io.Writer, rows int, byID bool) error {
	rng := rand.New(rand.NewPCG(d.seed, 3))
	out := bufio.NewWriterSize(w, 1<<20)
	columns := header
	if byID {
		columns = strings.Replace(header, "contact_name", "contact_external_id", 1)
	}
	_, _ = out.WriteString(columns) // Flush returns the error
	var line []byte
	for i := range rows {
		at := rng.IntN(len(d.people))
		for d.people[at].namesake {
			at = rng.IntN(len(d.people))
		}
		contact := d.people[at].name
		if byID {
			contact = fmt.Sprintf("C-%d", at)
		}
		line = d.appendRow(line[:0], rng, contact, "")
		line = fmt.Appendf(line, "O-%09d\n", i)
		_, _ = out.Write(line)
	}
	return out.Flush()
}
