package main

import (
	"context"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/internal/embedded/testservices"
	"taskport/store/storetest"
)

// Serving and working need no more than deploy/role.sql grants; the schema they cannot change.
func TestLeastPrivilege(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	owner := storetest.URL(t)
	role := "taskport_app_" + strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	if out, err := exec.CommandContext(t.Context(), psql, owner, "-v", "ON_ERROR_STOP=1", "-v", "role="+role, "-f",
		"../../deploy/role.sql").CombinedOutput(); err != nil {
		t.Skipf("the role cannot be made here: %v\n%s", err, out)
	}
	t.Cleanup(func() { // it is the server's, and outlives the database
		_ = exec.CommandContext(context.Background(), psql, owner, "-c", `DROP OWNED BY `+role, "-c", `DROP ROLE `+role).Run()
	})
	restricted := as(t, owner, role)
	p := newProgram(t)
	p.env["DATABASE_URL"], p.env["REDIS_URL"] = restricted, testservices.RedisURL(t)
	p.env["TASKPORT_QUEUE"] = role
	p.env["TASKPORT_SERVER"] = p.start(true, "serve", "--listen", "127.0.0.1:0")
	p.start(false, "work")
	p.must("workspace", "create", "acme")
	p.env["TASKPORT_API_KEY"] = strings.TrimSpace(p.must("key", "create", "--workspace", "acme", "--permission",
		"activities:read,activities:write,contacts:write"))
	p.must("load", "contacts", p.file("contacts.csv", "full_name\nHans Müller\n"))
	tasks := p.file("tasks.csv", "title,contact_name,external_id\nCall,Hans Müller,x1\n")
	p.must("import", tasks)
	p.must("import", "--again", tasks)
	p.must("jobs")
	c, err := pgx.Connect(t.Context(), restricted)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for _, sql := range []string{`CREATE TABLE x (a int)`, `DROP TABLE tasks`, `ALTER TABLE tasks ADD COLUMN x int`,
		`TRUNCATE tasks`, `DELETE FROM goose_db_version`, `CREATE ROLE another`} {
		if _, err := c.Exec(t.Context(), sql); err == nil {
			t.Errorf("the role may %s", sql)
		}
	}
	var tasksThere int
	if err := c.QueryRow(t.Context(), `SELECT count(*) FROM tasks`).Scan(&tasksThere); err != nil || tasksThere != 1 {
		t.Errorf("%d tasks, %v", tasksThere, err)
	}
}

// as returns the address of a database for another role.
func as(t *testing.T, address, role string) string {
	t.Helper()
	if !strings.Contains(address, "://") {
		return address + " user=" + role
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	if u.User != nil && u.User.Username() != "" || u.Query().Get("user") == "" {
		u.User = url.User(role)
	}
	q := u.Query()
	if q.Has("user") {
		q.Set("user", role)
	}
	u.RawQuery = q.Encode()
	return u.String()
}
