package intake_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"taskport"
	"taskport/intake"
	"taskport/internal/spool"
)

// uglyContacts imports the contacts named in testdata/ugly.
func (a *api) uglyContacts() {
	a.t.Helper()
	contacts, err := taskport.Testdata.ReadFile("testdata/contacts.csv")
	if err != nil {
		a.t.Fatal(err)
	}
	if r := a.csv("/v1/import/contacts", string(contacts), "Prefer", "wait=60"); r.status != http.StatusOK {
		a.t.Fatal(r.raw)
	}
}

func uglyData(t *testing.T, name string) string {
	t.Helper()
	data, err := taskport.Testdata.ReadFile("testdata/ugly/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const sheetType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// The format of a file is detected however it is sent. Its scratch files are removed afterwards.
func TestFormatsInEveryWay(t *testing.T) {
	scratch := t.TempDir()
	a := setup(t, func(c *intake.Config) { c.Spools = spool.New(spool.Options{Dir: scratch}) })
	a.uglyContacts()
	formOf := func(name string) [2]string {
		body, contentType := form(t, name, uglyData(t, name))
		return [2]string{body, contentType}
	}
	sheetForm, zipForm, arrayForm := formOf("sheet.xlsx"), formOf("gzip_in_zip.zip"), formOf("array.json")
	for name, c := range map[string]struct{ query, body, contentType, format, encoding string }{
		"workbook as the body":     {"", uglyData(t, "sheet.xlsx"), sheetType, "xlsx", ""},
		"workbook of unknown type": {"", uglyData(t, "sheet.xlsx"), "application/octet-stream", "xlsx", ""},
		"workbook in a form":       {"", sheetForm[0], sheetForm[1], "xlsx", ""},
		"workbook, its second":     {"?sheet=2", uglyData(t, "sheet_numbered.xlsx"), sheetType, "xlsx", ""},
		"gzip as the file": {"?file_name=tasks.csv.gz", uglyData(t, "gzip.csv.gz"), "application/gzip", "csv",
			"utf-8"},
		"gzip called CSV": {"", uglyData(t, "gzip.csv.gz"), "text/csv", "csv", "utf-8"},
		"zip":             {"", uglyData(t, "gzip_in_zip.zip"), "application/zip", "csv", "utf-8"},
		"zip in a form":   {"", zipForm[0], zipForm[1], "csv", "utf-8"},
		"array as the body": {"?file_name=tasks.json", uglyData(t, "array.json"), "application/json", "json",
			"utf-8"},
		"array in a form": {"", arrayForm[0], arrayForm[1], "json", "utf-8"},
		"UTF-16":          {"", uglyData(t, "utf_16_le.csv"), "text/csv", "csv", "utf-16le"},
		"UTF-16 named by the type": {"", uglyData(t, "utf_16_be_no_bom.csv"), "text/csv; charset=utf-16be", "csv",
			"utf-16be"},
		"UTF-16 named by an option": {"?encoding=UTF-16BE", uglyData(t, "utf_16_be_no_bom.csv"), "text/csv", "csv",
			"utf-16be"},
		"title lines": {"?skip_lines=3", uglyData(t, "title_lines.csv"), "text/csv", "csv", "utf-8"},
	} {
		r := a.do("POST", again("/v1/import/tasks"+c.query), c.body, "Content-Type", c.contentType)
		if r.status != http.StatusOK {
			t.Errorf("%s: %s", name, r.raw)
			continue
		}
		r.wantCounts(3, 0, 0, 0)
		if encoding, _ := r.get("data.file.encoding").(string); r.get("data.file.format") != c.format ||
			encoding != c.encoding {
			t.Errorf("%s: read as %v", name, r.get("data.file"))
		}
	}
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("%v, %d scratch files are left", err, len(left))
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	scratch := t.TempDir()
	a := setup(t, func(c *intake.Config) { c.Spools = spool.New(spool.Options{Dir: scratch}) })
	a.load("contacts", people)
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	block := []byte(strings.Repeat("title,contact_name\n", 1<<16))
	for range 100 {
		_, _ = z.Write(block)
	}
	_ = z.Close()
	var zipped bytes.Buffer
	archive := zip.NewWriter(&zipped)
	w, _ := archive.Create("tasks.csv")
	for range 100 {
		_, _ = w.Write(block)
	}
	_ = archive.Close()
	for _, c := range []struct {
		query, body, contentType, encoding string
		status                             int
		code, field, says                  string
	}{
		{"", bomb.String(), "text/csv", "gzip", 413, "payload_too_large", "", "times its size"},
		{"", bomb.String(), "text/csv", "", 413, "payload_too_large", "", "times its size"},
		{"", zipped.String(), "application/zip", "", 413, "payload_too_large", "", "times its size"},
		{"", uglyData(t, "zip_of_several.zip"), "application/zip", "", 400, "validation_error", "", "notes.csv"},
		{"", "title\nx\n", sheetType, "", 400, "validation_error", "", "not a workbook"},
		{"?sheet=x", "title\nx\n", "text/csv", "", 400, "validation_error", "sheet", "sheet"},
		{"?delimiter=xx", "title\nx\n", "text/csv", "", 400, "validation_error", "delimiter", "semicolon"},
		{"?encoding=klingon", "title\nx\n", "text/csv", "", 400, "validation_error", "encoding", "windows-1252"},
		{"?skip_lines=-1", "title\nx\n", "text/csv", "", 400, "validation_error", "skip_lines", "from 0"},
		{"", `{"csv": "title\nx\n", "has_header": true, "skip_lines": -1}`, "application/json", "", 400,
			"validation_error", "skip_lines", "from 0"},
		{"?skip_lines=2", `{"csv": "title\nx\n", "has_header": true, "skip_lines": 1001}`, "application/json", "", 400,
			"validation_error", "skip_lines", "from 0"},
		{"?keep_placeholders=perhaps", "title\nx\n", "text/csv", "", 400, "validation_error", "keep_placeholders",
			"true or false"},
		{"", uglyData(t, "gzip_broken.csv.gz"), "text/csv", "", 400, "validation_error", "", "unpacked as gzip"},
		{"", uglyData(t, "mixed_encodings.csv"), "text/csv", "", 400, "validation_error", "encoding", "one encoding"},
		{"", "{}", "application/json", "", 400, "validation_error", "rows", "either rows"},
	} {
		header := []string{"Content-Type", c.contentType}
		if c.encoding != "" {
			header = append(header, "Content-Encoding", c.encoding)
		}
		a.do("POST", "/v1/import/tasks"+c.query, c.body, header...).wantError(c.status, c.code, c.field, c.says)
	}
	a.nothingLeft()
	if left, err := os.ReadDir(scratch); err != nil || len(left) > 0 {
		t.Errorf("%v, %d scratch files are left", err, len(left))
	}
}

// An email identifies a contact whatever its name. The name counts if the email is unknown.
func TestContactsByAddress(t *testing.T) {
	a := setup(t)
	a.load("contacts", "full_name,email\nHans Müller,hans@example.com\nHans Müller,other@example.com\nPetra "+
		"Vogelsang,twice@example.com\n")
	for contact, email := range map[string]string{"Müller <HANS@example.com>": "hans@example.com",
		"other@example.com": "other@example.com", "Petra Vogelsang <gone@example.com>": "twice@example.com"} {
		r := a.do("POST", "/v1/tasks", `{"title":"Call","contact_name":"`+contact+`"}`)
		if want := a.id(`SELECT id FROM contacts WHERE email = $1 AND workspace_id = $2`,
			email); r.status != http.StatusCreated || r.get("data.contact_id") != want {
			t.Errorf("%s: %s, want %s", contact, r.raw, want)
		}
	}
	a.do("POST", "/v1/tasks", `{"title":"Call","contact_name":"gone@example.com"}`).wantError(400,
		"unresolved_reference", "contact_name", "gone@example.com")
	a.do("POST", "/v1/tasks", `{"title":"Call","contact_name":"Hans Müller; Petra Vogelsang"}`).wantError(400,
		"validation_error", "contact_name", "2 contacts")
	query := "/v1/import/tasks?mapping=" + url.QueryEscape(`{"Subject":"title","Who":"contact_name"}`)
	a.csv(query, "Subject,Who\nCall,hans@example.com (Hans Müller)\nCall,\"Hans Müller "+
		"(other@example.com)\"\nCall,Hans Müller\n").wantCounts(2, 0, 0, 1)
}
