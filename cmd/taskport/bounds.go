package main

import (
	"fmt"

	"github.com/spf13/cobra"

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
}

const (
	defaultUploadConns    = 16
	defaultMaxConnections = 4096
	mostConns             = 10_000 // more is a slip of the pen
)

func (b *bounds) add(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.databaseConns, "database-conns", "TASKPORT_DATABASE_CONNS", 0,
		fmt.Sprintf("connections to Postgres for everything but uploads; 0 for %d for the API and %d for each chunk at a time", connsOfIntake, connsPerWorker))
	env.intFlag(cmd, &b.window, "window", "TASKPORT_WINDOW", store.DefaultDispatch.Window, "chunks of an import that are in the queue at a time")
}

func (b *bounds) addIntake(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.uploadConns, "upload-conns", "TASKPORT_UPLOAD_CONNS", defaultUploadConns, "connections to Postgres for uploads, each of which holds one; further uploads are answered 503 after 5 s")
	env.intFlag(cmd, &b.maxConnections, "max-connections", "TASKPORT_MAX_CONNECTIONS", defaultMaxConnections, "connections of clients at a time; further ones wait to be accepted")
}

func (b *bounds) addWorker(cmd *cobra.Command, env *environment) {
	env.intFlag(cmd, &b.webhookWindow, "webhook-window", "TASKPORT_WEBHOOK_WINDOW", worker.DefaultWebhookWindow,
		"deliveries to a workspace's webhooks that run at a time, in all workers")
}

// validate names the flag that is wrong.
func (b *bounds) validate(r roles) error {
	checks := []struct {
		flag        string
		value, from int
		asked       bool
	}{
		{"--database-conns", b.databaseConns, 0, true},
		{"--window", b.window, 1, true},
		{"--upload-conns", b.uploadConns, 1, r.intake},
		{"--max-connections", b.maxConnections, 1, r.intake},
		{"--webhook-window", b.webhookWindow, 1, r.worker},
	}
	for _, c := range checks {
		if c.asked && (c.value < c.from || c.value > mostConns) {
			return fmt.Errorf("%s must be between %d and %d, not %d", c.flag, c.from, mostConns, c.value)
		}
	}
	return nil
}

// store gives what a process takes of the database.
func (b *bounds) store(r roles) store.Options {
	conns := b.databaseConns
	if conns == 0 {
		conns = connsOfIntake + connsPerWorker*r.concurrency
	}
	return store.Options{Conns: int32(conns), UploadConns: int32(b.uploadConns)}
}

func (b *bounds) dispatch() store.Dispatch {
	d := store.DefaultDispatch
	if b.window > 0 {
		d.Window = b.window
	}
	return d
}
