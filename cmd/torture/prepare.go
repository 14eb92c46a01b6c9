package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/store"
)

// prepare builds the program and starts everything.
func (t *torture) prepare(ctx context.Context) (err error) {
	if t.dir, err = os.MkdirTemp("/tmp", "taskport-torture-"); err != nil {
		return err
	}
	if err := os.Chmod(t.dir, 0o711); err != nil { // Postgres may be another user's
		return err
	}
	t.program = filepath.Join(t.dir, "taskport")
	t.note("building the program")
	if err := build(ctx, t.program, t.overlay); err != nil {
		return err
	}
	if err := t.startServices(ctx); err != nil {
		return err
	}
	if err := t.makeSites(ctx); err != nil {
		return err
	}
	t.failpointSocket = filepath.Join(t.dir, "steps")
	if t.failpoints, err = listenFailpoints(t.failpointSocket, t.always); err != nil {
		return err
	}
	t.onClose(func() error { t.failpoints.stop(); return nil })
	return t.startProcesses(ctx)
}

// build builds the program with its failpoints; overlay is a file for go build -overlay, or "".
func build(ctx context.Context, program, overlay string) error {
	args := []string{"build", "-tags", "torture", "-o", program}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "taskport/cmd/taskport")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return nil
}

// makeSites makes the schema, and the workspaces with their keys.
func (t *torture) makeSites(ctx context.Context) error {
	s, err := store.Open(ctx, t.postgres.directURL, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	for i := range sites {
		w, err := s.CreateWorkspace(ctx, fmt.Sprintf("site %d", i), time.Now())
		if err != nil {
			return err
		}
		_, key, err := s.CreateKey(ctx, store.NewKey{WorkspaceID: w.ID, Name: "torture", Permissions: store.Permissions()},
			time.Now())
		if err != nil {
			return err
		}
		t.sites = append(t.sites, site{w.ID, key})
	}
	if err := t.invite(ctx, s); err != nil {
		return err
	}
	if err := t.inviteNuisance(ctx, s); err != nil {
		return err
	}
	t.pool, err = pgxpool.New(ctx, t.postgres.directURL)
	t.onClose(func() error { t.pool.Close(); return nil })
	return err
}

func (t *torture) startProcesses(ctx context.Context) error {
	var addresses []string
	for range servers {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		addresses, t.bases = append(addresses, address), append(t.bases, "http://"+address)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	chunk := strconv.Itoa(chunkRows)
	if t.million > 0 {
		chunk = "0"
	}
	for i, address := range addresses {
		t.serve = append(t.serve, t.startRole(ctx, fmt.Sprintf("serve-%d", i+1), "serve", "--listen", address,
			"--chunk-rows", chunk))
	}
	for i := range t.workers {
		t.work = append(t.work, t.startRole(ctx, fmt.Sprintf("work-%d", i+1), "work", "--attempts", strconv.Itoa(attempts)))
	}
	t.onClose(func() error {
		stop()
		for _, r := range t.roles() {
			r.ended.Wait()
		}
		return nil
	})
	return nil
}

// attempts of a chunk: enough for the strikes that one chunk may suffer, few enough for a poisoned
// one to come to its end soon.
const attempts = 6

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// undisturbed loads the directories and imports each file once while nothing strikes.
func (t *torture) undisturbed(ctx context.Context) error {
	for i := range t.sites {
		if err := t.loadDirectory(ctx, i); err != nil {
			return err
		}
	}
	for i := range t.options.files {
		t.files = append(t.files, makeFile(t.seed, i, len(t.sites), t.rows))
	}
	for i, f := range t.files {
		r, err := t.importFile(ctx, f, i, plain)
		if err != nil {
			return fmt.Errorf("undisturbed run of %s: %w", f.name, err)
		}
		if r.verdict.losses != (losses{}) {
			return fmt.Errorf("undisturbed run of %s: %s", f.name, r.verdict.first)
		}
	}
	t.note("%d files imported undisturbed", len(t.files))
	return nil
}

func (t *torture) loadDirectory(ctx context.Context, number int) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	c := t.client(number)
	for _, load := range []struct{ kind, text string }{{"companies", companiesFile()}, {"contacts", contactsFile()}} {
		a, err := c.ask(ctx, "POST", "/v1/import/"+load.kind, "text/csv", load.text, "load-"+load.kind)
		if err != nil {
			return err
		}
		j, err := a.job()
		if err != nil {
			return err
		}
		if j, err = c.follow(ctx, j.ID); err != nil {
			return err
		}
		if j.Status != "completed" || j.Rejected > 0 {
			return fmt.Errorf("load of %s: %+v", load.kind, j)
		}
		t.accepted(&importRun{id: uuid.MustParse(j.ID)})
	}
	return nil
}
