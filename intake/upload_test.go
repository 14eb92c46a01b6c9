package intake_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"taskport/intake"
	"taskport/internal/spool"
	"taskport/store"
)

// trickle begins an upload with enough rows for intake to cut some, and then sends a byte now and
// then. It returns the channel of the answer; end breaks the upload off.
func (a *api) trickle(key, file string) (answered <-chan *http.Response, end func()) {
	a.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	body, client := io.Pipe()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.server.URL+"/v1/import/tasks?on_duplicate=skip", body)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "text/csv")
	go func() {
		_, err := io.WriteString(client, file)
		for err == nil {
			time.Sleep(50 * time.Millisecond)
			_, err = io.WriteString(client, "x")
		}
	}()
	got := make(chan *http.Response, 1)
	go func() {
		if resp, err := http.DefaultClient.Do(req); err == nil {
			got <- resp
		}
	}()
	a.t.Cleanup(func() { cancel(); _ = body.Close() })
	return got, func() { cancel(); _ = body.Close() }
}

// longFile is a file of about so many bytes in few rows.
func longFile(size int) string {
	row := "Call,Hans Müller," + strings.Repeat("x", 2000) + "\n"
	return "title,contact_name,description\n" + strings.Repeat(row, size/len(row))
}

// Slow uploads hold nothing of the database and do not block other keys. A key is refused above
// its limit of concurrent uploads.
func TestTricklingUploadsHoldNothing(t *testing.T) {
	dir := t.TempDir()
	a := setup(t, func(c *intake.Config) { c.ChunkRows, c.Spools = 100, spool.New(spool.Options{Dir: dir}) })
	a.load("contacts", people)
	before := a.query(`SELECT count(*) FROM imports`)
	const uploads = 16
	large := longFile(3 << 20)
	var all []<-chan *http.Response
	var ends []func()
	for range uploads {
		answered, end := a.trickle(a.key, large)
		all, ends = append(all, answered), append(ends, end)
	}
	refused := 0
	for end := time.Now().Add(20 * time.Second); refused < uploads-spool.DefaultPerKey &&
		time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		for n, answered := range all {
			select {
			case resp := <-answered:
				text, _ := io.ReadAll(resp.Body)
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusTooManyRequests || resp.Header.Get("Retry-After") == "" ||
					!strings.Contains(string(text), "8 uploads of this key are under way") {
					t.Errorf("upload %d: got %d %s, want 429 with Retry-After", n, resp.StatusCode, text)
				}
				refused++
			default:
			}
		}
	}
	if refused != uploads-spool.DefaultPerKey {
		t.Fatalf("got %d of %d uploads refused, want %d", refused, uploads, uploads-spool.DefaultPerKey)
	}
	// Running uploads are on disk and hold no transaction.
	if files, err := os.ReadDir(dir); err != nil || len(files) != spool.DefaultPerKey {
		t.Errorf("got %d files (%v), want %d", len(files), err, spool.DefaultPerKey)
	}
	if n := a.query(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND xact_start < now() - interval '1 second'`); n != 0 {
		t.Errorf("got %d open transactions, want none", n)
	}
	// Another key of the same workspace, and another workspace, upload at once: a large file and a
	// small one.
	colleague := "Bearer " + a.newKey(a.workspace, store.Permissions()...)
	began := time.Now()
	if r := a.csv("/v1/import/tasks", large, "Authorization", colleague); r.status != http.StatusAccepted {
		t.Errorf("another key: got %d %s, want 202", r.status, r.raw)
	}
	a.other.load("contacts", people)
	a.other.csv("/v1/import/tasks", "title,contact_name\nCall,Hans Müller\n").wantCounts(1, 0, 0, 0)
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("the others took %v", took)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != spool.DefaultPerKey {
		t.Errorf("got %d files (%v) once others have uploaded, want %d", len(files), err, spool.DefaultPerKey)
	}
	// An upload that breaks off leaves nothing.
	for _, end := range ends {
		end()
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		files, err := os.ReadDir(dir)
		if err == nil && len(files) == 0 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("got %d files (%v) once the uploads have broken off, want none", len(files), err)
		}
	}
	if n := a.query(`SELECT count(*) FROM imports`); n != before+3 {
		t.Errorf("got %d imports, want those of the others alone: %d", n, before+3)
	}
	a.csv("/v1/import/tasks", "title,contact_name\nAgain,Hans Müller\n").wantCounts(1, 0, 0, 0)
}

// An upload that takes too long is refused with the reason, also with an Idempotency-Key and as a
// form. Nothing is kept.
func TestUploadsEnd(t *testing.T) {
	const most = 700 * time.Millisecond
	a := setup(t, func(c *intake.Config) { c.Spools = spool.New(spool.Options{Time: most}) })
	a.load("contacts", people)
	before := a.query(`SELECT count(*) FROM imports`)
	for _, headers := range [][]string{{"Content-Type", "text/csv"}, {"Content-Type", "text/csv", "Idempotency-Key",
		"slow"}, {"Content-Type", "multipart/form-data; boundary=b"}} {
		body, client := io.Pipe()
		go func() {
			text := "title,contact_name\n"
			if strings.HasPrefix(headers[1], "multipart") {
				text = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.csv\"\r\n\r\n" + text
			}
			_, err := io.WriteString(client, text)
			for err == nil {
				_, err = io.WriteString(client, "Call,Hans Müller\n")
				time.Sleep(20 * time.Millisecond)
			}
		}()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.server.URL+"/v1/import/tasks", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+a.key)
		for n := 0; n < len(headers); n += 2 {
			req.Header.Set(headers[n], headers[n+1])
		}
		began := time.Now()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		_ = body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text),
			`"validation_error"`) || !strings.Contains(string(text), fmt.Sprintf("longer than %s", most)) {
			t.Errorf("%v: got %d %s (%v), want 400 after %s", headers, resp.StatusCode, text, err, most)
		}
		if took := time.Since(began); took < most || took > 20*time.Second {
			t.Errorf("%v: got the answer after %v", headers, took)
		}
	}
	if n := a.query(`SELECT count(*) FROM imports`); n != before {
		t.Errorf("got %d imports, want %d", n, before)
	}
	a.csv("/v1/import/tasks", "title,contact_name\nCall,Hans Müller\n").wantCounts(1, 0, 0, 0)
}

// The disk space for uploads of a workspace is bounded. A file over the bound is refused without
// Retry-After.
func TestUploadsAreBoundedOnDisk(t *testing.T) {
	const share = 8 << 20
	dir := t.TempDir()
	a := setup(t, func(c *intake.Config) {
		c.ChunkRows, c.Spools = 100, spool.New(spool.Options{Dir: dir, Bytes: 2 * share})
	})
	a.load("contacts", people)
	a.csv("/v1/import/tasks", longFile(2*share)).wantError(http.StatusRequestEntityTooLarge, "payload_too_large", "",
		"larger than")
	_, end := a.trickle(a.key, longFile(share*9/10))
	defer end()
	for end := time.Now().Add(20 * time.Second); onDisk(t, dir) < share*8/10; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("got %d bytes on disk, want those of the upload that trickles", onDisk(t, dir))
		}
	}
	a.csv("/v1/import/tasks", longFile(share*9/10)).wantError(http.StatusTooManyRequests, "rate_limited", "",
		"the uploads of this workspace")
	a.other.load("contacts", people)
	if r := a.other.csv("/v1/import/tasks", longFile(share*9/10), "Prefer",
		"respond-async"); r.status != http.StatusAccepted {
		t.Errorf("another workspace: got %d %s, want 202", r.status, r.raw)
	}
}

// onDisk returns the total size of the files of a directory.
func onDisk(t *testing.T, dir string) (bytes int64) {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			bytes += info.Size()
		}
	}
	return bytes
}
