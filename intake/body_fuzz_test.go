package intake

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/importer/file/xlsx"
)

const fuzzUpload = 64 << 10

// fuzzed returns a server and a request with a body.
func fuzzed(contentType, query string, body []byte) (*server, *request) {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/v1/import/tasks", bytes.NewReader(body))
	r.URL.RawQuery = query
	r.Header.Set("Content-Type", contentType)
	return &server{Config: Config{MaxUpload: fuzzUpload}}, &request{Request: r, writer: httptest.NewRecorder()}
}

// refusedWell fails the test unless the error names the client's fault.
func refusedWell(t *testing.T, r *request, err error) {
	t.Helper()
	e := asAPIError(bodyError(r, err))
	if e.status < http.StatusBadRequest || e.status >= http.StatusInternalServerError || e.Message == "" ||
		e.Code.Status() != e.status {
		t.Fatalf("refused with %d %s %q: %v", e.status, e.Code, e.Message, err)
	}
}

// scratch is a scratch file in memory.
type scratch struct{ bytes.Buffer }

func (s *scratch) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(s.Bytes()).ReadAt(p, off)
}

func (s *scratch) Close() error { return nil }

// FuzzUpload sends arbitrary bytes as a file, a form or a JSON import, with any type and encoding.
// The upload is refused with a helpful error or cut into rows within its bounds.
func FuzzUpload(f *testing.F) {
	form := "--b\r\nContent-Disposition: form-data; name=\"dry_run\"\r\n\r\ntrue\r\n--b\r\nContent-Disposition: " +
		"form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Type: text/csv; charset=utf-8\r\n\r\ntitle\nx\n\r\n--b--\r\n"
	for _, s := range []struct{ media, encoding, query, body string }{
		{"multipart/form-data; boundary=b", "", "", form}, {"multipart/form-data; boundary=b", "", "encoding=utf-16",
			form[:len(form)/2]}, {"multipart/form-data", "", "", form}, {`multipart/form-data; boundary="b`, "", "", form},
		{"application/json", "", "",
			`{"rows": [{"title": "a"}, {"title": null, "x": [1]}], "mapping": {"x": "description"},
			"values": {"status": {"new": "open"}}, "constants": {"priority": "high"},
			"compose": {"contact_name": ["a", "b"]}, "date_order": "dmy"}`},
		{"application/json", "", "dry_run=1",
			`{"csv": "a,b\n1,2", "has_header": true, "delimiter": ",", "skip_lines": 0,
			"timezone": "Europe/Berlin", "preset": "none"}`},
		{"", "", "", `[{"title": "a"}]`}, {"application/json", "", "", `{"rows": [1]}`},
		{"application/json", "", "", `{"rows": [], "csv": "", "x": 1}`}, {"text/csv; charset=latin1", "gzip",
			"delimiter=tab&has_header=false", "\x1f\x8b\x08\x00"}, {"application/x-ndjson", "zstd", "", "\x28\xb5\x2f\xfd"},
		{"application/zip", "", "file_name=a.zip&sheet=x", "PK\x05\x06"},
		{"text/csv", "", "mapping={\"a\":\"title\"}&values={}&skip_lines=3", "a;b\n1;2\n"},
	} {
		f.Add(s.media, s.encoding, s.query, []byte(s.body))
	}
	f.Fuzz(func(t *testing.T, media, encoding, query string, body []byte) {
		s, r := fuzzed(media, query, body)
		r.Header.Set("Content-Encoding", encoding)
		u, err := s.readUpload(r, importer.Tasks)
		if err == nil {
			err = u.options.Check(u.kind)
		}
		if err == nil {
			err = importer.CheckShort("file_name", u.name)
		}
		if err == nil {
			err = cutWhole(t, u)
		}
		if err != nil {
			refusedWell(t, r, err)
		}
	})
}

// cutWhole cuts an accepted file, as staging does.
func cutWhole(t *testing.T, u upload) error {
	t.Helper()
	u.cut.MaxUnpacked = fuzzUpload
	c, err := importer.Open(file.Input{Name: u.name, From: u.file, Scratch: func() (xlsx.File,
		error) {
		return &scratch{}, nil
	}}, u.cut, u.options.Mapping)
	if err != nil {
		return err
	}
	defer c.Close()
	seen, err := importer.Watch(c, u.kind, u.options.Mapping)
	if err != nil {
		return err
	}
	size := 0
	_, _, err = importer.CutAll(c.Next, c.Layout, u.kind, u.options, seen, func(chunk file.Chunk) error {
		size += len(chunk.Data)
		return nil
	})
	const grown = 4 // a byte of another encoding becomes up to three, and one more for the line
	if size > grown*fuzzUpload {
		t.Fatalf("%d bytes were kept, %d may come", size, fuzzUpload)
	}
	return err
}

// FuzzFormReadsBack writes a form with arbitrary contents. Its option and its file arrive
// unchanged.
func FuzzFormReadsBack(f *testing.F) {
	f.Add("preset", "none", "tasks.csv", []byte("title\nx\n"))
	f.Add("file_name", "\r\n--x", "a\"b\\.ndjson", []byte("\r\n--b--\r\n"))
	f.Add("file_name", "", "a\"b\\.ndjson", []byte("{}"))
	f.Fuzz(func(t *testing.T, name, value, fileName string, text []byte) {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		part, err := w.CreateFormField(name)
		if err != nil || strings.ContainsFunc(name+fileName, unicode.IsControl) || name == "" || name == "file" ||
			len(value)+len(text) > fuzzUpload/2 {
			return
		}
		_, _ = io.WriteString(part, value)
		file0, err := w.CreateFormFile("file", fileName)
		if err != nil {
			return
		}
		_, _ = file0.Write(text)
		_ = w.Close()
		s, r := fuzzed(w.FormDataContentType(), "", body.Bytes())
		q := url.Values{}
		from, _, err := s.formFile(r, q)
		if err != nil {
			refusedWell(t, r, err)
			if asAPIError(err).Code != "unsupported_media_type" && slices.Contains(importOptions, name) {
				t.Fatalf("a form is refused: %v", err)
			}
			return
		}
		got, err := io.ReadAll(from)
		if err != nil || !bytes.Equal(got, text) {
			t.Fatalf("%q came as %q (%v)", text, got, err)
		}
		for k := range maps.Keys(q) {
			if k != name && k != "file_name" && k != "encoding" && k == strings.ToValidUTF8(k, "") &&
				name == strings.ToValidUTF8(name, "") && !strings.ContainsAny(name, `"\%`) {
				t.Fatalf("the option %q came as %q", name, k)
			}
			// Without a file_name or encoding, those of the file apply.
			ofFile := value == "" && (k == "file_name" || k == "encoding")
			if k == name && q.Get(k) != value && !ofFile {
				t.Fatalf("%q came as %q", value, q.Get(k))
			}
		}
	})
}

// FuzzDecisions sends arbitrary bytes as a correction, an alias or a webhook. It is refused with a
// helpful error, or it can be applied.
func FuzzDecisions(f *testing.F) {
	for _, s := range []string{
		`{"fields": {"title": "x", "due_date": null}, "contact_id": "00000000-0000-0000-0000-000000000001", "version": 2}`,
		`{"rows": [1, 2], "name": "a", "field": "contact_name", "company": "", "reason": "orphan", "remember": true}`,
		`{"name": "Boss", "contact_id": "00000000-0000-0000-0000-000000000001"}`,
		`{"name": "", "company_id": "x", "contact_id": ""}`,
		`{"url": "https://a.example/x", "events": ["import.failed", "import.failed"]}`, `{"url": "http://a", "events": []}`,
		`{"fields": []}`, `{"rows": ["1"]}`, `{"fields": {"contact_id": "{00000000-0000-0000-0000-000000000001}"}}`,
		`{"version": 1e99}`, `null`, `{} {}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, r := fuzzed("application/json", "", body)
		var one rowDecision
		if err := s.readObject(r, maxCorrectBody, &one, "fields"); err != nil {
			refusedWell(t, r, err)
		} else {
			checkDecision(t, r, one.Fields, one.ContactID, one.CompanyID)
		}
		s, r = fuzzed("application/json", "", body)
		var many allDecision
		if err := s.readObject(r, maxCorrectAllBody, &many, "rows"); err != nil {
			refusedWell(t, r, err)
		} else {
			checkDecision(t, r, many.Fields, many.ContactID, many.CompanyID)
			if err := checkReason(many.Reason); err != nil {
				refusedWell(t, r, err)
			}
		}
		s, r = fuzzed("application/json", "", body)
		if in, err := s.readAlias(r); err != nil {
			refusedWell(t, r, err)
		} else if kind, id, field, ok := in.record(); ok && (id == uuid.Nil && !strings.Contains(in.ContactID+in.CompanyID,
			"0000") || kind != importer.Contacts && kind != importer.Companies || field == "") {
			t.Fatalf("the alias means %s %v", kind, id)
		}
		s, r = fuzzed("application/json", "", body)
		if w, err := s.readWebhook(r); err != nil {
			refusedWell(t, r, err)
		} else if len(w.Events) == 0 || len(slices.Compact(slices.Clone(w.Events))) != len(w.Events) ||
			!strings.HasPrefix(strings.ToLower(w.URL), "https://") {
			t.Fatalf("the webhook is %+v", w)
		}
	})
}

// checkDecision fails the test unless a valid correction can be applied to its kind.
func checkDecision(t *testing.T, r *request, fields newValues, contactID, companyID string) {
	t.Helper()
	m, err := correctOf(fields, contactID, companyID)
	if err != nil {
		refusedWell(t, r, err)
		return
	}
	for _, kind := range []importer.Kind{importer.Tasks, importer.Contacts, importer.Companies, importer.Deals,
		importer.Events} {
		if err := m.Check(kind); err != nil {
			var fault *importer.Fault
			if !errors.As(err, &fault) || fault.Field == "" {
				t.Fatalf("refused by %v, which names no field", err)
			}
			refusedWell(t, r, err)
			continue
		}
		if m.CheckReferences(importer.Known{}) == nil && len(m.References()) > 0 {
			t.Fatalf("records that nobody knows are taken: %+v", m)
		}
		for field := range m.Values() {
			if !slices.Contains(importer.FieldsOf(kind), field) {
				t.Fatalf("%s have no %s", kind, field)
			}
		}
	}
}

// FuzzHeaders sends arbitrary headers of a body. Nothing panics, and only documented types are
// accepted.
func FuzzHeaders(f *testing.F) {
	f.Add("text/csv; charset=\"utf-8\"", "gzip", "key-1")
	f.Add("Application/JSON;charset=UTF8;charset=x", " GZIP ", strings.Repeat("ü", 130))
	f.Add("multipart/form-data; boundary=", "br, gzip", "\xff")
	f.Add(";", "", "")
	f.Fuzz(func(t *testing.T, media, encoding, key string) {
		s, r := fuzzed(media, "", nil)
		r.Header.Set("Content-Encoding", encoding)
		if err := mediaType(r, "application/json"); err != nil {
			refusedWell(t, r, err)
		} else if media != "" && !strings.HasPrefix(strings.ToLower(strings.TrimSpace(media)), "application/json") {
			t.Fatalf("%q is taken for JSON", media)
		}
		if format, _, err := partFormat(media, key); err != nil {
			refusedWell(t, r, err)
		} else if format != "" && !slices.Contains([]file.Format{file.CSV, file.NDJSON, file.JSON, file.XLSX}, format) {
			t.Fatalf("%q is %q", media, format)
		}
		if _, err := s.unpacked(r, fuzzUpload); err != nil {
			refusedWell(t, r, err)
		}
		if err := checkIdempotencyKeys([]string{key}); err != nil {
			refusedWell(t, r, err)
			if asAPIError(err).Field != "Idempotency-Key" {
				t.Fatal(err)
			}
		} else if key == "" || len(key) > maxIdempotencyKey || strings.ToValidUTF8(key, "") != key {
			t.Fatalf("the key %q is taken", key)
		}
	})
}
