package main

import (
	"strings"
	"unicode/utf16"
)

// utf16Text returns UTF-16 without a mark.
func utf16Text(s string, bigEndian bool) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		low, high := byte(unit), byte(unit>>8)
		if bigEndian {
			low, high = high, low
		}
		out = append(out, low, high)
	}
	return string(out)
}

// detected1252 is what is said of a file whose encoding is a guess.
const detected1252 = "encoding windows-1252 detected"

// windowsText returns the Windows-1252 bytes of the western rows: Latin-1, and the dashes and
// quotes that it lacks.
func windowsText(s string) string {
	beyond := map[rune]byte{'€': 0x80, '…': 0x85, '‘': 0x91, '’': 0x92, '“': 0x93, '”': 0x94, '–': 0x96, '—': 0x97}
	var out []byte
	for _, r := range s {
		if b, ok := beyond[r]; ok {
			out = append(out, b)
		} else {
			out = append(out, byte(r))
		}
	}
	return string(out)
}

// encodings are files in other encodings, and with other delimiters.
func (u *uglyMaker) encodings() []ugly {
	abc, ab := u.soundRows(), []string{u.rowA(), u.rowB()}
	quotes := uglyHead + "“Angebot” – 5 €…," + u.a + "\n"
	mixed := uglyHead + windowsText(u.first()) + strings.Repeat("x\n", 17_000) + u.second()
	return []ugly{
		{File: "bom.csv", data: "\ufeff" + u.sound(), Read: "utf-8", Rows: abc},
		{File: "latin_1.csv", data: windowsText(u.western()), Options: map[string]string{"encoding": "latin1"},
			Read: "iso-8859-1", Rows: ab},
		{File: "mixed_encodings.csv", data: mixed, Message: "this line is UTF-8, and others of the file are windows-1252"},
		{File: "utf_16_be.csv", data: "\xfe\xff" + utf16Text(u.sound(), true), Read: "utf-16be", Rows: abc},
		{File: "utf_16_be_no_bom.csv", data: utf16Text(u.sound(), true), Read: "utf-16be", Rows: abc},
		{File: "utf_16_cut_off.csv", data: "\xff\xfe" + utf16Text(u.sound(), false) + "x", Message: "breaks off"},
		{File: "utf_16_le.csv", data: "\xff\xfe" + utf16Text(u.sound(), false), Read: "utf-16le", Rows: abc},
		{File: "utf_16_le_no_bom.csv", data: utf16Text(u.sound(), false), Read: "utf-16le", Rows: abc},
		{File: "utf_16_tabs.txt", data: "\xff\xfe" + utf16Text(strings.ReplaceAll(strings.ReplaceAll(u.sound(), ",", "\t"),
			"\n", "\r\n"), false), Read: "utf-16le, delimiter tab", Rows: abc},
		{File: "utf_8_claimed.csv", data: windowsText(u.western()), Options: map[string]string{"encoding": "utf-8"},
			Read: "utf-8", Rows: []string{"! invalid_value", "! invalid_value"}},
		{File: "windows_1252.csv", data: windowsText(u.western()), Read: "windows-1252", Note: detected1252, Rows: ab},
		{File: "windows_1252_quotes.csv", data: windowsText(quotes), Read: "windows-1252", Note: detected1252,
			Rows: []string{"“Angebot” – 5 €… | " + u.a}},
		{File: "bar.csv", data: strings.ReplaceAll(u.sound(), ",", "|"), Read: "delimiter |", Rows: abc},
		{File: "semicolon.csv", data: strings.ReplaceAll(u.sound(), ",", ";"), Read: "delimiter semicolon", Rows: abc},
		{File: "semicolon_and_commas.csv", data: "title;contact_name\n\"Eins, zwei, drei\";" + u.a + "\nVier, fünf;" +
			u.b + "\n", Read: "delimiter semicolon",
			Rows: []string{"Eins, zwei, drei | " + u.a, "Vier, fünf | " + u.b}},
		{File: "sep_line.csv", data: "sep=;\n" + strings.ReplaceAll(u.sound(), ",", ";"), Read: "delimiter semicolon",
			Rows: abc},
		{File: "tab.csv", data: strings.ReplaceAll(u.sound(), ",", "\t"), Read: "delimiter tab", Rows: abc},
		{File: "wrong_delimiter.csv", data: u.sound(), Options: map[string]string{"delimiter": ";"},
			Message: "no column feeds title"},
	}
}

// structures are faults of whole files.
func (u *uglyMaker) structures() []ugly {
	abc := u.soundRows()
	object := func(title, contact string) string {
		return `{"title": "` + title + `", "contact_name": "` + contact + `"}`
	}
	array := "[" + object("Angebot nachfassen", u.a) + ",\n " + object("Relancer le devis", u.b) + ", " +
		object("Wysłać umowę", u.c) + "]\n"
	report := "title,contact_name,contact_id,company_id,_row,_line,_code,_reason,_field,_message,_candidates\n" +
		"'=Angebot," + u.a + ",,,1,2,unresolved_reference,unresolved_reference,contact_name,\"Gr\u00fc\u00dfe fits " +
		"nobody\",\n"
	corrected := strings.ReplaceAll(strings.ReplaceAll(report, "\"", ""), ",", ";")
	quoted := strings.ReplaceAll("\""+strings.ReplaceAll(strings.TrimSuffix(corrected, "\n"), ";", "\";\"")+"\"", "\n",
		"\"\r\n\"") + "\r\n"
	return []ugly{
		{File: "columns_too_many.csv", data: "title," + strings.Repeat(",", 1100) + "\nx\n", Message: "1000 columns"},
		{File: "cr_line_ends.csv", data: strings.ReplaceAll(u.sound(), "\n", "\r"), Rows: abc},
		{File: "duplicate_header.csv", data: "title,title,contact_name\nAngebot nachfassen,Zweitens," + u.a + "\n",
			Message: "both feed title"},
		{File: "empty.csv", data: "", Message: "empty"},
		{File: "header_only.csv", data: uglyHead, Message: "no data rows"},
		{File: "no_title_column.csv", data: strings.Replace(u.sound(), "title", "remark", 1),
			Message: "no column feeds title"},
		{File: "old_workbook.csv", data: "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on", Message: "old workbook"},
		{File: "repeated_header_ignored.csv", data: "title,contact_name,notes,notes\nAngebot nachfassen," + u.a + ",x,y\n",
			Note: "could all feed description, so none does", Rows: []string{u.rowA()}},
		{File: "report_corrected_utf_8.csv", data: strings.Replace(report, "Angebot", "1+1", 1), Rows: []string{"=1+1 | " +
			u.a}},
		{File: "report_corrected_in_excel.csv", data: windowsText(quoted), Read: "windows-1252, delimiter semicolon",
			Note: detected1252, Rows: []string{"=Angebot | " + u.a}},
		{File: "report_corrected_utf_16.csv", data: "\xff\xfe" + utf16Text(strings.ReplaceAll(report, ",", "\t"), false),
			Read: "utf-16le, delimiter tab", Rows: []string{"=Angebot | " + u.a}},
		{File: "report_without_last_column.csv", data: strings.Replace(report, "nobody\",", "nobody\"", 1),
			Rows: []string{"=Angebot | " + u.a}},
		{File: "skipped_lines_named.csv", data: "title,contact_name\nx,y\n" + u.sound(),
			Options: map[string]string{"skip_lines": "2"}, Rows: abc},
		{File: "title_lines.csv", data: "Aufgaben\n\nStand: heute\n" + u.sound(), Note: "\"Aufgaben\", \"Stand: heute\"",
			Rows: abc},
		{File: "title_lines_padded.csv", data: "Aufgaben;;\nvon;2026-01-01;\n" +
			"priority;title;contact_name\nlow;Angebot nachfassen;" + u.a + "\n", Read: "delimiter semicolon",
			Note: "2 lines above the header",
			Rows: []string{u.rowA()}},
		{File: "title_lines_with_commas.csv", data: "Export, made today, by hand, for all\n" +
			strings.ReplaceAll(u.sound(), ",", ";"), Read: "delimiter semicolon", Note: "above the header", Rows: abc},
		{File: "web_page.csv", data: "<html><body><table><tr><td>title</td></tr></table></body></html>\n",
			Message: "web page"},
		{File: "array.json", data: array, Read: "a JSON array", Rows: abc},
		{File: "array_cut_off.json", data: strings.TrimSuffix(array, "]\n"), Message: "breaks off"},
		{File: "array_of_other_things.json", data: "[" + object("Angebot nachfassen", u.a) +
			", 7, [1], \"x\", {\"title\": {}}]", Rows: []string{u.rowA(), "! malformed_row", "! malformed_row",
			"! malformed_row", "! malformed_row"}},
		{File: "array_over_lines.json",
			data: "\ufeff\n[\n  {\n    \"title\": \"Angebot nachfassen\",\n    \"contact_name\": \"" + u.a + "\"\n  }\n]\n",
			Rows: []string{u.rowA()}},
		{File: "array_twice.json", data: "[" + object("x", u.a) + "]\n[]\n", Message: "goes on after"},
		{File: "lines.ndjson", data: object("Angebot nachfassen", u.a) + "\n\n{\"title\": \"x\"\n" + object("Wysłać umowę",
			u.c) + "\n", Read: "NDJSON", Rows: []string{u.rowA(), "! malformed_row", u.rowC()}},
		{File: "lines_that_are_an_array.ndjson", data: array, Read: "a JSON array", Rows: abc},
	}
}

// spectrum has the cases by which CSV readers are usually compared, each with a title and a
// contact.
func (u *uglyMaker) spectrum() []ugly {
	head := "title,contact_name,description\n"
	one := func(name, cell, text string) ugly {
		row := u.rowA()
		if text != "" {
			row += " | " + text
		}
		return ugly{File: "spectrum_" + name + ".csv", data: head + "Angebot nachfassen," + u.a + "," + cell + "\n",
			Rows: []string{row}}
	}
	crlf := func(f ugly) ugly {
		f.data = strings.ReplaceAll(f.data, "\n", "\r\n")
		return f
	}
	return []ugly{
		one("comma_in_quotes", `"here, and there"`, "here, and there"),
		one("escaped_quotes", `"ha ""ha"" ha"`, `ha "ha" ha`),
		one("empty", `""`, ""),
		crlf(one("empty_crlf", `""`, "")),
		one("json", `"{""type"": ""Point"", ""at"": [1.5, 2]}"`, `{"type": "Point", "at": [1.5, 2]}`),
		one("newlines", "\"once\nmore\"", "once\nmore"),
		crlf(one("newlines_crlf", "\"once\nmore\"", "once\r\nmore")),
		one("quotes_and_newlines", "\"\"\"once\"\"\nmore\"", "\"once\"\nmore"),
		one("simple", "plain", "plain"),
		crlf(one("simple_crlf", "plain", "plain")),
		one("utf8", "ʤ ɴ ʘ 漢字", "ʤ ɴ ʘ 漢字"),
		one("location_coordinates", `"51°30'26""N, 0°7'39""W"`, `51°30'26"N, 0°7'39"W`),
	}
}
