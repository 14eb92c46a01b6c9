package importer

import "testing"

// A spreadsheet that opens and saves a report changes no checksum; a corrected or moved cell does.
func TestChecksumOfARow(t *testing.T) {
	t.Parallel()
	columns := []string{"id", "Title", "Due Date", "Amount", "Note"}
	row := []string{"00126", `D "x`, "2026-04-03 12:30", "1.10", ""}
	sum := cellsChecksum(columns, row)
	for name, same := range map[string][]string{
		"zeros lost":         {"126", `D "x`, "2026-04-03 12:30", "1.1", ""},
		"dates of English":   {"126", `D "x`, "4/3/2026 12:30:00 PM", "1.1", ""},
		"dates of German":    {"126", `D "x`, "03.04.2026 12:30", "1,1", ""},
		"dates by name":      {"126", `D "x`, "03-Apr-26", "01. Jan", ""},
		"numbers shortened":  {"1.26E+02", `D "x`, "46115.52", "110.00%", ""},
		"a column too small": {"########", ` D  "x`, "########", "€ 1.10", " "},
	} {
		if cellsChecksum(columns, same) != sum {
			t.Errorf("%s: %q is another row", name, same)
		}
	}
	if cellsChecksum([]string{"Note", "due_date", "title", "ID", "amount"}, []string{"", row[2], row[1], row[0],
		row[3]}) != sum {
		t.Error("columns in another order are another row")
	}
	for name, other := range map[string][]string{
		"a text corrected": {"00126", "D x", "2026-04-03 12:30", "1.10", ""},
		"a cell emptied":   {"00126", `D "x`, "2026-04-03 12:30", "", ""},
		"a cell filled":    {"00126", `D "x`, "2026-04-03 12:30", "1.10", "2"},
		"a cell moved":     {"00126", `D "x`, "2026-04-03 12:30", "", "1.10"},
		"a date as a word": {"00126", `D "x`, "soon", "1.10", ""},
	} {
		if cellsChecksum(columns, other) == sum {
			t.Errorf("%s: %q is the same row", name, other)
		}
	}
}

func TestCellsThatSpreadsheetsRewrite(t *testing.T) {
	t.Parallel()
	for _, cell := range []string{"007", "-1,5", "1.5E+12", "1e5", "12:30", "9:05 pm", "2:30 p. m.", "1/2", "5-Mar-26",
		"25. März 2026", "2026-03-25T10:00:00Z", "50 %", "+49 170 123", "1er août 2026", "####"} {
		if !isRewritten(cell) {
			t.Errorf("%q is text", cell)
		}
	}
	for _, cell := range []string{"", "May", "-", "B1", "Anna 2", `12"`, "3;4", "(5)", "1x5", "№ 5", "May & June 5"} {
		if isRewritten(cell) {
			t.Errorf("%q is a number or a date", cell)
		}
	}
}
