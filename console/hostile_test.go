package console_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"io"
	"net/http"
	"strings"
	"testing"

	xhtml "golang.org/x/net/html"
)

// hostile are texts that an attacker may put anywhere.
var hostile = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`,
	`</textarea><script>alert(1)</script>`, `</title><svg onload=alert(1)>`, `javascript:alert(1)`,
	"\u202Egnp.exe\u202C", "\u2066hidden\u2069", `{{.Token}}`, `=cmd|' /C calc'!A1`, `+1+1`, `-2+3`, `@SUM(A1)`,
	"\ttab", `&lt;b&gt;`, "nul\u0001l", "a\u2028b",
}

// hostileFile has each of them in every field, in the header, and a title of a megabyte.
func hostileFile() string {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write([]string{"title", "contact_name", "company_name", "description", "due_date",
		`<script>alert("head")</script>`, "\u202Eheader"})
	for _, h := range hostile {
		_ = w.Write([]string{h, h, h, h, h, h, h})
		_ = w.Write([]string{"Call", h, "", h, "", h, h})
	}
	_ = w.Write([]string{strings.Repeat("<b>x</b>", 128<<10), "Peter Fischer", "", "", "", "", ""})
	_ = w.Write([]string{"Ask", "Peter Fischer", "", "", "", "", ""})
	w.Flush()
	return b.String()
}

// bad returns the elements and attributes of a page that run scripts, and characters that hide
// others.
func bad(page string) []string {
	var found []string
	for _, c := range "\u202A\u202B\u202C\u202D\u202E\u2066\u2067\u2068\u2069\u2028\u0001" {
		// The value of a form has it, because it can be edited.
		if strings.ContainsRune(withoutValues(page), c) {
			found = append(found, "an invisible character "+strings.ToUpper(string(c)))
		}
	}
	z := xhtml.NewTokenizer(strings.NewReader(page))
	for {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			return found
		}
		token := z.Token()
		for _, a := range token.Attr {
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || (a.Key == "href" || a.Key == "action" ||
				a.Key == "src") && !strings.HasPrefix(a.Val, "/console/") && !strings.HasPrefix(a.Val, "?") &&
				!strings.HasPrefix(a.Val, "#") {
				found = append(found, token.String())
			}
		}
		if kind == xhtml.StartTagToken && (token.Data == "script" && !strings.Contains(token.String(),
			"/console/static/") || token.Data == "style" || token.Data == "b" && strings.Contains(token.String(), "x")) {
			found = append(found, token.String())
		}
	}
}

// withoutValues returns a page without the values of its forms.
func withoutValues(page string) string {
	var b strings.Builder
	z := xhtml.NewTokenizer(strings.NewReader(page))
	inArea := false
	for {
		kind := z.Next()
		if kind == xhtml.ErrorToken {
			return b.String()
		}
		token := z.Token()
		if token.Data == "textarea" {
			inArea = kind == xhtml.StartTagToken
		}
		if token.Data != "input" && !inArea {
			b.WriteString(token.String())
		}
	}
}

// Hostile content shows as text, on every page that shows it, and in the reports.
func TestHostileContent(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people+"\"<script>alert('c')</script>\",x@x.example,\"<i>Evil</i> Corp\",h1\n")
	name := `<script>alert("file")</script>.csv`
	staged := s.upload("tasks", name, hostileFile())
	if staged.status != http.StatusOK {
		t.Fatalf("%d %.500s", staged.status, staged.body)
	}
	path := s.send(staged, staged.path, "do", "import").path
	i := s.ended(path)
	if i.Rejected != int64(2*len(hostile)+2) {
		t.Fatalf("%d of %d rows are rejected", i.Rejected, i.Total)
	}
	looked := []page{staged, s.get(path), s.get(path + "?after=10"), s.get(path + "?q=%3Cscript%3E"),
		s.get(path + "/groups"), s.get("/console/imports"), s.get("/console/upload"), s.get(path + "/undo"),
		s.get("/console/aliases?q=%22%3E%3Cscript%3E"), s.get(path + "/events")}
	for row := 1; row <= int(i.Rejected); row++ {
		looked = append(looked, s.get(rowPath(path, row)))
	}
	dead := s.get(rowPath(path, 2))
	evil := s.send(dead, dead.path, "version", version(dead), "do", "create", "new_name", hostile[1], "new_email",
		"", "new_company", hostile[0])
	looked = append(looked, evil, s.get("/console/audit"), s.send(dead, dead.path, "version", "1", "do", "save",
		"field_contact_name", hostile[3]))
	for _, p := range looked {
		if p.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", p.path, p.status)
		}
		if found := bad(p.body); len(found) > 0 && !strings.HasSuffix(p.path, "/events") {
			t.Errorf("%s has %q", p.path, found)
		}
		if len(p.body) > 1<<20 {
			t.Errorf("%s has %d bytes", p.path, len(p.body))
		}
	}
	looked[1].has(http.StatusOK, "&lt;script&gt;alert(1)&lt;/script&gt;", "⟨U+202E⟩gnp.exe⟨U+202C⟩")
	s.reportsAreTame(path)
}

// reportsAreTame checks that no cell of the reports is a formula, and that each is there as text.
func (s *site) reportsAreTame(path string) {
	s.t.Helper()
	rows, err := csv.NewReader(strings.NewReader(s.get(path + "/rejects.csv").body)).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
				s.t.Errorf("the report has the cell %.80q", cell)
			}
		}
	}
	refused := s.get(path + "/rejects.xlsx")
	refused.has(http.StatusNotAcceptable, "a workbook holds at most", "Download the report as CSV")
	small := s.imported("tasks", "small.csv",
		"title,contact_name,description\nCall,Zebulon Quark,\"=cmd|' /C "+
			"calc'!A1\"\n"+"Ask,<script>alert(1)</script>,\u202Egnp\n")
	book := s.get(small + "/rejects.xlsx")
	z, err := zip.NewReader(strings.NewReader(book.body), int64(len(book.body)))
	if err != nil {
		s.t.Fatal(err)
	}
	var all strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			s.t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			s.t.Fatal(err)
		}
		all.Write(text)
	}
	if text := all.String(); strings.Contains(text, "<f>") || strings.Contains(text, "<script>") ||
		!strings.Contains(text, "&lt;script&gt;alert(1)") || !strings.Contains(text, "cmd|") {
		s.t.Errorf("the workbook is not tame: %.3000s", text)
	}
}
