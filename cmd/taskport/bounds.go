package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"taskport/internal/spool"
	"taskport/store"
	"taskport/worker"
)

// bounds are how much a process takes at a time, of its clients, the database and the queue.
type bounds struct {
	databaseConns  int // for everything but uploads; 0 = as many as the roles need
	uploadConns    int
	maxConnections int
	window         int // chunks of an import in the queue
	webhookWindow  int // deliveries of a workspace at a time
	uploadsPerKey  int
	uploadTime     time.Duration
	uploadSpace    int    // MiB on disk
	uploadDir      string // empty for that of the system
}

const (
	defaultUploadConns    = 16
	defaultMaxConnections = 4096
	mostConns             = 10_000 // more is a slip of the pen
	defaultUploadSpace    = spool.DefaultBytes >> 20
	mostUploadSpace       = 1 << 30
)

func (b *bounds) add(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.databaseConns, "database-conns", "TASKPORT_DATABASE_CONNS", 0,
		fmt.Sprintf("connections to Postgres for everything but uploads; 0 for %d for the API and %d for each chunk at "+
			"a time", connsOfIntake, connsPerWorker))
	env.intFlag(cmd, &b.window, "window", "TASKPORT_WINDOW", store.DefaultDispatch.Window,
		"chunks of an import that are in the queue at a time")
}

func (b *bounds) addIntake(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.uploadConns, "upload-conns", "TASKPORT_UPLOAD_CONNS", defaultUploadConns,
		"connections to Postgres for uploads that are whole, each of which holds one while it is stored; further ones "+
			"are answered 503 after 5 s")
	env.intFlag(cmd, &b.uploadsPerKey, "uploads-per-key", "TASKPORT_UPLOADS_PER_KEY", spool.DefaultPerKey,
		"uploads of a key at a time; further ones are answered 429 after 2 s")
	env.durationFlag(cmd, &b.uploadTime, "upload-time", "TASKPORT_UPLOAD_TIME", spool.DefaultTime,
		"how long an upload may take")
	env.intFlag(cmd, &b.uploadSpace, "upload-space", "TASKPORT_UPLOAD_SPACE", defaultUploadSpace,
		"MiB on disk for uploads that are under way; those of a workspace may take half of it")
	env.stringFlag(cmd, &b.uploadDir, "upload-dir", "TASKPORT_UPLOAD_DIR", "",
		"where they are kept until they are whole (default: the system's directory of temporary files)")
	env.intFlag(cmd, &b.maxConnections, "max-connections", "TASKPORT_MAX_CONNECTIONS", defaultMaxConnections,
		"connections of clients at a time; further ones wait to be accepted")
}

func (b *bounds) addWorker(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.webhookWindow, "webhook-window", "TASKPORT_WEBHOOK_WINDOW", worker.DefaultWebhookWindow,
		"deliveries to a workspace's webhooks that run at a time, in all workers")
}

// validate names the flag that is wrong.
func (b *bounds) validate(r roles) error {
	checks := []struct {
		flag            string
		value, from, to int
		asked           bool
	}{
		{"--database-conns", b.databaseConns, 0, mostConns, true},
		{"--window", b.window, 1, mostConns, true},
		{"--webhook-window", b.webhookWindow, 1, mostConns, r.worker},
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
	if r.intake && b.uploadTime < time.Second {
		return fmt.Errorf("--upload-time must be at least 1s, not %s", b.uploadTime)
	}
	return nil
}

// store returns what a process takes of the database.
func (b *bounds) store(r roles) store.Options {
	conns := b.databaseConns
	if conns == 0 {
		conns = connsOfIntake + connsPerWorker*r.concurrency
	}
	return store.Options{Conns: int32(conns), UploadConns: int32(b.uploadConns)}
}

// spools keep the uploads of a process.
func (b *bounds) spools() *spool.Spools {
	return spool.New(spool.Options{Dir: b.uploadDir, Bytes: int64(b.uploadSpace) << 20, PerKey: b.uploadsPerKey,
		Time: b.uploadTime})
}

func (b *bounds) dispatch() store.Dispatch {
	d := store.DefaultDispatch
	if b.window > 0 {
		d.Window = b.window
	}
	return d
}
