package main

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

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
	if out, err := exec.CommandContext(t.Context(), psql, owner, "-v", "role="+role, "-f",
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
	p.must("import", "--on-same-file", "all", tasks)
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
	// The worker has the rows of a large import analyzed, which only their owner may.
	p.must("load", "contacts", p.file("many.csv", "full_name\n"+strings.Repeat("Wilma Quark\n", 2_000)))
	p.run("import", p.file("strangers.csv", "title,contact_name\n"+strings.Repeat("Call,Zebulon Quark\n", 2_000)))
	for _, table := range []string{"dead_letters", "contacts"} {
		var known float32
		for end := time.Now().Add(time.Minute); known < 2_000; time.Sleep(20 * time.Millisecond) {
			if err := c.QueryRow(t.Context(), `SELECT reltuples FROM pg_class WHERE oid = $1::text::regclass`, table).
				Scan(&known); err != nil || time.Now().After(end) {
				t.Fatalf("the planner knows %v %s, %v", known, table, err)
			}
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

// A superuser grants what a plain owner migrates later, and so does that owner; without tables the
// script fails as a whole.
func TestRoleScriptForOwnerAndSuperuser(t *testing.T) {
	t.Parallel()
	psql, err := exec.LookPath("psql")
	if err != nil {
		t.Skip("psql is not installed")
	}
	super := storetest.EmptyURL(t)
	do := func(address, sql string) error {
		c, err := pgx.Connect(t.Context(), address)
		if err != nil {
			return err
		}
		defer c.Close(context.Background())
		_, err = c.Exec(t.Context(), sql)
		return err
	}
	must := func(address, sql string) {
		t.Helper()
		if err := do(address, sql); err != nil {
			t.Fatal(err)
		}
	}
	suffix := strings.ReplaceAll(uuid.NewString(), "-", "")[:12]
	owner, apps := "owner_"+suffix, []string{"app1_" + suffix, "app2_" + suffix}
	script := func(address, role string) error {
		return exec.CommandContext(t.Context(), psql, address, "-v", "role="+role, "-f", "../../deploy/role.sql").Run()
	}
	if err := do(super, `CREATE ROLE `+owner+` LOGIN NOSUPERUSER NOCREATEROLE`); err != nil {
		t.Skipf("roles cannot be made here: %v", err)
	}
	t.Cleanup(func() { // roles are the server's, and outlive the database
		for _, role := range append(apps, owner) {
			_ = exec.CommandContext(context.Background(), psql, super, "-c", `DROP OWNED BY `+role, "-c",
				`DROP ROLE `+role).Run()
		}
	})
	if err := script(super, apps[0]); err == nil {
		t.Error("the script succeeds without tables")
	}
	if err := do(as(t, super, apps[0]), `SELECT 1`); err == nil {
		t.Error("a script that failed has made the role")
	}
	must(super, `DO $$ BEGIN EXECUTE format('ALTER DATABASE %I OWNER TO `+owner+`', current_database()); END $$`)
	must(super, `ALTER SCHEMA public OWNER TO `+owner)
	p := newProgram(t)
	p.env["DATABASE_URL"] = as(t, super, owner)
	p.must("migrate")
	if err := script(super, apps[0]); err != nil {
		t.Errorf("as a superuser: %v", err)
	}
	if err := script(as(t, super, owner), apps[1]); err == nil {
		t.Error("an owner who may not create roles has made one")
	}
	must(super, `CREATE ROLE `+apps[1]+` LOGIN`)
	if err := script(as(t, super, owner), apps[1]); err != nil {
		t.Errorf("as the owner: %v", err)
	}
	must(as(t, super, owner), `CREATE TABLE later (id int)`)
	for _, app := range apps {
		must(as(t, super, app), `INSERT INTO later VALUES (1)`)
		must(as(t, super, app), `SELECT count(*) FROM goose_db_version`)
		for _, sql := range []string{`DROP TABLE later`, `CREATE TABLE mine (id int)`, `DELETE FROM goose_db_version`} {
			if err := do(as(t, super, app), sql); err == nil {
				t.Errorf("%s may %s", app, sql)
			}
		}
	}
}

// The units of systemd are confined alike.
func TestUnitsAreConfinedAlike(t *testing.T) {
	t.Parallel()
	confined := func(unit string) string {
		text, err := os.ReadFile("../../deploy/systemd/taskport-" + unit + ".service")
		if err != nil {
			t.Fatal(err)
		}
		return between(t, string(text), "DynamicUser=yes\n", "UMask=0077\n")
	}
	for _, unit := range []string{"work", "migrate"} {
		if confined(unit) != confined("serve") {
			t.Errorf("taskport-%s.service is confined otherwise than taskport-serve.service", unit)
		}
	}
}
