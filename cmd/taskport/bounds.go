package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"taskport/intake"
	"taskport/internal/spool"
	"taskport/store"
	"taskport/worker"
)

// bounds limit what a process uses at a time of its clients, the database and the queue.
type bounds struct {
	databaseConns  int // for everything but uploads; 0 = as many as the roles need
	uploadConns    int
	maxConnections int
	window         int // chunks of an import in the queue
	workspaces     int // chunks of a workspace in the queue
	webhookWindow  int // deliveries of a workspace at a time
	uploadsPerKey  int
	uploadTime     time.Duration
	uploadSpace    int    // MiB on disk
	uploadDir      string // empty for that of the system
	retain         [3]string
	maxWaiting     int // singles of a workspace
	retainSingles  time.Duration
}

const (
	defaultUploadConns    = 16
	defaultMaxConnections = 4096
	mostConns             = 10_000 // more is a slip of the pen
	defaultUploadSpace    = spool.DefaultBytes >> 20
	mostUploadSpace       = 1 << 30
	mostWaiting           = 1 << 30
)

func (b *bounds) add(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.databaseConns, "database-conns", "TASKPORT_DATABASE_CONNS", 0,
		fmt.Sprintf("connections to Postgres, except for uploads; 0 means %d for the API and %d for each concurrent chunk",
			connsOfIntake, connsPerWorker))
	env.intFlag(cmd, &b.window, "window", "TASKPORT_WINDOW", store.DefaultDispatch.Window,
		"most chunks of an import in the queue at a time")
	env.intFlag(cmd, &b.workspaces, "workspace-window", "TASKPORT_WORKSPACE_WINDOW", store.DefaultDispatch.WorkspaceWindow,
		"most chunks of all imports of a workspace in the queue at a time; at least --window")
}

func (b *bounds) addIntake(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.uploadConns, "upload-conns", "TASKPORT_UPLOAD_CONNS", defaultUploadConns,
		"connections to Postgres for storing uploads, one for each; further uploads are answered 503 after 5 s")
	env.intFlag(cmd, &b.uploadsPerKey, "uploads-per-key", "TASKPORT_UPLOADS_PER_KEY", spool.DefaultPerKey,
		"most uploads of a key at a time; further ones are answered 429 after 2 s")
	env.durationFlag(cmd, &b.uploadTime, "upload-time", "TASKPORT_UPLOAD_TIME", spool.DefaultTime,
		"longest duration of an upload")
	env.intFlag(cmd, &b.uploadSpace, "upload-space", "TASKPORT_UPLOAD_SPACE", defaultUploadSpace,
		"MiB on disk for running uploads; a workspace may use half of it")
	env.stringFlag(cmd, &b.uploadDir, "upload-dir", "TASKPORT_UPLOAD_DIR", "",
		"directory of running uploads (default: the system's temporary directory)")
	env.intFlag(cmd, &b.maxConnections, "max-connections", "TASKPORT_MAX_CONNECTIONS", defaultMaxConnections,
		"most connections of clients at a time; further ones wait")
	env.intFlag(cmd, &b.maxWaiting, "max-waiting", "TASKPORT_MAX_WAITING", intake.DefaultMaxWaiting,
		"most tasks sent with Prefer: respond-async that may wait in a workspace; further ones are answered 429")
}

func (b *bounds) addWorker(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.webhookWindow, "webhook-window", "TASKPORT_WEBHOOK_WINDOW", worker.DefaultWebhookWindow,
		"most deliveries to a workspace's webhooks at a time, over all workers")
	for n, f := range retainFlags {
		env.stringFlag(cmd, &b.retain[n], f.name, f.variable, "", f.usage+", such as 90d or 36h; empty for ever")
	}
	env.durationFlag(cmd, &b.retainSingles, "retain-singles", "TASKPORT_RETAIN_SINGLES", store.DefaultRetainSingles,
		"how long the jobs of tasks sent with Prefer: respond-async are kept after their end")
}

// retainFlags are the flags of a retention, and the duration that each sets.
var retainFlags = [3]struct {
	name, variable, usage string
	of                    func(*store.Retention) *time.Duration
}{
	{"retain-rejects", "TASKPORT_RETAIN_REJECTS", "how long rejected rows are kept after their import has ended",
		func(r *store.Retention) *time.Duration { return &r.Rejects }},
	{"retain-imports", "TASKPORT_RETAIN_IMPORTS", "how long imports are kept after their end; their tasks stay",
		func(r *store.Retention) *time.Duration { return &r.Imports }},
	{"retain-audit", "TASKPORT_RETAIN_AUDIT", "how long entries of the audit are kept",
		func(r *store.Retention) *time.Duration { return &r.Audit }},
}

// retention parses the flags of the retention.
func (b *bounds) retention() (store.Retention, error) {
	r := store.Retention{Singles: b.retainSingles}
	for n, f := range retainFlags {
		text := b.retain[n]
		if text == "" {
			continue
		}
		d, err := time.ParseDuration(text)
		if days, found := strings.CutSuffix(text, "d"); found {
			var count int
			count, err = strconv.Atoi(days)
			d = time.Duration(min(count, 40_000)) * 24 * time.Hour
		}
		if err != nil || d < time.Hour || d > longestRetention {
			return r, fmt.Errorf("--%s takes days or a duration between 1h and %dd, such as 90d, not %q", f.name,
				longestRetention/(24*time.Hour), text)
		}
		*f.of(&r) = d
	}
	return r, nil
}

// longestRetention is shorter than what a duration can hold.
const longestRetention = 36_500 * 24 * time.Hour

// retentionText returns how long something is kept, in words.
func retentionText(d time.Duration) string {
	if d == 0 {
		return "for ever"
	}
	return d.String()
}

// validate returns an error that names the first wrong flag.
func (b *bounds) validate(r roles) error {
	checks := []struct {
		flag            string
		value, from, to int
		asked           bool
	}{
		{"--database-conns", b.databaseConns, 0, mostConns, true},
		{"--window", b.window, 1, mostConns, true},
		{"--workspace-window", b.workspaces, 1, mostConns, true},
		{"--webhook-window", b.webhookWindow, 1, mostConns, r.worker},
		{"--max-waiting", b.maxWaiting, 1, mostWaiting, r.intake},
		{"--upload-conns", b.uploadConns, 1, mostConns, r.intake},
		{"--max-connections", b.maxConnections, 1, mostConns, r.intake},
		{"--uploads-per-key", b.uploadsPerKey, 1, mostConns, r.intake},
		{"--upload-space", b.uploadSpace, 1, mostUploadSpace, r.intake},
	}
	for _, c := range checks {
		if c.asked && (c.value < c.from || c.value > c.to) {
			return fmt.Errorf("%s must be between %d and %d, not %d", c.flag, c.from, c.to, c.value)
		}
	}
	if _, err := b.retention(); err != nil {
		return err
	}
	if r.worker && b.retainSingles < time.Minute {
		return fmt.Errorf("--retain-singles must be at least 1m, not %s", b.retainSingles)
	}
	if r.intake && b.uploadTime < time.Second {
		return fmt.Errorf("--upload-time must be at least 1s, not %s", b.uploadTime)
	}
	return nil
}

// store returns the options of a process for the store.
func (b *bounds) store(r roles) store.Options {
	conns := b.databaseConns
	if conns == 0 {
		conns = connsOfIntake + connsPerWorker*r.concurrency
		if r.worker {
			conns += connsPerWorker * worker.Newcomers
		}
	}
	return store.Options{Conns: int32(conns), UploadConns: int32(b.uploadConns)}
}

// spools returns the store of running uploads.
func (b *bounds) spools() *spool.Spools {
	return spool.New(spool.Options{Dir: b.uploadDir, Bytes: int64(b.uploadSpace) << 20, PerKey: b.uploadsPerKey,
		Time: b.uploadTime})
}

func (b *bounds) dispatch() store.Dispatch {
	d := store.DefaultDispatch
	if b.window > 0 {
		d.Window, d.WorkspaceWindow = b.window, b.workspaces
	}
	return d
}
