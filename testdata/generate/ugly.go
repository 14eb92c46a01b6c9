package main

import "strings"

// uglyFiles are small files with one fault each. Their sound rows name contacts of contacts.csv.
func uglyFiles(m *maker) []file {
	a, b, c := m.nameWith("de", "ü"), m.nameWith("fr", "é"), m.nameWith("pl", "ł")
	head := "title,contact_name\n"
	first, second, third := "Angebot nachfassen,"+a+"\n", "Relancer le devis,"+b+"\n", "Wysłać umowę,"+c+"\n"
	sound := head + first + second + third
	latin1 := strings.NewReplacer("ü", "\xfc", "ö", "\xf6", "ä", "\xe4", "ß", "\xdf", "Ü", "\xdc", "Ö", "\xd6", "Ä", "\xc4")
	faults := [][2]string{
		{"bare_quote", head + first + "call \"back\" soon," + b + "\n" + third},
		{"blank_lines", head + "\n" + first + "\n\n" + second + third + "\n"},
		{"bom", "\ufeff" + sound},
		{"crlf", strings.ReplaceAll(sound, "\n", "\r\n")},
		{"duplicate_header", "title,title,contact_name\nAngebot nachfassen,Zweitens," + a + "\n"},
		{"empty", ""},
		{"header_only", head},
		{"invalid_utf8", head + latin1.Replace(first) + second + third},
		{"no_title_column", strings.Replace(sound, "title", "remark", 1)},
		{"nul_byte", head + first + "Relancer\x00le devis," + b + "\n" + third},
		{"quoted_newlines", head + "\"Angebot\nnachfassen\"," + a + "\n\"Relancer, puis\n\n\"\"clore\"\"\"," + b + "\n" + third},
		{"semicolon", strings.ReplaceAll(sound, ",", ";")},
		{"tab", strings.ReplaceAll(sound, ",", "\t")},
		{"too_few_fields", head + first + "Relancer le devis\n" + third},
		{"too_many_fields", head + first + "Relancer le devis," + b + ",vite,svp\n" + third},
		{"unterminated_quote", head + first + "\"Relancer le devis," + b + "\n" + third},
	}
	var out []file
	for _, f := range faults {
		out = append(out, file{"ugly/" + f[0] + ".csv", []byte(f[1])})
	}
	return out
}

// nameWith gives the name of a contact of the culture that nobody else bears and that has the letter.
func (m *maker) nameWith(culture, letter string) string {
	for _, at := range m.ordinary {
		if c := &m.contacts[at]; c.culture.code == culture && c.simple() && strings.Contains(c.plain(), letter) {
			return c.plain()
		}
	}
	return m.contacts[m.ordinary[0]].plain()
}
