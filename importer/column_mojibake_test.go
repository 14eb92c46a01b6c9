package importer

import (
	"strings"
	"testing"

	"taskport/importer/file"
)

func TestMojibakeIsFixed(t *testing.T) {
	t.Parallel()
	for text, once := range map[string]string{"MÃ¼ller": "Müller", "PÃ©piniÃ¨res": "Pépinières",
		"WysÅ‚aÄ‡ Ã³": "Wysłać ó", "Ã\u0081lvaro": "Álvaro", "â€œyesâ€\u009d": "“yes”"} {
		if got, ok := file.FixMojibake(text); !ok || got != once {
			t.Errorf("%s: %q, %t", text, got, ok)
		}
	}
	for _, text := range []string{"", "Mueller", "Müller", "SÃO PAULO", "Ã", "Â", "Łódź", "Müller MÃ¼ller", "20 °C",
		"«Où»", "Ø"} {
		if got, ok := file.FixMojibake(text); ok {
			t.Errorf("%s was %q", text, got)
		}
	}
}

// Mojibake is reported before anything runs, once for each column that feeds a field.
func TestMojibakeIsReported(t *testing.T) {
	t.Parallel()
	layout := decided(t, file.Options{Format: file.CSV}, Mapping{},
		"title,contact_name,mood\nCall,MÃ¼ller,grÃ¼n\nMail,JosÃ©,\nMeet,Anna Müller,\n")
	said := noted(layout.Notes)
	if !strings.Contains(said, `"contact_name": `) || !strings.Contains(said,
		`"MÃ¼ller" was "Müller" once, and 2 cells like it`) || strings.Contains(said, "mood") {
		t.Errorf("notes %q", said)
	}
	if p := layout.Profile[1].Problems; len(p) != 1 ||
		len(layout.Profile[0].Problems)+len(layout.Profile[2].Problems) != 0 {
		t.Errorf("%+v", layout.Profile)
	}
}
