package importer

import (
	"slices"
	"testing"
	"time"

	"taskport/importer/file"
)

// Rows without text are not rows, whatever they are rows of.
func TestEmptyRowsAreNoRows(t *testing.T) {
	t.Parallel()
	for kind, columns := range map[Kind][]string{Tasks: {"title", "contact_name"}, Contacts: {"full_name", "email"},
		Companies: {"name", "domain"}, Deals: {"title", "external_id"}} {
		b := read(t, kind, time.Now(), columns, ",\n  ,\u00a0\n\"\",\" \u200b\"\n,x\n")
		if got := len(b.Dead) + len(b.Tasks) + len(b.Contacts) + len(b.Companies) + len(b.Items); got != 1 {
			t.Errorf("%s: got %d rows, want 1: %+v", kind, got, b.Dead)
		}
	}
}

// Names are read without HTML; other text keeps it.
func TestNamesWithoutMarkup(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ cell, want string }{
		{"Siobh&aacute;n O&#039;Dwyer", "Siobhán O'Dwyer"}, {"R&#xFC;diger&nbsp;Pahlke", "Rüdiger Pahlke"},
		{"<a href='x'>Anna <b>Schmidt</b></a>", "Anna Schmidt"}, {"Dwyer &amp; Sons", "Dwyer & Sons"},
		{"Q&A; Ltd", "Q&A; Ltd"}, {"R&D", "R&D"}, {"a < b > c", "a < b > c"},
		{"Anna <anna@acme.example>", "Anna <anna@acme.example>"},
	} {
		if got := withoutMarkup(test.cell); got != test.want {
			t.Errorf("%q: got %q, want %q", test.cell, got, test.want)
		}
	}
	b := read(t, Tasks, time.Now(), []string{"title", "contact_name"}, "a &lt; b,O&#39;Neil\n")
	if len(b.Tasks) != 1 || b.Tasks[0].Title != "a &lt; b" || b.Tasks[0].ContactName != "O'Neil" {
		t.Errorf("got %+v %+v, want the title as it is and the name decoded", b.Tasks, b.Dead)
	}
}

// The exports of address books load by their header.
func TestAddressBooks(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][]string{
		"Google": {"First Name", "Middle Name", "Last Name", "E-mail 1 - Label", "E-mail 1 - Value", "E-mail 2 - Value",
			"Organization Name", "Organization Title", "Phone 1 - Value"},
		"Google before 2024": {"Given Name", "Family Name", "E-mail 1 - Type", "E-mail 1 - Value", "Organization 1 - Name"},
		"Outlook": {"Title", "First Name", "Middle Name", "Last Name", "Company", "E-mail Address",
			"E-mail 2 Address"},
		"Outlook in German":  {"Anrede", "Vorname", "Nachname", "Firma", "E-Mail-Adresse", "Telefon geschäftlich"},
		"Outlook in French":  {"Prénom", "Nom", "Société", "Adresse de messagerie", "Téléphone"},
		"Outlook in Spanish": {"Nombre", "Apellidos", "Empresa", "Dirección de correo electrónico"},
		"Apple":              {"First name", "Last name", "Company", "Email (work)", "Phone (mobile)"},
		"LinkedIn":           {"First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"},
		"Google in German": {"Vorname", "Zweiter Vorname", "Nachname", "E-Mail 1 - Label", "E-Mail 1 - Wert",
			"E-Mail 2 - Wert", "Name der Organisation", "Telefon 1 - Wert"},
		"Google in French": {"Prénom", "Deuxième prénom", "Nom de famille", "E-mail 1 - Libellé", "E-mail 1 - Valeur",
			"Nom de l'organisation", "Téléphone 1 - Valeur"},
		"Google in Spanish": {"Nombre", "Segundo nombre", "Apellidos", "Correo electrónico 1 - Etiqueta",
			"Correo electrónico 1 - Valor", "Nombre de la organización", "Teléfono 1 - Valor"},
		"Outlook, all of it": {"Title", "First Name", "Last Name", "Suffix", "Company", "Department", "Job Title",
			"Business Phone", "E-mail Address", "E-mail Type", "E-mail Display Name", "E-mail 2 Address", "Manager's Name",
			"Assistant's Name", "Spouse", "Notes", "Web Page"},
		"Apple in German":    {"Vorname", "Nachname", "Firma", "E-Mail (Arbeit)", "E-Mail (privat)", "Telefon (mobil)"},
		"Apple in French":    {"Prénom", "Nom", "Société", "E-mail (travail)", "Téléphone (portable)"},
		"Apple in Spanish":   {"Nombre", "Apellidos", "Empresa", "Correo electrónico (trabajo)", "Teléfono (móvil)"},
		"LinkedIn in German": {"Vorname", "Nachname", "URL", "E-Mail-Adresse", "Unternehmen", "Position", "Verbunden am"},
		"LinkedIn in French": {"Prénom", "Nom de famille", "URL", "Adresse e-mail", "Entreprise", "Poste", "Connexion le"},
		"LinkedIn in Spanish": {"Nombre", "Apellidos", "URL", "Dirección de correo electrónico", "Empresa", "Cargo",
			"Conectado el"},
	} {
		layout := Layout{Layout: file.Layout{Format: file.CSV, Columns: header}}
		_, p, err := Decide(Contacts, layout, Mapping{}, nil)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, field := range []string{fieldFirstName, fieldLastName, fieldEmail, fieldCompanyName} {
			if !p.Feeds(field) {
				t.Errorf("%s: no column feeds %s", name, field)
			}
		}
		for c, column := range header {
			feeds := p.fieldsOfColumns()[c] != ""
			named := slices.ContainsFunc(p.Layout.NotImported, func(l LeftColumn) bool { return l.Name == column })
			if feeds == named {
				t.Errorf("%s: %q feeds a field: %t, is named: %t", name, column, feeds, named)
			}
		}
	}
}
