package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// bareInsert is what a task costs without anybody asking what it refers to.
const bareInsert = `INSERT INTO ` + copied + ` (workspace_id, id, title, description, status, priority, due_at,
	due_is_day, contact_id, created_date, created_at)
VALUES ('%s', gen_random_uuid(), 'Follow up with Anna Lindqvist', 'asked for the terms', 'open', 'high',
'2026-03-10', true, gen_random_uuid(), '2026-03-01T00:00:00Z', now());
`

var transactionsPerSecond = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench measures the bare INSERT with as many clients as there are connections to the API; each
// keeps its connection and its prepared statement.
func (b *bench) pgbench(ctx context.Context) (perSecond float64, err error) {
	program, err := serverProgram("pgbench")
	if err != nil {
		return 0, err
	}
	if err := b.makeCopied(ctx); err != nil {
		return 0, err
	}
	script := filepath.Join(b.dir, "insert.sql")
	if err := os.WriteFile(script, fmt.Appendf(nil, bareInsert, b.site.workspace), 0o600); err != nil {
		return 0, err
	}
	out, err := exec.CommandContext(ctx, program, "--no-vacuum", "--protocol", "prepared", "--client",
		strconv.Itoa(b.clients), "--jobs", strconv.Itoa(cores()),
		"--time", strconv.Itoa(b.seconds), "--file", script, b.database).CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	found := transactionsPerSecond.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("pgbench says nothing of tps: %s", out)
	}
	return strconv.ParseFloat(string(found[1]), 64)
}

// serverProgram finds a program that comes with Postgres.
func serverProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin/", "/usr/pgsql-*/bin/",
		"/opt/homebrew/opt/postgresql*/bin/"} {
		found, err := filepath.Glob(pattern + name)
		if err == nil && len(found) > 0 {
			return slices.Max(found), nil
		}
	}
	return "", errors.New(name + " is not installed; it comes with PostgreSQL")
}
