package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	streamBytes    = 2 << 30
	memoryContacts = 1_000_000
	memoryRows     = 200_000
)

// memory measures how much intake takes above its idle state while a large file streams in, and how
// much a worker takes with a large directory.
func (b *bench) memory(ctx context.Context) error {
	t := b.report.table("Memory, resident, at its highest", "what", "memory")
	idle, peak, err := b.memoryOfIntake(ctx)
	if err != nil {
		return err
	}
	t.add(fmt.Sprintf("intake while %s stream in, above the %s when idle", mebibytes(streamBytes), mebibytes(idle)),
		mebibytes(peak-idle))
	loaded, worker, err := b.memoryOfWorker(ctx)
	if err != nil {
		return err
	}
	t.add(fmt.Sprintf("worker, %s contacts with external ids and addresses, while it imports %s rows (%s at its end)",
		count(memoryContacts), count(memoryRows), mebibytes(loaded)), mebibytes(worker))
	b.report.figure("intake_mib_above_idle", float64(peak-idle)/(1<<20))
	b.report.figure("worker_mib", float64(worker)/(1<<20))
	return b.empty(ctx)
}

func (b *bench) memoryOfIntake(ctx context.Context) (idle, peak int64, err error) {
	s, err := b.newSite(ctx)
	if err != nil {
		return 0, 0, err
	}
	serve, err := b.start(ctx, newQueue(), nil, "serve", "--listen", "127.0.0.1:0")
	if err != nil {
		return 0, 0, err
	}
	defer serve.stop()
	if _, err := upload(ctx, serve.url, s.key, "tasks",
		strings.NewReader(header+"Warm up,,,,,,,Nobody,,,,,\n")); err != nil {
		return 0, 0, err
	}
	idle, _ = serve.memory()
	_, err = upload(ctx, serve.url, s.key, "tasks", longFile(streamBytes))
	_, peak = serve.memory()
	return idle, peak, err
}

// longFile makes a file of that many bytes as it is read, with descriptions of two kilobytes.
func longFile(size int) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := bufio.NewWriterSize(w, 1<<20)
		written, _ := out.WriteString(header)
		text := strings.Repeat("asked for the terms; ", 100)
		for i := 0; written < size; i++ {
			n, err := fmt.Fprintf(out, "Follow up no. %d,%s,open,high,call,2026-03-10,user-%d,Anna Lindqvist,,,,,M-%d\n", i,
				text, i%200, i)
			if err != nil {
				break
			}
			written += n
		}
		_ = w.CloseWithError(out.Flush()) // nil ends the file
	}()
	return r
}

func (b *bench) memoryOfWorker(ctx context.Context) (end, peak int64, err error) {
	dir := filepath.Join(b.dir, "memory")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return 0, 0, err
	}
	if err := b.empty(ctx); err != nil {
		return 0, 0, err
	}
	kept := b.data
	defer func() { b.data = kept }()
	if b.data, err = makeData(b.seed, memoryContacts, b.companies, b.typoEachRow); err != nil {
		return 0, 0, err
	}
	b.data.addresses = true
	f, err := b.data.write(dir, memoryRows, "W-")
	if err != nil {
		return 0, 0, err
	}
	in, err := b.install(ctx, f)
	if err != nil {
		return 0, 0, err
	}
	defer in.serve.stop()
	in.work.stop() // what it took to load the directory is not what it takes to work
	work, err := b.start(ctx, in.queue, nil, "work")
	if err != nil {
		return 0, 0, err
	}
	defer work.stop()
	if _, _, _, err := importFile(ctx, in.serve.url, b.site.key, "tasks", f.tasks); err != nil {
		return 0, 0, err
	}
	end, peak = work.memory()
	return end, peak, nil
}
