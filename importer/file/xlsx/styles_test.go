package xlsx

import "testing"

func TestFormatsOfDates(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]dateKind{
		"General": noDate, "0.00": noDate, "#,##0 \"days\"": noDate, "0.00E+00": noDate, "@": noDate, "[Red]0": noDate,
		"\"yes\";\"no\"": noDate,
		"yyyy-mm-dd":     dayOnly, "dd\\.mm\\.yyyy": dayOnly, "[$-407]d. mmmm yyyy;@": dayOnly, "mmm-yy": dayOnly,
		"mmmm":        dayOnly,
		"m/d/yy h:mm": dayAndTime, "dd.mm.yyyy hh:mm:ss.000": dayAndTime, "h:mm AM/PM": timeOnly, "[h]:mm:ss": elapsed,
		"mm:ss.0": timeOnly,
	} {
		if got := kindOfFormat(code); got != want {
			t.Errorf("%s is %d, want %d", code, got, want)
		}
	}
	for id, want := range map[string]dateKind{"0": noDate, "2": noDate, "14": dayOnly, "17": dayOnly, "20": timeOnly,
		"22": dayAndTime, "49": noDate, "57": dayOnly, "x": noDate} {
		if got := builtInKind(id); got != want {
			t.Errorf("%s is %d, want %d", id, got, want)
		}
	}
}

func TestNumbers(t *testing.T) {
	t.Parallel()
	s := styles{kinds: []dateKind{noDate, dayOnly, dayAndTime, timeOnly, elapsed}}
	old := styles{kinds: s.kinds, date1904: true}
	for _, c := range []struct {
		styles             styles
		value, style, want string
	}{
		{s, "1", "0", "1"}, {s, "007", "0", "007"}, {s, "1E+3", "", "1000"}, {s, "-0.1", "0", "-0.1"},
		{s, "1.10", "", "1.1"}, {s, "0.1000000000000000055", "", "0.1"}, {s, "1e300", "", "1E+300"},
		{s, "1.2345678901234599E+17", "", "1.23456789012346E+17"}, {s, "1E+15", "", "1E+15"}, {s, "1.23E+14", "",
			"123000000000000"}, {s, "1201234567890123456", "", "1201234567890123456"},
		{s, "text", "1", "text"}, {s, "1", "9", "1"}, {s, "1", "-1", "1"}, {s, "NaN", "0", "NaN"},
		{s, "1", "1", "1900-01-01"}, {s, "59", "1", "1900-02-28"}, {s, "60", "1", "1900-02-29"},
		{s, "61", "1", "1900-03-01"}, {s, "2958465", "1", "9999-12-31"}, {s, "2958466", "1", "2958466"},
		{s, "-1", "1", "-1"},
		{s, "46091.5", "1", "2026-03-10T12:00:00"}, {s, "46091", "2", "2026-03-10T00:00:00"}, {s, "46091.999999", "2",
			"2026-03-11T00:00:00"}, {s, "0.75", "3", "18:00:00"},
		{s, "1.5", "4", "36:00:00"}, {s, "0.375", "4", "09:00:00"},
		{old, "0", "1", "1904-01-01"}, {old, "44629", "1", "2026-03-10"},
	} {
		if got := c.styles.text(c.value, c.style); got != c.want {
			t.Errorf("%s in style %s is %s, want %s", c.value, c.style, got, c.want)
		}
	}
}

func TestUnescape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"plain": "plain", "a_x000D_\nb": "a\r\nb", "_x005F_x000D_": "_x000D_",
		"_x": "_x", "_xZZZZ_": "_xZZZZ_", "a_x0041_": "aA"} {
		if got := unescape(text); got != want {
			t.Errorf("%s is %q, want %q", text, got, want)
		}
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	for ref, want := range map[string]int{"A1": 0, "Z9": 25, "AA1": 26, "xfd1": 16383, "": 7, "12": 7} {
		if got := column(ref, 7); got != want {
			t.Errorf("%s is column %d, want %d", ref, got, want)
		}
	}
	if got := column("ZZZZZZZZZZZZZZZZZZZ1", 0); got < maxCells {
		t.Errorf("column %d", got)
	}
}
