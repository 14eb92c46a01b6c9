package main

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"html"
	"strings"
)

// zipped returns a zip whose files are stored uncompressed, so that its bytes do not depend on a
// compressor.
func zipped(files ...[2]string) string {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		w, err := z.CreateHeader(&zip.FileHeader{Name: f[0], Method: zip.Store})
		if err == nil {
			_, err = w.Write([]byte(f[1]))
		}
		if err != nil {
			panic(err) // a buffer takes everything
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return out.String()
}

// gzipped returns gzip in stored blocks (RFC 1952, RFC 1951).
func gzipped(s string) string {
	out := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1}
	out = binary.LittleEndian.AppendUint16(out, uint16(len(s)))
	out = binary.LittleEndian.AppendUint16(out, ^uint16(len(s)))
	out = append(out, s...)
	out = binary.LittleEndian.AppendUint32(out, crc32.ChecksumIEEE([]byte(s)))
	return string(binary.LittleEndian.AppendUint32(out, uint32(len(s))))
}

// zstandard returns a zstd frame of one raw block (RFC 8878) of less than 256 bytes.
func zstandard(s string) string {
	header := 1 | uint32(len(s))<<3
	return string(append([]byte{0x28, 0xb5, 0x2f, 0xfd, 0x20, byte(len(s)), byte(header), byte(header >> 8),
		byte(header >> 16)}, s...))
}

const (
	mainSpace = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	sheetHead = `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="` + mainSpace + `"><sheetData>`
	sheetFoot = `</sheetData></worksheet>`
)

// book is a workbook in the making.
type book struct {
	sheets  [][2]string // name, and its rows as XML
	hidden  string      // attributes of the first sheet
	strings []string
	props   string
}

func (b book) file() string {
	rels := `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	const kind = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
	main, sheets := rels, ""
	parts := [][2]string{
		{"[Content_Types].xml",
			`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
				`<Default Extension="xml" ContentType="application/xml"/></Types>`},
		{"_rels/.rels", rels + `<Relationship Id="r1" Type="` + kind +
			`officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	}
	for i, s := range b.sheets {
		path := fmt.Sprintf("worksheets/sheet%d.xml", i+1)
		attr := ""
		if i == 0 {
			attr = b.hidden
		}
		sheets += fmt.Sprintf(`<sheet name="%s" sheetId="%d" r:id="s%d"%s/>`, html.EscapeString(s[0]), i+1, i+1, attr)
		main += fmt.Sprintf(`<Relationship Id="s%d" Type="%sworksheet" Target="%s"/>`, i+1, kind, path)
		parts = append(parts, [2]string{"xl/" + path, sheetHead + s[1] + sheetFoot})
	}
	main += `<Relationship Id="st" Type="` + kind + `styles" Target="/xl/styles.xml"/><Relationship Id="ss" Type="` +
		kind + `sharedStrings" Target="sharedStrings.xml"/></Relationships>`
	return zipped(append(parts, [2]string{"xl/_rels/workbook.xml.rels", main},
		[2]string{"xl/workbook.xml",
			`<?xml version="1.0"?><workbook xmlns="` + mainSpace +
				`" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">` +
				b.props + `<sheets>` + sheets + `</sheets></workbook>`},
		[2]string{"xl/styles.xml",
			`<?xml version="1.0"?><styleSheet xmlns="` + mainSpace + `"><numFmts>` +
				`<numFmt numFmtId="164" formatCode="[$-407]dd\.mm\.yyyy\ hh:mm;@"/>` +
				`<numFmt numFmtId="165" formatCode="#,##0.00 &quot;days&quot;"/></numFmts>` +
				`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/>` +
				`<xf numFmtId="164"/><xf numFmtId="165"/></cellXfs></styleSheet>`},
		[2]string{"xl/sharedStrings.xml",
			`<?xml version="1.0"?><sst xmlns="` + mainSpace + `">` +
				strings.Join(b.strings, "") + `</sst>`})...)
}

// rowXML writes a row of inline strings; a cell that begins with < is XML already.
func rowXML(number int, cells ...string) string {
	out := fmt.Sprintf(`<row r="%d">`, number)
	for i, c := range cells {
		ref := fmt.Sprintf("%c%d", 'A'+i, number)
		switch {
		case strings.HasPrefix(c, "<"):
			out += strings.Replace(c, "<c", `<c r="`+ref+`"`, 1)
		case c != "":
			out += `<c r="` + ref + `" t="inlineStr"><is><t xml:space="preserve">` + html.EscapeString(c) + `</t></is></c>`
		}
	}
	return out + "</row>"
}

// sheets are workbooks.
func (u *uglyMaker) sheets() []ugly {
	head := rowXML(1, "title", "contact_name")
	wide := rowXML(1, "title", "contact_name", "description", "due_date")
	sound := head + rowXML(2, "Angebot nachfassen", u.a) + rowXML(3, "Relancer le devis", u.b) +
		rowXML(4, "Wysłać umowę", u.c)
	plain := book{sheets: [][2]string{{"Aufgaben", sound}}}
	cell := func(c string) string {
		return book{sheets: [][2]string{{"Aufgaben", wide + rowXML(2, "Angebot nachfassen", u.a, c)}}}.file()
	}
	due := func(props, c string) string {
		return book{props: props, sheets: [][2]string{{"Aufgaben", wide + rowXML(2, "Angebot nachfassen", u.a, "",
			c)}}}.file()
	}
	abc, a := u.soundRows(), u.rowA()
	shared := book{strings: []string{"<si><t>title</t></si>", "<si><t>contact_name</t></si>",
		"<si><r><t>Angebot </t></r><r><rPr><b/></rPr><t>nachfassen</t></r><rPh><t>x</t></rPh></si>", "<si><t>" + u.a +
			"</t></si>"},
		sheets: [][2]string{{"Aufgaben", rowXML(1, `<c t="s"><v>0</v></c>`, `<c t="s"><v>1</v></c>`) +
			rowXML(2, `<c t="s"><v>2</v></c>`, `<c t="s"><v>3</v></c>`)}}}
	two := book{sheets: [][2]string{{"Notizen", head + rowXML(2, "x", "y")}, {"Aufgaben", sound}}}
	hidden := two
	hidden.hidden = ` state="hidden"`
	return []ugly{
		{File: "sheet.xlsx", data: plain.file(), Read: "a workbook, sheet Aufgaben", Rows: abc},
		{File: "sheet_called_csv.csv", data: plain.file(), Read: "a workbook", Rows: abc},
		{File: "sheet_boolean.xlsx", data: cell(`<c t="b"><v>1</v></c>`), Rows: []string{a + " | true"}},
		{File: "sheet_broken_xml.xlsx",
			data: book{sheets: [][2]string{{"Aufgaben", head + "<row r=\"2\"><c></row>"}}}.file(), Message: "breaks off"},
		{File: "sheet_date_1900.xlsx", data: due("", `<c s="1"><v>46091</v></c>`), Rows: []string{a + " | 2026-03-10"}},
		{File: "sheet_date_1904.xlsx", data: due(`<workbookPr date1904="1"/>`, `<c s="1"><v>44629</v></c>`),
			Rows: []string{a + " | 2026-03-10"}},
		{File: "sheet_date_and_time.xlsx", data: due("", `<c s="2"><v>46091.375</v></c>`),
			Rows: []string{a + " | 2026-03-10T09:00:00Z"}},
		{File: "sheet_date_of_no_day.xlsx", data: due("", `<c s="1"><v>60</v></c>`), Rows: []string{"! invalid_value"}},
		{File: "sheet_date_iso.xlsx", data: due("", `<c t="d"><v>2026-03-10T00:00:00</v></c>`),
			Rows: []string{a + " | 2026-03-10"}},
		{File: "sheet_error.xlsx", data: cell(`<c t="e"><v>#N/A</v></c>`), Rows: []string{a}},
		{File: "sheet_formula.xlsx", data: cell(`<c t="str"><f>A1&amp;"x"</f><v>computed</v></c>`),
			Rows: []string{a + " | computed"}},
		{File: "sheet_hidden_first.xlsx", data: hidden.file(), Read: "sheet Aufgaben", Rows: abc},
		{File: "sheet_line_breaks.xlsx", data: cell("Erstens\nZweitens\\n\tDrittens_x000D_"),
			Rows: []string{a + " | Erstens\nZweitens\\n\tDrittens\r"}},
		{File: "sheet_missing_rows.xlsx", data: book{sheets: [][2]string{{"Aufgaben", rowXML(3, "title", "contact_name") +
			rowXML(7, "Angebot nachfassen", u.a) + `<row r="8"/>` + rowXML(9, "", "")}}}.file(), Rows: []string{a}},
		{File: "sheet_named.xlsx", data: two.file(), Options: map[string]string{"sheet": "aufgaben"},
			Read: "sheet Aufgaben", Rows: abc},
		{File: "sheet_numbered.xlsx", data: two.file(), Options: map[string]string{"sheet": "2"}, Read: "sheet Aufgaben",
			Rows: abc},
		{File: "sheet_number.xlsx", data: cell(`<c s="3"><v>0.30000000000000004</v></c>`), Rows: []string{a + " | 0.3"}},
		{File: "sheet_number_long.xlsx", data: cell(`<c><v>9007199254740993</v></c>`),
			Rows: []string{a + " | 9007199254740993"}},
		{File: "sheet_of_several.xlsx", data: two.file(), Note: "\"Aufgaben\"", Rows: []string{"x | y"}},
		{File: "sheet_shared_strings.xlsx", data: shared.file(), Rows: []string{a}},
		{File: "sheet_surplus_cell.xlsx",
			data: cell(`<c t="inlineStr"><is><t>n</t></is></c><c r="H2" t="inlineStr"><is><t>stray</t></is></c>`),
			Rows: []string{"! malformed_row"}},
		{File: "sheet_title_lines.xlsx", data: book{sheets: [][2]string{{"Aufgaben", rowXML(1, "Aufgaben") +
			rowXML(3, "title", "contact_name") + rowXML(4, "Angebot nachfassen", u.a)}}}.file(), Note: "1 line above",
			Rows: []string{a}},
		{File: "sheet_unknown.xlsx", data: plain.file(), Options: map[string]string{"sheet": "Tasks"}, Message: "no sheet"},
		{File: "sheet_without_cells.xlsx", data: book{sheets: [][2]string{{"Aufgaben", ""}}}.file(), Message: "empty"},
	}
}

// packed are packed files.
func (u *uglyMaker) packed() []ugly {
	sound, abc := u.sound(), u.soundRows()
	short := uglyHead + u.first()
	return []ugly{
		{File: "gzip.csv.gz", data: gzipped(sound), Read: "packed with gzip", Rows: abc},
		{File: "gzip_broken.csv.gz", data: gzipped(sound)[:60], Message: "unpacked as gzip"},
		{File: "gzip_called_csv.csv", data: gzipped(sound), Read: "packed with gzip", Rows: abc},
		{File: "gzip_in_zip.zip", data: zipped([2]string{"tasks.csv.gz", gzipped(sound)}), Read: "packed with zip, gzip",
			Rows: abc},
		{File: "gzip_three_times.csv.gz", data: gzipped(gzipped(gzipped(sound))), Message: "packed more than"},
		{File: "sheet_in_gzip.xlsx.gz",
			data: gzipped(book{sheets: [][2]string{{"Aufgaben", rowXML(1, "title", "contact_name") +
				rowXML(2, "Angebot nachfassen", u.a)}}}.file()),
			Read: "sheet Aufgaben, packed with gzip", Rows: []string{u.rowA()}},
		{File: "zip.zip", data: zipped([2]string{"__MACOSX/._x", "x"}, [2]string{"export/", ""},
			[2]string{"export/tasks.csv", windowsText(u.western())}), Read: "windows-1252, delimiter comma, packed with zip",
			Note: detected1252, Rows: []string{u.rowA(), u.rowB()}},
		{File: "zip_empty.zip", data: zipped(), Message: "holds none"},
		{File: "zip_of_several.zip", data: zipped([2]string{"tasks.csv", sound}, [2]string{"notes.csv", sound}),
			Message: "\"tasks.csv\", \"notes.csv\""},
		{File: "zip_of_text_document.zip", data: zipped([2]string{"word/document.xml", "x"}), Message: "a text document"},
		{File: "zip_broken.zip", data: zipped([2]string{"tasks.csv", sound})[:100], Message: "unpacked as zip"},
		{File: "zstd.csv.zst", data: zstandard(short), Read: "packed with zstd", Rows: []string{u.rowA()}},
	}
}
