package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"taskport/importer/file"
)

// mediaTypes are the media types of the formats.
var mediaTypes = map[file.Format]string{file.CSV: "text/csv", file.NDJSON: "application/x-ndjson",
	file.JSON: "application/json",
	file.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

// mediaType returns the media type for the name of a file. For an unknown or packed one the server
// looks at the bytes: a file named .xls may be anything.
func mediaType(name string) string {
	format, packed, known := file.FormatByName(name)
	switch {
	case packed, !known:
		return "application/octet-stream"
	case strings.EqualFold(filepath.Ext(name), ".tsv"):
		return "text/tab-separated-values"
	}
	return mediaTypes[format]
}

// send uploads a file and follows its import to the end.
func (f *uploadFlags) send(ctx context.Context, c *client, kind, file string, open func() (io.ReadCloser, int64,
	error), p progress) (job, error) {
	q, err := f.query(kind, file)
	if err != nil {
		return job{}, err
	}
	defer p.done()
	up := &meter{progress: p}
	resp, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/import/" + kind, query: q,
		header: map[string]string{"Content-Type": mediaType(file), "Prefer": "respond-async"},
		body: func() (io.ReadCloser, error) {
			r, size, err := open()
			return &countedBody{ReadCloser: r, size: size, meter: up}, err
		}})
	up.stop()
	if errors.Is(err, errInterrupted) {
		return job{}, fmt.Errorf("%w before the server confirmed the file, which it accepts whole or not at all; "+
			"`taskport jobs` shows whether it did", err)
	}
	if err != nil {
		return job{}, err
	}
	raw, err := readBody(resp)
	if err != nil {
		return job{}, err
	}
	j, err := readJob(raw)
	if err != nil {
		return j, err
	}
	c.started(j.JobID)
	return c.follow(ctx, j, p)
}

// meter reports the progress of an upload until stop. net/http reads a body in its own goroutine,
// which continues for a while when the server answers early; that is not shown.
type meter struct {
	mu       sync.Mutex
	stopped  bool
	progress progress
}

func (m *meter) show(sent, size int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.stopped {
		m.progress.upload(sent, size)
	}
}

func (m *meter) stop() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stopped = true
}

// countedBody reports how much of a file was read.
type countedBody struct {
	io.ReadCloser
	sent, size int64
	meter      *meter
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sent += int64(n)
	b.meter.show(b.sent, b.size)
	return n, err
}

// openFile opens a file and returns its size in bytes.
func openFile(file string) (io.ReadCloser, int64, error) {
	r, err := os.Open(file)
	if err != nil {
		return nil, 0, fmt.Errorf("open the file: %w", err)
	}
	info, err := r.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("look at the file: %w", err), r.Close())
	}
	return r, info.Size(), nil
}

// sendAgain asks what is to happen to a file that was refused because most of its rows were
// imported before: new imports the new rows alone, all imports all; empty for neither. Without a
// terminal it names the flag.
func (f *uploadFlags) sendAgain(ctx context.Context, env *environment, err error) (string, error) {
	var refused *apiFailure
	if f.onSameFile != "" || !errors.As(err, &refused) || refused.SameFile == nil {
		return "", nil
	}
	if !env.mayAsk() || f.asJSON {
		env.note("most rows of this file were imported before; add --on-same-file new to import the new rows alone, or " +
			"--on-same-file all")
		return "", nil
	}
	choices := []string{"new", "all", "nothing"}
	env.note("%s\nImport the new rows alone (new), all rows (all), or nothing?", oneLine(refused.SameFile.String()))
	for {
		_, _ = fmt.Fprint(env.err, "[new/all/NOTHING] > ")
		typed, err := env.readLine(ctx)
		if errors.Is(err, io.EOF) || err == nil && typed == "" {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		chosen, problem := choose(typed, choices)
		switch {
		case problem != "":
			env.warn("%s", problem)
		case chosen == "nothing":
			return "", nil
		default:
			return chosen, nil
		}
	}
}
