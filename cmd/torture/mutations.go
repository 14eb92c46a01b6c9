package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// mutation takes a guard out of the program.
type mutation struct {
	name  string
	only  string // the faults that show its absence sooner than all; "" for all
	edits []edit
	// failover says how the database is replaced instead of all faults; see --failover.
	failover string
}

// edit replaces a text that a source file has exactly once.
type edit struct{ file, old, new string }

// mutations are the guards whose absence the run must detect. Without the fence a second guard
// remains, the primary keys of tasks and dead letters. A chunk that is delivered twice then meets
// its own rows, takes them for repetitions, and counts them as such.
var mutations = []mutation{
	{name: "the chunk's transaction without its fence", edits: []edit{
		{"store/chunk_finish.go", `AND attempt = $4 AND state = 'pending' FOR UPDATE`, `AND $4::int > 0 FOR UPDATE`},
	}},
	{name: "singles that are written without their fence", only: "the lease of singles", edits: []edit{
		{"store/single.go", `WHERE l.workspace_id = n.workspace_id AND l.attempt = n.attempt`,
			`WHERE l.workspace_id = n.workspace_id AND n.attempt > 0`},
		{"store/single.go", `WHERE ctid = ANY ($1::tid[]) AND workspace_id = ANY ($2) AND id = ANY ($3)
			AND state = 'queued'`, `WHERE $1::tid[] IS NOT NULL AND workspace_id = ANY ($2) AND id = ANY ($3)`},
		{"worker/single.go", `context.WithTimeout(ctx, w.Lease/2)`, `context.WithTimeout(ctx, 100*w.Lease)`},
	}},
	{name: "the sweeper switched off", edits: []edit{
		{"worker/worker.go", "\tw.sweepUntil(ctx)\n", "\t<-ctx.Done()\n"},
	}},
	{name: "links that are written unchecked", only: "contacts replaced", edits: []edit{
		{"store/directory_version.go", "\tif version == seen {\n", "\tif version >= 0 {\n"},
	}},
	{name: "a job in the queue before its chunk is committed", edits: []edit{
		{"store/import_stage.go", "\tBuffered bool\n}", "\tBuffered bool\n\tEarly    func(Import)\n}"},
		{"store/import_stage.go", "\t\treturn failpoint.At(ctx, failpoint.BeforeStaged, i.ID, 0)\n",
			"\t\tn.Early(i)\n\t\treturn failpoint.At(ctx, failpoint.BeforeStaged, i.ID, 0)\n"},
		{"intake/import.go", "s.Store.Stage(ctx, store.NewImport{", `s.Store.Stage(ctx, store.NewImport{
			Early: func(i store.Import) {
				first := store.ChunkRef{WorkspaceID: i.WorkspaceID, ImportID: i.ID, Number: 1, Enqueue: 1}
				_ = s.Queue.EnqueueAll(ctx, []store.ChunkRef{first})
			}, `},
	}},
	{name: "names in memory whose version is only counted", failover: asyncFailover, edits: []edit{
		{"store/directory_snapshot_cache.go", "(slot.names.Version == version ||", "(slot.names.Version >= version ||"},
		{"store/directory_version.go", "\tif version == seen {\n", "\tif version <= seen {\n"},
	}},
	{name: "changes since a version that the database does not have", failover: restored, edits: []edit{
		{"store/directory_snapshot.go", "\t\t\tcase grown:\n", "\t\t\tcase grown, since >= 0:\n"},
	}},
}

// overlay writes the changed sources into a folder, and returns the file for go build -overlay.
func (m mutation) overlay(root, dir string) (string, error) {
	changed := map[string]string{}
	for _, e := range m.edits {
		name := filepath.Join(root, e.file)
		text, ok := changed[name]
		if !ok {
			source, err := os.ReadFile(name)
			if err != nil {
				return "", err
			}
			text = string(source)
		}
		if n := strings.Count(text, e.old); n != 1 {
			return "", fmt.Errorf("%s: %s has the text to replace %d times, not once: %q", m.name, e.file, n, e.old)
		}
		changed[name] = strings.Replace(text, e.old, e.new, 1)
	}
	replace := map[string]string{}
	for name, text := range changed {
		copied := filepath.Join(dir, strings.ReplaceAll(strings.TrimPrefix(name, root+"/"), "/", "_"))
		if err := os.WriteFile(copied, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[name] = copied
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, list, 0o600)
}

// runMutations runs the program without each guard in turn, until the run detects a loss.
func runMutations(ctx context.Context, o options, stdout, stderr io.Writer) error {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return fmt.Errorf("find the sources: %w", err)
	}
	missed, tried := 0, 0
	for _, m := range mutations {
		if !strings.Contains(m.name, o.mutation) {
			continue
		}
		tried++
		story, err := m.run(ctx, o, strings.TrimSpace(string(root)), stderr)
		if err != nil {
			return fmt.Errorf("%s: %w", m.name, err)
		}
		if story == "" {
			missed++
			story = "NOT FOUND"
		} else {
			story = "found: " + story
		}
		fmt.Fprintf(stdout, "%s: %s\n", m.name, story)
	}
	if tried == 0 {
		return fmt.Errorf("--mutation: no guard has %q in its name", o.mutation)
	}
	if missed > 0 {
		return fmt.Errorf("%d of %d missing guards were not found", missed, tried)
	}
	return nil
}

func (m mutation) run(ctx context.Context, o options, root string, stderr io.Writer) (story string, err error) {
	dir, err := os.MkdirTemp("", "taskport-mutation-")
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.overlay, err = m.overlay(root, dir); err != nil {
		return "", err
	}
	o.first = true
	if o.only == "" {
		o.only = m.only
	}
	if o.failover = m.failover; o.failover != "" {
		o.imports, o.faults = 1, failovers
	}
	if o.limit == 0 {
		o.limit = 150 * time.Second
	}
	r, err := runOnce(ctx, o, stderr)
	if err != nil || r.clean() {
		return "", err
	}
	return r.Stories[0], nil
}
