package main

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/internal/embedded"
	"taskport/internal/markdown"
)

// documentedCommands returns the commands of a document, block by block, by heading.
func documentedCommands(t *testing.T, document string) map[string][]string {
	t.Helper()
	blocks, heading := map[string][]string{}, ""
	for _, b := range markdown.Blocks(readFile(t, document)) {
		switch {
		case b.Kind == markdown.Heading:
			heading = b.Text()
		case b.Info == "sh":
			blocks[heading] = append(blocks[heading], strings.Join(b.Lines, "\n"))
		}
	}
	return blocks
}

// The page of the commands, and its headings.
const (
	inBackup    = "docs/backup.md"
	aDump       = "How do I make a dump?"
	aBaseBackup = "How do I make a base backup?"
	aStandby    = "How do I run a standby?"
)

// databaseServer is a Postgres on which the documented commands are run, as its owner.
type databaseServer struct {
	t      *testing.T
	server *embedded.Postgres
	dir    string
}

func (d *databaseServer) data() string    { return filepath.Join(d.dir, "data") }
func (d *databaseServer) standby() string { return filepath.Join(d.dir, "standby") }

func (d *databaseServer) command(program string, args ...string) *exec.Cmd {
	cmd := d.server.Command(context.Background(), program, args...)
	cmd.Dir = d.dir
	cmd.Env = append(cmd.Env, "PATH="+filepath.Dir(cmd.Path)+":"+os.Getenv("PATH"), "PGHOST="+d.dir, "PGUSER=taskport",
		"PGDATABASE=taskport", "PGDATA="+d.data(), "BACKUPS="+d.dir, "STANDBY="+d.standby(),
		"PRIMARY="+d.server.URL()+"&port=5432")
	return cmd
}

// sh runs commands as a shell would.
func (d *databaseServer) sh(script string, env ...string) {
	d.t.Helper()
	cmd := d.command("sh", "-euc", script)
	cmd.Path, cmd.Err = "/bin/sh", nil
	cmd.Env = append(cmd.Env, env...)
	log := filepath.Join(d.t.TempDir(), "log") // not a pipe, which the started server would keep open
	out, err := os.Create(log)
	if err != nil {
		d.t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		text, _ := os.ReadFile(log)
		d.t.Fatalf("%v\n%s\n%s", err, script, text)
	}
}

// The documented commands back up, restore and fail over a database under running processes, which
// go on by themselves and link nothing to contacts of the lost part of its history.
func TestBackupRestoreAndFailoverAsDocumented(t *testing.T) {
	if testing.Short() {
		t.Skip("it starts servers of Postgres of its own")
	}
	t.Parallel()
	blocks := documentedCommands(t, inBackup)
	for heading, n := range map[string]int{aDump: 2, aBaseBackup: 2, aStandby: 3} {
		if len(blocks[heading]) != n {
			t.Fatalf("%q has %d blocks of commands, want %d", heading, len(blocks[heading]), n)
		}
	}
	dir, err := os.MkdirTemp("/tmp", "taskport-backup-") //nolint:usetesting // the paths of sockets are short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	server, err := embedded.StartPostgres(t.Context(), embedded.PostgresOptions{Dir: dir, Durable: true, Install: true,
		Settings: map[string]string{"fsync": "off"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Stop() })
	d := &databaseServer{t: t, server: server, dir: dir}
	t.Cleanup(func() {
		for _, data := range []string{d.standby(), d.data()} {
			_ = d.command("pg_ctl", "stop", "--pgdata="+data, "--mode=immediate").Run()
		}
	})
	d.sh(`printf "unix_socket_directories = '%s'\nlisten_addresses = ''\nfsync = off\n" "$PGHOST" \
		>>"$PGDATA/postgresql.conf"`)

	p := newProgram(t)
	p.env["DATABASE_URL"] = "postgres:///taskport?" + url.Values{"user": {"taskport"}, "host": {dir + "," + dir},
		"port": {"5432,5433"}, "target_session_attrs": {"read-write"}}.Encode()
	p.must("migrate")
	p.env["TASKPORT_SERVER"] = up(p)
	p.must("workspace", "create", "acme")
	p.env["TASKPORT_API_KEY"] = p.must("key", "create", "--workspace", "acme", "--permission",
		"activities:read,activities:write,contacts:write")
	p.must("load", "contacts", p.file("contacts.csv", "external_id,full_name\n1,Hans Müller\n"))
	p.links("Hans Müller", true)

	d.sh(blocks[aDump][0])
	p.receives("Zwetlana Obermoser")
	d.sh(blocks[aDump][1])
	p.links("Zwetlana Obermoser", false)
	p.links("Hans Müller", true)
	p.receives("Ignatz Kwapil")

	d.sh(blocks[aBaseBackup][0])
	p.receives("Quirin Fabelhaft")
	d.sh(blocks[aBaseBackup][1])
	p.links("Quirin Fabelhaft", false)
	p.links("Ignatz Kwapil", true)

	d.sh(blocks[aStandby][0], "PGPORT=5433")
	d.sh(blocks[aStandby][1])
	p.receives("Leokadia Prünster")
	d.sh(`pg_ctl stop --pgdata="$PGDATA" --mode=immediate`)
	d.sh(blocks[aStandby][2])
	p.links("Leokadia Prünster", true)
	p.receives("Balduin Nachtigall")
}

// receives loads a contact and links a task to it.
func (p *program) receives(name string) {
	p.t.Helper()
	p.eventually("load of "+name, func() result {
		return p.run("load", "contacts", p.file("contacts.csv", "full_name\n"+name+"\n"))
	}, exitDone)
	p.links(name, true)
}

// links imports a task that names a contact, and checks whether it is linked.
func (p *program) links(name string, want bool) {
	p.t.Helper()
	code := exitRejected
	if want {
		code = exitDone
	}
	file := p.file("tasks.csv", "title,contact_name\nCall "+uuid.NewString()+","+name+"\n")
	p.eventually("import for "+name, func() result { return p.run("import", "--on-same-file", "all", file) }, code)
}

// eventually repeats a command until it is not refused any more because the database is away.
func (p *program) eventually(what string, run func() result, code int) {
	p.t.Helper()
	var r result
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if r = run(); r.code != exitFailed {
			break
		}
	}
	if r.code != code {
		p.t.Fatalf("%s: got %+v, want code %d", what, r, code)
	}
}
