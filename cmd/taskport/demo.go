package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"taskport"
	"taskport/intake"
	"taskport/internal/spool"
	"taskport/store"
)

// demoFlags are the flags of the demo.
type demoFlags struct {
	server serverFlags
	exit   bool
	asJSON bool
	report string
}

func newDemoCommand(env *environment) *cobra.Command {
	f := &demoFlags{server: serverFlags{logLevel: "error", // its output is for a person
		services: services{embedded: true, install: true}, roles: roles{intake: true, worker: true,
			rateLimit: defaultRateLimit, bounds: bounds{uploadConns: defaultUploadConns, maxConnections: defaultMaxConnections,
				maxWaiting: intake.DefaultMaxWaiting, retainSingles: store.DefaultRetainSingles,
				uploadsPerKey: spool.DefaultPerKey, uploadTime: spool.DefaultTime, uploadSpace: defaultUploadSpace}}}}
	cmd := &cobra.Command{Use: "demo", Short: "Import sample data, with nothing configured",
		Args: cobra.NoArgs,
		Long: `Start the services, load a directory of 2,000 contacts in 300 companies, import 5,000 tasks over HTTP,
print the outcome, and write the report of rejected rows.

Then the server keeps running until Ctrl-C; --exit ends it after the import.`,
		Example: "  taskport demo\n  taskport demo --exit --json",
		RunE:    func(cmd *cobra.Command, _ []string) error { return f.run(cmd.Context(), env) }}
	f.server.add(cmd, env)
	env.stringFlag(cmd, &f.server.roles.listen, "listen", "TASKPORT_LISTEN", "127.0.0.1:0", "address of the API")
	f.server.addWorker(cmd, env)
	f.server.addEmbedded(cmd, env)
	cmd.Flags().BoolVar(&f.exit, "exit", false, "exit after the import")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the job as JSON, and exit")
	cmd.Flags().StringVar(&f.report, "report", "tasks.rejects.csv", "where to write the report of rejected rows")
	return cmd
}

// run starts everything, imports the sample, and keeps serving until ctx ends unless it should
// exit.
func (f *demoFlags) run(ctx context.Context, env *environment) (err error) {
	logger, err := f.server.prepare(env)
	if err != nil {
		return err
	}
	s := f.server.services
	s.temporary = s.dataDir == ""
	in, err := s.open(ctx, func(text string) { env.note("%s", text) })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, in.close()) }()
	key, err := prepareDemo(ctx, in)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	shown := make(chan error, 1)
	began := false
	runErr := f.server.roles.run(ctx, in, logger, func(url string) {
		began = true
		go func() {
			shown <- f.show(ctx, env, &client{server: url, key: key, http: &http.Client{}, retry: retryFor})
			if f.exit || f.asJSON {
				cancel()
			}
		}()
	})
	cancel()
	if !began {
		return runErr // there is nothing to be shown
	}
	return errors.Join(runErr, <-shown)
}

// prepareDemo creates a workspace for the demo and returns a key to it.
func prepareDemo(ctx context.Context, in *installation) (key string, err error) {
	if _, err := in.store.Migrate(ctx); err != nil {
		return "", err
	}
	w, err := in.store.CreateWorkspace(ctx, "demo "+now().Format(time.RFC3339Nano), now())
	if err != nil {
		return "", err
	}
	_, key, err = in.store.CreateKey(ctx, store.NewKey{WorkspaceID: w.ID, Name: "demo",
		Permissions: store.Permissions()}, now())
	return key, err
}

// show loads the directory, imports the tasks, and prints what to try next.
func (f *demoFlags) show(ctx context.Context, env *environment, c *client) error {
	for _, kind := range []string{"companies", "contacts", "deals", "events"} {
		j, err := f.send(ctx, c, kind, silent{})
		if err != nil {
			return fmt.Errorf("load the sample %s: %w", kind, err)
		}
		env.note("loaded %s %s", grouped(j.Created+j.Updated), kind)
	}
	env.note("importing testdata/tasks.csv over %s", c.server)
	j, err := f.send(ctx, c, "tasks", env.newProgress())
	if err != nil {
		return err
	}
	if j.Status != "completed" {
		return j.exit()
	}
	report, err := writeReportSomewhere(ctx, c, j.JobID, f.report)
	if err != nil {
		return err
	}
	if err := j.print(env, f.asJSON); err != nil {
		return err
	}
	env.note("the report of rejected rows is in %s", report)
	if !f.exit && !f.asJSON {
		env.note("\nThe console is at %s/console/. Sign in with this key:\n  %s", c.server, c.key)
		env.note("\nThe server runs until Ctrl-C. Try it:\n  export TASKPORT_SERVER=%s TASKPORT_API_KEY=%s\n"+
			"  curl -H \"Authorization: Bearer $TASKPORT_API_KEY\" $TASKPORT_SERVER/v1/import/jobs/%s",
			c.server, c.key, j.JobID)
		env.note("Correct rows of %s (for instance, copy one of _candidates into contact_id) and import it again.\n"+
			"Each row goes in once, however often it is sent:\n  %s import %s", report, calledAs(env.program), report)
	}
	return nil
}

// calledAs returns the command that runs this program again; a program of `go run` is deleted when
// it ends.
func calledAs(program string) string {
	if strings.Contains(program, "go-build") {
		return "go run ./cmd/taskport"
	}
	return program
}

// writeReportSomewhere writes the report to path or, where that is not permitted, to the directory
// of temporary files. It returns the path of the report.
func writeReportSomewhere(ctx context.Context, c *client, id, path string) (string, error) {
	err := c.writeReport(ctx, id, path)
	if errors.Is(err, os.ErrPermission) {
		path = filepath.Join(os.TempDir(), fmt.Sprintf("%d-%s", os.Getpid(), filepath.Base(path)))
		err = c.writeReport(ctx, id, path)
	}
	return path, err
}

func (f *demoFlags) send(ctx context.Context, c *client, kind string, p progress) (job, error) {
	name := kind + ".csv"
	file, err := taskport.Testdata.ReadFile("testdata/" + name)
	if err != nil {
		return job{}, fmt.Errorf("read the sample: %w", err)
	}
	open := func() (io.ReadCloser, int64, error) {
		return io.NopCloser(bytes.NewReader(file)), int64(len(file)), nil
	}
	return (&uploadFlags{onDuplicate: "skip", onSameFile: "all"}).send(ctx, c, kind, name, open, p)
}
