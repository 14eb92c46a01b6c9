package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

const profileSeconds = 5

// freeAddress returns an address of this machine on which nobody listens.
func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// writeProfile fetches a CPU profile from an admin listener.
func (b *bench) writeProfile(ctx context.Context, admin, path string) {
	if err := fetch(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", admin, profileSeconds),
		path); err != nil {
		b.note("profile: %v", err)
	}
}

func fetch(ctx context.Context, url, path string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if _, err := io.Copy(f, resp.Body); err != nil {
		return err
	}
	return f.Close()
}

// databaseBusy returns the processor seconds that the server's processes have used, as far as they
// are still there; 0 where it runs on another machine.
func (b *bench) databaseBusy(ctx context.Context) float64 {
	rows, err := b.pool.Query(ctx, `SELECT pid FROM pg_stat_activity`)
	if err != nil {
		return 0
	}
	defer rows.Close()
	sum := 0.0
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			return 0
		}
		sum += busyOf(pid)
	}
	return sum
}
