package file

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// book returns a workbook with the rows of a sheet, and what follows them.
func book(t *testing.T, strings, rows, after string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	const space = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	const office = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	const kinds = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
	const relation = `http://schemas.openxmlformats.org/package/2006/relationships`
	for _, part := range [][2]string{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="` + kinds + `sheet.main+xml"/>` +
			`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + kinds + `worksheet+xml"/>` +
			`<Override PartName="/xl/sharedStrings.xml" ContentType="` + kinds + `sharedStrings+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="` + kinds + `styles+xml"/></Types>`},
		{"_rels/.rels", `<Relationships xmlns="` + relation + `"><Relationship Id="rId1" Type="` + office +
			`/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook ` + space + ` xmlns:r="` + office +
			`"><sheets><sheet name="Tasks" sheetId="1" r:id="rId1"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + relation + `"><Relationship Id="rId1" Type="` + office +
			`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="` + office +
			`/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="` + office +
			`/styles" Target="styles.xml"/></Relationships>`},
		{"xl/styles.xml", `<styleSheet ` + space + `><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\-mm\-dd"/>` +
			`<numFmt numFmtId="165" formatCode="yyyy\-mm\-dd&quot;T&quot;hh:mm:ss"/></numFmts>` +
			`<fonts count="1"><font/></fonts><fills count="1"><fill/></fills><borders count="1"><border/></borders>` +
			`<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="3"><xf/>` +
			`<xf numFmtId="164" applyNumberFormat="1"/><xf numFmtId="165" applyNumberFormat="1"/></cellXfs></styleSheet>`},
		{"xl/sharedStrings.xml", `<sst ` + space + `>` + strings + `</sst>`},
		{"xl/worksheets/sheet1.xml", `<worksheet ` + space + `><sheetData>` + rows + `</sheetData>` + after +
			`</worksheet>`},
	} {
		w, err := z.Create(part[0])
		if err == nil {
			_, err = w.Write([]byte(`<?xml version="1.0" encoding="UTF-8"?>` + part[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// merged is a range of a column that has one value.
type merged struct{ column, from, to int }

// randomBook returns a workbook with cells of every kind that programs write, and its merged cells.
func randomBook(t *testing.T, random *rand.Rand) ([]byte, merged) {
	t.Helper()
	texts := []string{"Call", "Müller & Söhne", "a \"quoted\" text", "two\nlines", "1,5", " spaces ", "<b>", "'00042",
		"日本"}
	var shared, rows strings.Builder
	for i, s := range texts {
		if i%2 == 0 {
			fmt.Fprintf(&shared, `<si><t xml:space="preserve">%s</t></si>`, html.EscapeString(s))
			continue
		}
		cut := len(s) / 2
		for cut > 0 && s[cut]&0xC0 == 0x80 {
			cut--
		}
		fmt.Fprintf(&shared, `<si><r><t xml:space="preserve">%s</t></r><r><rPr><b/></rPr>`+
			`<t xml:space="preserve">%s</t></r></si>`, html.EscapeString(s[:cut]), html.EscapeString(s[cut:]))
	}
	const columns = 6
	rows.WriteString(`<row r="1">`)
	for c := range columns {
		fmt.Fprintf(&rows, `<c r="%c1" t="inlineStr"><is><t>column %d</t></is></c>`, 'A'+c, c)
	}
	rows.WriteString(`</row>`)
	at := 2 + random.IntN(8)
	m := merged{1 + random.IntN(columns-1), at, at + 1 + random.IntN(2)}
	failures := []string{"#DIV/0!", "#N/A", "#REF!", "#VALUE!", "#NAME?", "#NUM!"}
	for row := 2; row < 12; row++ {
		fmt.Fprintf(&rows, `<row r="%d"><c r="A%d"><v>%d</v></c>`, row, row, row)
		for c := 1; c < columns; c++ {
			if c == m.column && row > m.from && row <= m.to {
				continue // covered
			}
			ref := fmt.Sprintf("%c%d", 'A'+c, row)
			text := html.EscapeString(texts[random.IntN(len(texts))])
			rows.WriteString([]string{
				``,
				fmt.Sprintf(`<c r="%s" t="s"><v>%d</v></c>`, ref, random.IntN(len(texts))),
				fmt.Sprintf(`<c r="%s" t="inlineStr"><is><t xml:space="preserve">%s</t></is></c>`, ref, text),
				fmt.Sprintf(`<c r="%s"><v>%d</v></c>`, ref, random.IntN(100_000)),
				fmt.Sprintf(`<c r="%s"><v>%d.25</v></c>`, ref, random.IntN(1000)),
				fmt.Sprintf(`<c r="%s" t="n"/>`, ref), fmt.Sprintf(`<c r="%s" t="s"/>`, ref),
				fmt.Sprintf(`<c r="%s" t="str"><f>"x"&amp;"y"</f><v>xy</v></c>`, ref),
				fmt.Sprintf(`<c r="%s"><f>2+3</f><v>5</v></c>`, ref),
				fmt.Sprintf(`<c r="%s" t="b"><v>%d</v></c>`, ref, random.IntN(2)),
				fmt.Sprintf(`<c r="%s" t="b"><f>1=1</f><v>1</v></c>`, ref),
				fmt.Sprintf(`<c r="%s" t="e"><v>%s</v></c>`, ref, failures[random.IntN(len(failures))]),
				fmt.Sprintf(`<c r="%s" s="1"><v>%d</v></c>`, ref, 61+random.IntN(80_000)),
				fmt.Sprintf(`<c r="%s" s="2"><v>%d.%02d</v></c>`, ref, 30_000+random.IntN(30_000), 25*random.IntN(4)),
				fmt.Sprintf(`<c r="%s" t="b"/>`, ref), fmt.Sprintf(`<c r="%s" s="1"/>`, ref),
				fmt.Sprintf(`<c r="%s" t="str"><v></v></c>`, ref), fmt.Sprintf(`<c r="%s" t="inlineStr"><is/></c>`, ref),
			}[random.IntN(18)])
		}
		rows.WriteString(`</row>`)
	}
	return book(t, shared.String(), rows.String(), fmt.Sprintf(`<mergeCells count="1"><mergeCell ref="%c%d:%[1]c%[3]d"/>`+
		`</mergeCells>`, 'A'+m.column, m.from, m.to)), m
}

// TestWorkbooksAsAnOfficeReadsThem compares forty workbooks with what LibreOffice reads of them:
// texts, numbers, booleans, dates, errors, empty cells with a type, formulas and merged cells.
func TestWorkbooksAsAnOfficeReadsThem(t *testing.T) {
	t.Parallel()
	office, err := exec.LookPath("soffice")
	if err != nil || testing.Short() {
		t.Skip("LibreOffice is not installed")
	}
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(3, 5))
	books, covers := map[string][]byte{}, map[string]merged{}
	args := []string{"-env:UserInstallation=file://" + dir + "/profile", "--headless", "--convert-to",
		"csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", "--outdir", dir}
	for i := range 40 {
		name := filepath.Join(dir, fmt.Sprintf("book%02d.xlsx", i))
		books[name], covers[name] = randomBook(t, random)
		if err := os.WriteFile(name, books[name], 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	if out, err := exec.CommandContext(t.Context(), office, args...).CombinedOutput(); err != nil {
		t.Skipf("LibreOffice does not run here: %v %s", err, out)
	}
	for name, data := range books {
		text, err := os.ReadFile(strings.TrimSuffix(name, ".xlsx") + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		want, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		c, err := Open(Input{Name: "book.xlsx", From: bytes.NewReader(data), Scratch: nil}, Options{HasHeader: true})
		if err != nil {
			t.Fatal(err)
		}
		_, records, err := readAll(t, c)
		if err != nil || len(records) != len(want)-1 {
			t.Fatalf("%s: %d rows, LibreOffice reads %d: %v", name, len(records), len(want)-1, err)
		}
		m := covers[name]
		for row := m.from + 1; row <= m.to; row++ { // the export has the value in the first row alone
			want[row-1][m.column] = want[m.from-1][m.column]
		}
		for i, r := range records {
			for c, text := range want[i+1] {
				if text == "TRUE" || text == "FALSE" {
					want[i+1][c] = strings.ToLower(text)
				}
			}
			if !slices.Equal(r.Cells, want[i+1]) {
				t.Errorf("%s, row %d: got %q, LibreOffice reads %q", filepath.Base(name), r.Row, r.Cells, want[i+1])
			}
		}
	}
}

func TestMergedCellsAndFormulas(t *testing.T) {
	t.Parallel()
	data := book(t, "", `<row r="1"><c r="A1" t="str"><v>title</v></c><c r="B1" t="str"><v>contact_name</v></c></row>`+
		`<row r="2"><c r="A2" t="str"><v>Call</v></c><c r="B2" t="str"><v>Anna</v></c></row>`+
		`<row r="3" hidden="1"><c r="A3" t="str"><v>Mail</v></c></row>`+
		`<row r="4"><c r="A4"><f>1+1</f></c><c r="B4" t="str"><v>Bob</v></c></row>`+
		`<row r="5"><c r="A5" t="str"><v> </v></c></row>`+
		`<row r="6"><c r="A6" t="str"><f>""</f><v></v></c><c r="B6" t="str"><v>\f</v></c></row>`,
		`<autoFilter ref="A1:B6"/><mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>`)
	c, err := Open(Input{Name: "book.xlsx", From: bytes.NewReader(data)}, Options{HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	layout, records, err := readAll(t, c)
	if err != nil {
		t.Fatal(err)
	}
	want := "2 [\"Call\" \"Anna\"]\n3 [\"Mail\" \"Anna\"]\n4! [\"\" \"Bob\"]\n6 [\"\" \"\\\\f\"]\n"
	if got := shownRecords(records); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if !strings.Contains(records[2].Problem, `the cell of "title" is a formula whose result is not stored`) {
		t.Errorf("got %q, want a formula", records[2].Problem)
	}
	var notes []string
	for _, n := range layout.Notes {
		notes = append(notes, n.Text)
	}
	said := []string{"1 row hidden by a filter, read as well", "1 row took the value of a merged cell above"}
	if !slices.Equal(notes, said) || layout.EmptyRows != 1 {
		t.Errorf("got %q and %d empty rows, want %q and 1", notes, layout.EmptyRows, said)
	}
}
