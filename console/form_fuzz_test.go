package console

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
)

// FuzzSession reads any text as a session cookie: only a signed one is valid, and only until it
// expires.
func FuzzSession(f *testing.F) {
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	hash := []byte("the hash of a key")
	key := store.Key{WorkspaceID: uuid.MustParse("00000000-0000-0000-0000-000000000001"),
		ID: uuid.MustParse("00000000-0000-0000-0000-000000000002")}
	genuine := encodeSession(key, hash, [nonceSize]byte{1, 2, 3}, now)
	f.Add(genuine, int64(0))
	f.Add(genuine[:len(genuine)-1]+"_", int64(0))
	f.Add(encodeSession(key, []byte("another"), [nonceSize]byte{}, now), int64(1))
	f.Add(strings.ToLower(genuine)+"\n", int64(13*time.Hour))
	f.Fuzz(func(t *testing.T, value string, later int64) {
		value = strings.NewReplacer("\r", "", "\n", "").Replace(value) // not allowed in a cookie
		c, ok := decodeSession(value)
		if !ok {
			return
		}
		if again := base64.RawURLEncoding.EncodeToString(append(bytes.Clone(c.body), c.mac...)); again != value {
			t.Fatalf("%q and %q are one session", value, again)
		}
		at := now.Add(time.Duration(later))
		holds := c.holds(hash, at)
		if want := value == genuine && at.Sub(now) <= sessionTTL && now.Sub(at) <= time.Minute; holds != want {
			t.Fatalf("%q holds %v later: %v", value, time.Duration(later), holds)
		}
		if holds && (c.workspace != key.WorkspaceID || c.key != key.ID) {
			t.Fatalf("it is the session of %v", c.key)
		}
	})
}

// FuzzLocalPath redirects to any text after a sign-in: a browser stays within the console.
func FuzzLocalPath(f *testing.F) {
	for _, s := range []string{"/console/imports?page=2#x", "//elsewhere", "/console/\\elsewhere", "/console/../v1",
		"/console/%2f%2felsewhere", "https://elsewhere/console/", "/console/\t/x"} {
		f.Add(s)
	}
	server, _ := url.Parse("https://here.example/console/signin")
	f.Fuzz(func(t *testing.T, next string) {
		path := localPath(next)
		if path == "" {
			return
		}
		to, err := server.Parse(path)
		if err != nil {
			return // a browser resolves it to a path of ours: it begins with one slash
		}
		if to.Host != server.Host || to.Scheme != server.Scheme {
			t.Fatalf("%q leads to %s", next, to)
		}
	})
}

// FuzzForms sends any text as a form: errors are for the operator to correct, and accepted values
// are valid.
func FuzzForms(f *testing.F) {
	f.Add("csrf=x&column_0=title&column_1=nothing&on_duplicate=skip&date_order=dmy&skip_lines=3&encoding=utf-8&"+
		"delimiter=tab", []byte("--b\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\ntasks\r\n--b\r\n"+
		"Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nx\r\n--b--"))
	f.Add("skip_lines=-1&encoding=x&field_title=%00&date_order=x&on_company_mismatch=?", []byte("--b\r\n\r\n--b"))
	layout := importer.Layout{Layout: file.Layout{Format: file.CSV, Delimiter: ",", Columns: []string{"title", "who"}}}
	f.Fuzz(func(t *testing.T, query string, body []byte) {
		form, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		for _, of := range chosenFields(store.Import{Kind: importer.Tasks, Layout: layout}, form) {
			if of != "" && of != importer.Kept && !slices.Contains(importer.FieldsOf(importer.Tasks), of) {
				t.Fatalf("a column feeds %q", of)
			}
		}
		for name, text := range editedFields([]editField{{Name: "title", Value: "x"}, {Name: "description", Huge: 1}}, form) {
			if name != "title" || oneLineEnd(text) == "x" {
				t.Fatalf("%s is changed to %q", name, text)
			}
		}
		_, err = cutOptions(form)
		correctable(t, err)
		_, err = readChoices(form)
		correctable(t, err)
		options, part, err := readUploadForm(multipart.NewReader(bytes.NewReader(body), "b"))
		correctable(t, err)
		if err == nil && (part == nil || len(options) > maxFields) {
			t.Fatalf("%d options, and the file %v", len(options), part)
		}
	})
}

// correctable checks that an error is one that the operator can correct.
func correctable(t *testing.T, err error) {
	t.Helper()
	if err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
		return
	}
	if e := asPageError(err); e.status < http.StatusBadRequest || e.status >= http.StatusInternalServerError ||
		e.message == "" {
		t.Fatalf("refused with %d %q: %v", e.status, e.message, err)
	}
}
