package intake_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"strings"
	"testing"
)

// form writes a form of options, in pairs, and a file if it has a name.
func form(t *testing.T, name, file string, options ...string) (body, contentType string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(options); i += 2 {
		if err := w.WriteField(options[i], options[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(file)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestImportOfAForm(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	body, contentType := form(t, "old.csv", fourTasks, "mapping", fourMapping, "on_duplicate", "reject")
	r := a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType, "Idempotency-Key", "form")
	r.wantCounts(1, 0, 0, 3)
	if r.get("data.file_name") != "old.csv" {
		t.Errorf("file_name is %v", r.get("data.file_name"))
	}
	if again := a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType, "Idempotency-Key",
		"form"); again.raw != r.raw {
		t.Errorf("again: %s", again.raw)
	}
	body, contentType = form(t, "rows.ndjson", `{"title":"Call","contact_name":"Hans Müller"}`)
	a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType).wantCounts(1, 0, 0, 0)
}

func TestMalformedFormsLeaveNothing(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	send := func(body, contentType string) reply {
		return a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType)
	}
	body, contentType := form(t, "", "", "dry_run", "true")
	send(body, contentType).wantError(400, "validation_error", "file", "no file")
	body, contentType = form(t, "old.pdf", "%PDF")
	send(body, contentType).wantError(415, "unsupported_media_type", "file", "CSV, NDJSON")
	body, contentType = form(t, "old.csv", fourTasks, "mapping", "{")
	send(body, contentType).wantError(400, "validation_error", "mapping", "JSON object")
	body, contentType = form(t, "old.csv", fourTasks, "mapping", fourMapping)
	send(body[:len(body)-60], contentType).wantError(400, "validation_error", "", "broke off")
	send("no form", contentType).wantError(400, "validation_error", "file", "no file")
	send(body, "multipart/form-data").wantError(415, "unsupported_media_type", "", "form")
	a.nothingLeft()
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// Parts behind the file are refused: an option such as dry_run would have no effect, and a second
// file would be lost.
func TestNothingFollowsTheFileOfAForm(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const file = "title,contact_name\nCall,Hans Müller\n"
	for name, of := range map[string]string{
		"old.csv": file, "old.csv.gz": gzipped(t, file), "old.xlsx": uglyData(t, "sheet_numbered.xlsx"),
		"old.ndjson": `{"title":"Call","contact_name":"Hans Müller"}`,
		"old.json":   `[{"title":"Call","contact_name":"Hans Müller"}]`,
	} {
		body, contentType := form(t, name, of)
		_, boundary, _ := strings.Cut(contentType, "boundary=")
		open := strings.TrimSuffix(body, "--\r\n")
		option := open + "\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--" + boundary + "--\r\n"
		a.do("POST", "/v1/import/tasks", option, "Content-Type", contentType).wantError(400, "validation_error", "dry_run",
			"before it")
		second := open + "\r\nContent-Disposition: form-data; name=\"more\"; filename=\"more.csv\"\r\nContent-Type: " +
			"text/csv\r\n\r\n" + file + "\r\n--" + boundary + "--\r\n"
		a.do("POST", "/v1/import/tasks", second, "Content-Type", contentType, "Idempotency-Key", name).wantError(400,
			"validation_error", "more", "one file")
	}
	a.nothingLeft()
	body, contentType := form(t, "old.csv.gz", gzipped(t, file))
	a.do("POST", "/v1/import/tasks", strings.TrimSuffix(body, "--\r\n")+"\r\nno header\r\n\r\n", "Content-Type",
		contentType).wantError(400, "validation_error", "", "breaks off")
	a.nothingLeft()
	a.do("POST", "/v1/import/tasks", strings.TrimSuffix(body, "--\r\n"), "Content-Type", contentType).wantCounts(1, 0,
		0, 0)
}

// A form that ends behind its file without a closing mark keeps nothing under an Idempotency-Key,
// because a repetition could not be compared. Sent again, it is imported.
func TestFormCutOffBehindItsFile(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	body, contentType := form(t, "old.csv", fourTasks, "mapping", fourMapping)
	more := strings.Repeat(" ", 1<<16) // far enough behind the file that reading it does not meet the end
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", a.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "POST /v1/import/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: "+
		"%s\r\nContent-Length: %d\r\nIdempotency-Key: cut\r\n\r\n%s", a.key, contentType, len(body)+len(more)+10, body+more)
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(conn); err != nil || !bytes.Contains(answer, []byte("400 Bad Request")) ||
		!bytes.Contains(answer, []byte("broke off")) {
		t.Errorf("%s %v", answer, err)
	}
	a.nothingLeft()
	a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType, "Idempotency-Key", "cut").wantCounts(1, 0, 0, 3)
}
