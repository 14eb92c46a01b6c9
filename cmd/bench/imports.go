package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// copied is the table that the reference writes to: like tasks, with the same indexes and checks.
const copied = "copied_tasks"

// importRun is one import, measured.
type importRun struct {
	job                   job
	took, uploaded        time.Duration
	stages                times
	serve, work, database float64 // processor seconds
}

// installation is serve and one work process, with the directory loaded.
type installation struct {
	serve, work *process
	queue       string
	admin       string // address of the admin listener of the worker
	serveAdmin  string // and of intake
}

func (i *installation) stop() {
	i.work.stop()
	i.serve.stop()
}

// install starts serve and work for a new site, loads the directory and imports a few rows, so that
// the worker has read it.
func (b *bench) install(ctx context.Context, f files) (*installation, error) {
	var err error
	if b.site, err = b.newSite(ctx); err != nil {
		return nil, err
	}
	i := &installation{queue: newQueue()}
	if i.serveAdmin, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if i.serve, err = b.start(ctx, i.queue, nil, "serve", "--listen", "127.0.0.1:0", "--rate-limit", "100000000",
		"--admin-listen", i.serveAdmin); err != nil {
		return nil, err
	}
	if i.admin, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if i.work, err = b.start(ctx, i.queue, nil, "work", "--admin-listen", i.admin); err != nil {
		i.serve.stop()
		return nil, err
	}
	if err := b.loadDirectory(ctx, i.serve.url, b.site.key, f); err != nil {
		i.stop()
		return nil, err
	}
	if err := b.warm(ctx, i.serve.url); err != nil {
		i.stop()
		return nil, err
	}
	return i, nil
}

// warm imports some rows: the first import after a change of the directory reads it, once for each
// process.
func (b *bench) warm(ctx context.Context, url string) error {
	rows := header + "Warm up,,,,,,," + b.data.people[0].name + ",,,,,\n"
	_, _, _, err := importStream(ctx, url, b.site.key, "tasks", strings.NewReader(rows))
	return err
}

// imports measures an import against \copy of the rows that it resolved.
func (b *bench) imports(ctx context.Context) error {
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.stop()
	resolved := filepath.Join(b.dir, "resolved.tsv")
	var ours, copies, ratios, uploads, serveBusy, workBusy, databaseBusy, tasks sample
	all := times{}
	var last job
	for n := range b.runs {
		if n == 0 && b.profile != "" {
			go b.writeProfile(ctx, in.admin, b.profile)
		}
		r, err := b.importOnce(ctx, in)
		if err != nil {
			return err
		}
		if n == 0 {
			if err := b.export(ctx, resolved); err != nil {
				return err
			}
		}
		took, err := b.copyOnce(ctx, resolved)
		if err != nil {
			return err
		}
		last = r.job
		ours, copies = append(ours, float64(r.job.Total)/r.took.Seconds()),
			append(copies, float64(r.job.Created)/took.Seconds())
		tasks = append(tasks, float64(r.job.Created)/r.took.Seconds())
		uploads = append(uploads, r.uploaded.Seconds())
		serveBusy, workBusy = append(serveBusy, r.serve), append(workBusy, r.work)
		databaseBusy = append(databaseBusy, r.database)
		all.add(r.stages)
		b.note("%s run %d: import %.2f s, \\copy %.2f s: ratio %.2f", b.elapsed(), n+1, r.took.Seconds(), took.Seconds(),
			ours[n]/copies[n])
	}
	ratios = ours.over(copies)
	t := b.report.table(fmt.Sprintf("Import of %s rows (%s created, %s rejected) against `\\copy` of the rows it "+
		"created", count(float64(last.Total)), count(float64(last.Created)), count(float64(last.Rejected))),
		"what", "rows/s", "spread", "ratio")
	t.add("taskport, first byte to completed", count(ours.median()), percent(ours.spread()), ratio(ratios.median()))
	t.add("of these, tasks created", count(tasks.median()), percent(tasks.spread()), ratio(tasks.over(copies).median()))
	t.add("`\\copy` of the created rows, one connection", count(copies.median()), percent(copies.spread()), "1.00")
	s := b.report.table("Where the time of an import goes (medians over the runs; the worker's stages are summed "+
		"over its two chunks at a time)", "stage", "seconds")
	s.add("upload and staging, answer included", seconds(uploads.median()))
	for _, name := range stageNames {
		s.add(name, seconds(all[name]/float64(b.runs)))
	}
	s.add("processor time of `serve`", seconds(serveBusy.median()))
	s.add("processor time of `work`", seconds(workBusy.median()))
	s.add("processor time of Postgres", seconds(databaseBusy.median()))
	b.report.figure("rows_per_second", ours.median())
	b.report.figure("copy_rows_per_second", copies.median())
	b.report.figure("import_vs_copy", ratios.median())
	return nil
}

func (b *bench) importOnce(ctx context.Context, in *installation) (importRun, error) {
	if err := b.empty(ctx); err != nil {
		return importRun{}, err
	}
	in.work.stages.take()
	serve, work, database := in.serve.busy(), in.work.busy(), b.databaseBusy(ctx)
	j, uploaded, took, err := importFile(ctx, in.serve.url, b.site.key, "tasks", b.files.tasks)
	if err != nil {
		return importRun{}, err
	}
	return importRun{job: j, took: took, uploaded: uploaded, stages: in.work.stages.take(),
		serve: in.serve.busy() - serve, work: in.work.busy() - work,
		database: b.databaseBusy(ctx) - database}, nil
}

// export writes the rows that the import created, in the order of the file, as \copy reads them.
func (b *bench) export(ctx context.Context, path string) error {
	return b.psql(ctx, `\copy (SELECT * FROM tasks ORDER BY import_id, row_number) TO '`+path+`'`)
}

// copyOnce measures \copy of the exported rows into an empty table.
func (b *bench) copyOnce(ctx context.Context, path string) (time.Duration, error) {
	if err := b.empty(ctx); err != nil {
		return 0, err
	}
	if err := b.makeCopied(ctx); err != nil {
		return 0, err
	}
	began := time.Now()
	err := b.psql(ctx, `\copy `+copied+` FROM '`+path+`'`)
	return time.Since(began), err
}

// makeCopied makes the table that the references write to.
func (b *bench) makeCopied(ctx context.Context) error {
	_, err := b.pool.Exec(ctx, `CREATE TABLE `+copied+` (LIKE tasks INCLUDING ALL)`)
	return err
}

func (b *bench) psql(ctx context.Context, command string) error {
	cmd := exec.CommandContext(ctx, "psql", "--no-psqlrc", "--quiet", "--dbname", b.database, "--command", command)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("psql %s: %w: %s", command, err, out)
	}
	return nil
}
