package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// searched are the tables that may name a person. None may after the erasure.
var searched = []string{"contacts", "tasks", "dead_letters", "corrections", "audit", "webhook_events", "singles",
	"idempotency_keys"}

// forget loads a person and rows about them, and erases the person while everything else goes on,
// again and again. Afterwards no table names them, and the rows are in their places.
func (t *torture) forget(ctx, striking context.Context) {
	rng := newRand(t.seed, 500_000)
	t.inRounds(ctx, striking, "erasure", 3*time.Second, func(n int) error {
		p := makeNewcomers(rng, n)[0]
		p.external = fmt.Sprintf("E-%d", n)
		return t.forgetOne(ctx, n%len(t.sites), n, p)
	})
}

func (t *torture) forgetOne(ctx context.Context, site, n int, p person) error {
	const steps = 3 // two imports and the command; each may take as long as an import
	ctx, stop := context.WithTimeout(ctx, steps*t.patience)
	defer stop()
	email := strings.ToLower(strings.ReplaceAll(p.name, " ", ".")) + "@example.org"
	if _, err := t.takeIn(ctx, site, "contacts", "full_name,email,external_id\n"+p.name+","+email+","+p.external+"\n",
		fmt.Sprintf("erased-contact-%d", n)); err != nil {
		return err
	}
	r, err := t.takeIn(ctx, site, "tasks", fmt.Sprintf("title,contact_name\nCall %s,%s\n,%s\n", p.name, p.name, p.name),
		fmt.Sprintf("erased-tasks-%d", n))
	if err != nil {
		return err
	}
	if err := eventually(ctx, func() error { // a first try may have lost its connection after its commit
		said := t.erase(ctx, site, email)
		for _, table := range searched {
			var left int
			if err := t.one(ctx, &left, `SELECT count(*) FROM `+table+` t WHERE workspace_id = $1 AND (t::text ILIKE '%' || $2
				|| '%' OR t::text ILIKE '%' || $3 || '%')`, t.sites[site].workspace, p.name, email); err != nil {
				return fmt.Errorf("search %s, after %s: %w", table, said, err)
			}
			if left > 0 {
				pause(ctx, time.Second)
				return fmt.Errorf("%d rows of %s name the person: %s", left, table, said)
			}
		}
		return nil
	}); err != nil {
		return err
	}
	var tasks, dead int
	if err := eventually(ctx, func() error {
		return t.pool.QueryRow(ctx, `SELECT (SELECT count(*) FROM tasks WHERE import_id = $1 AND contact_id IS NOT NULL),
			(SELECT count(*) FROM dead_letters WHERE import_id = $1)`, r.id).Scan(&tasks, &dead)
	}); err != nil {
		return err
	}
	if tasks != 1 || dead != 1 {
		t.tell(losses{misplaced: 1}, fmt.Sprintf("import %s has %d tasks and %d dead letters after an erasure, not 1 and 1",
			r.id, tasks, dead))
	}
	t.acted("erasure")
	t.retire(ctx, r.id)
	return nil
}

// erase runs the command, and returns what it printed and how it ended.
func (t *torture) erase(ctx context.Context, site int, email string) string {
	cmd := exec.CommandContext(ctx, t.program, "erase", "--workspace", fmt.Sprintf("site %d", site), "--email", email)
	cmd.Env = append(os.Environ(), "DATABASE_URL="+t.databaseURL)
	out, err := cmd.CombinedOutput()
	return fmt.Sprintf("%s (%v)", strings.TrimSpace(string(out)), err)
}
