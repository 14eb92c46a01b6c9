package main

import (
	"bytes"
	"encoding/json"
	"strings"
)

// ugly is a small file with one fault, and its expected outcome. Its sound rows name contacts of
// contacts.csv.
type ugly struct {
	File    string            `json:"file"`
	Options map[string]string `json:"options,omitempty"` // of the import
	Mapping string            `json:"mapping,omitempty"` // content of a mapping file
	// Read is how the file is read, as far as it matters, and Note a part of the notes.
	Read string `json:"read,omitempty"`
	Note string `json:"note,omitempty"`
	// Rows are title, contact_name, a status that is not open, and further fields of the row, or ! and
	// the reason. Message is why the file is refused.
	Rows    []string `json:"rows,omitempty"`
	Message string   `json:"message,omitempty"`

	data string
}

// uglyFiles returns the files and the one file with the expectations of all.
func uglyFiles(m *maker) []file {
	u := &uglyMaker{a: m.nameWith("de", "ü"), b: m.nameWith("fr", "é"), c: m.nameWith("pl", "ł"),
		email: m.emailWith("de", "ü")}
	all := append(append(append(append(u.rows(), u.encodings()...), u.structures()...), u.sheets()...), u.packed()...)
	all = append(append(all, u.spectrum()...), u.columns()...)
	var out []file
	for i := range all {
		out = append(out, file{"ugly/" + all[i].File, []byte(all[i].data)})
	}
	var expected bytes.Buffer
	enc := json.NewEncoder(&expected)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(all) //nolint:errchkjson // strings encode, and the buffer takes them
	return append(out, file{"ugly/expected.json", expected.Bytes()})
}

// uglyMaker has the names in the rows.
type uglyMaker struct{ a, b, c, email string }

const uglyHead = "title,contact_name\n"

// sound are three rows without a fault.
func (u *uglyMaker) sound() string  { return uglyHead + u.first() + u.second() + u.third() }
func (u *uglyMaker) first() string  { return "Angebot nachfassen," + u.a + "\n" }
func (u *uglyMaker) second() string { return "Relancer le devis," + u.b + "\n" }
func (u *uglyMaker) third() string  { return "Wysłać umowę," + u.c + "\n" }

// western has two rows that Windows-1252 can represent.
func (u *uglyMaker) western() string { return uglyHead + u.first() + u.second() }

func (u *uglyMaker) soundRows() []string { return []string{u.rowA(), u.rowB(), u.rowC()} }
func (u *uglyMaker) rowA() string        { return "Angebot nachfassen | " + u.a }
func (u *uglyMaker) rowB() string        { return "Relancer le devis | " + u.b }
func (u *uglyMaker) rowC() string        { return "Wysłać umowę | " + u.c }

// rows are faults of single rows and cells.
func (u *uglyMaker) rows() []ugly {
	latin1 := strings.NewReplacer("ü", "\xfc", "ö", "\xf6", "ä", "\xe4", "ß", "\xdf", "Ü", "\xdc", "Ö", "\xd6", "Ä",
		"\xc4")
	abc, a, b, c := u.soundRows(), u.rowA(), u.rowB(), u.rowC()
	first, second, third := u.first(), u.second(), u.third()
	return []ugly{
		{File: "bare_quote.csv", data: uglyHead + first + "call \"back\" soon," + u.b + "\n" + third, Rows: []string{a,
			"call \"back\" soon | " + u.b, c}},
		{File: "blank_lines.csv", data: uglyHead + "\n" + first + "\n\n" + second + third + "\n", Rows: abc},
		{File: "contact_address.csv", data: uglyHead + "Angebot nachfassen," + u.a + " <" + u.email + ">\n",
			Rows: []string{a}},
		{File: "contact_address_alone.csv", data: uglyHead + "Angebot nachfassen," + strings.ToUpper(u.email) + "\n",
			Rows: []string{"Angebot nachfassen | " + u.email}},
		{File: "contact_address_quoted_name.csv", data: uglyHead + "Angebot nachfassen,\"\"\"" + u.a + "\"\" <" + u.email +
			">\"\n", Rows: []string{a}},
		{File: "contacts_in_one_cell.csv", data: uglyHead + "Angebot nachfassen," + u.a + "; " + u.b + "\n" + third,
			Rows: []string{"! invalid_value", c}},
		{File: "contacts_in_one_cell_by_address.csv", data: uglyHead + "Angebot nachfassen,\"" + u.email +
			", x@example.com\"\n", Rows: []string{"! invalid_value"}},
		{File: "contacts_in_one_cell_on_lines.csv", data: uglyHead + "Angebot nachfassen,\"" + u.a + "\n" + u.b + "\"\n",
			Rows: []string{"! invalid_value"}},
		{File: "crlf.csv", data: strings.ReplaceAll(u.sound(), "\n", "\r\n"), Rows: abc},
		{File: "header_again.csv", data: u.sound() + uglyHead + third, Rows: append(append([]string{}, abc...),
			"! malformed_row", c)},
		{File: "invalid_utf8.csv", data: uglyHead + latin1.Replace(first) + second + third, Read: "utf-8",
			Rows: []string{"! invalid_value", b, c}},
		{File: "multi_line_description.csv", data: "title,contact_name,description\nAngebot nachfassen," + u.a +
			",\"Erstens\n\nZweitens, \"\"dann\"\"\"\n", Rows: []string{a + " | Erstens\n\nZweitens, \"dann\""}},
		{File: "no_last_newline.csv", data: strings.TrimSuffix(u.sound(), "\n"), Rows: abc},
		{File: "non_breaking_spaces.csv", data: "title,contact_name\u00a0\n\u00a0Angebot nachfassen\u00a0," + u.a +
			"\u200b\n", Rows: []string{a}},
		{File: "nul_byte.csv", data: uglyHead + first + "Relancer\x00le devis," + u.b + "\n" + third, Rows: []string{a,
			"! invalid_value", c}},
		{File: "placeholders.csv", data: "title,contact_name,description,priority,due_date\nAngebot nachfassen," + u.a +
			",N/A,-,#N/A\nRelancer le devis," + u.b + ",null,n/a, - \n-," + u.c + ",,,\n",
			Rows: []string{a, b, "! missing_title"}},
		{File: "placeholders_kept.csv", Options: map[string]string{"keep_placeholders": "true"},
			data: "title,contact_name,description\nAngebot nachfassen," + u.a + ",N/A\n", Rows: []string{a + " | N/A"}},
		{File: "quoted_newlines.csv", data: uglyHead + "\"Angebot\nnachfassen\"," + u.a +
			"\n\"Relancer, puis\n\n\"\"clore\"\"\"," + u.b + "\n" + third,
			Rows: []string{"Angebot\nnachfassen | " + u.a, "Relancer, puis\n\n\"clore\" | " + u.b, c}},
		{File: "smart_quotes.csv", data: uglyHead + "“Angebot” nachfassen – heute…," + u.a + "\n",
			Rows: []string{"“Angebot” nachfassen – heute… | " + u.a}},
		{File: "smart_quotes_around_a_comma.csv", data: uglyHead + "“Relancer, puis clore”," + u.b + "\n" + third,
			Rows: []string{"! malformed_row", c}},
		{File: "too_few_fields.csv", data: uglyHead + first + "Relancer le devis\n" + third, Rows: []string{a,
			"! malformed_row", c}},
		{File: "too_many_fields.csv", data: uglyHead + first + "Relancer le devis," + u.b + ",vite,svp\n" + third,
			Rows: []string{a, "! malformed_row", c}},
		{File: "totals_line.csv", data: u.sound() + "Total,3\n", Rows: append(append([]string{}, abc...), "! malformed_row")},
		{File: "totals_line_short.csv", data: u.sound() + "Summe: 3\n", Rows: append(append([]string{}, abc...),
			"! malformed_row")},
		{File: "trailing_empty_columns.csv", data: "title,contact_name,,\nAngebot nachfassen," + u.a +
			",,\nRelancer le devis," + u.b + "\nWysłać umowę," + u.c + ",,,,\n", Rows: abc},
		{File: "unterminated_quote.csv", data: uglyHead + first + "\"Relancer le devis," + u.b + "\n" + third,
			Rows: []string{a, "! malformed_row", c}},
	}
}

// nameWith returns the name of a contact of the culture that has the letter and no namesake.
func (m *maker) nameWith(culture, letter string) string {
	name, _ := m.contactWith(culture, letter)
	return name
}

// emailWith returns the address of that contact.
func (m *maker) emailWith(culture, letter string) string {
	_, email := m.contactWith(culture, letter)
	return email
}

func (m *maker) contactWith(culture, letter string) (name, email string) {
	for _, at := range m.ordinary {
		if c := &m.contacts[at]; c.culture.code == culture && c.simple() && strings.Contains(c.plain(), letter) {
			return c.plain(), c.email
		}
	}
	c := &m.contacts[m.ordinary[0]]
	return c.plain(), c.email
}
