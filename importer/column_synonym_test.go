package importer

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"taskport/importer/file"
)

// fedBy returns the columns of each field that is fed.
func fedBy(p *RowReader) map[string]string {
	fed := map[string]string{}
	for field, columns := range p.sources() {
		var names []string
		for _, c := range columns {
			names = append(names, p.Layout.Columns[c])
		}
		fed[field] = strings.Join(names, "+")
	}
	return fed
}

// Headers in four languages, as systems of these countries write them.
func TestHeadersInFourLanguages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kind   Kind
		header string
		want   string // field=column, in the order of the fields
	}{
		"tasks, English": {Tasks, "Subject|Notes|Task Status|Priority|Type|Due Date|Contact|Account Name|Created On|" +
			"External ID|Owner",
			"title=Subject|description=Notes|status=Task Status|priority=Priority|task_type=Type|due_date=Due Date|" +
				"contact_name=Contact|company_name=Account Name|created_date=Created On|external_id=External ID|" +
				"assignee_name=Owner"},
		"tasks, German": {Tasks, "Betreff|Beschreibung|Status|Priorität|Art|Fällig am|Ansprechpartner|Firma|Erstellt am|" +
			"Externe ID|Zuständig",
			"title=Betreff|description=Beschreibung|status=Status|priority=Priorität|task_type=Art|due_date=Fällig am|" +
				"contact_name=Ansprechpartner|company_name=Firma|created_date=Erstellt am|external_id=Externe ID|" +
				"assignee_name=Zuständig"},
		"tasks, German without umlauts": {Tasks, "AUFGABE|Prioritaet|Faelligkeitsdatum|Kontakt|Unternehmen|Verantwortlicher",
			"title=AUFGABE|priority=Prioritaet|due_date=Faelligkeitsdatum|contact_name=Kontakt|company_name=Unternehmen"},
		"tasks, French": {Tasks, "Titre|Commentaires|Statut|Priorité|Type de tâche|Échéance|Nom du contact|Société|" +
			"Créé le|Identifiant externe|Assigné à",
			"title=Titre|description=Commentaires|status=Statut|priority=Priorité|task_type=Type de tâche|due_date=Échéance|" +
				"contact_name=Nom du contact|company_name=Société|created_date=Créé le|external_id=Identifiant externe|" +
				"assignee_name=Assigné à"},
		"tasks, French without accents": {Tasks, "TACHE|PRIORITE|DATE D'ECHEANCE|ENTREPRISE",
			"title=TACHE|priority=PRIORITE|due_date=DATE D'ECHEANCE|company_name=ENTREPRISE"},
		"tasks, Spanish": {Tasks, "Asunto|Descripción|Estado|Prioridad|Tipo de tarea|Fecha de vencimiento|" +
			"Persona de contacto|Empresa|Fecha de creación|ID externo|Asignado a",
			"title=Asunto|description=Descripción|status=Estado|priority=Prioridad|task_type=Tipo de tarea|" +
				"due_date=Fecha de vencimiento|contact_name=Persona de contacto|company_name=Empresa|" +
				"created_date=Fecha de creación|external_id=ID externo|assignee_name=Asignado a"},
		"contacts, English": {Contacts, "Name|Email Address|Company",
			"full_name=Name|email=Email Address|company_name=Company"},
		"contacts, German": {Contacts, "Vorname|Nachname|E-Mail-Adresse|Firma|Kontoinhaber",
			"first_name=Vorname|last_name=Nachname|email=E-Mail-Adresse|company_name=Firma"},
		"contacts, French": {Contacts, "Prénom|Nom|Courriel|Entreprise",
			"first_name=Prénom|last_name=Nom|email=Courriel|company_name=Entreprise"},
		"contacts, Spanish": {Contacts, "Nombre|Apellidos|Correo electrónico|Empresa",
			"first_name=Nombre|last_name=Apellidos|email=Correo electrónico|company_name=Empresa"},
		"companies, German": {Companies, "Firmenname|Domäne|Externe ID",
			"name=Firmenname|domain=Domäne|external_id=Externe ID"},
		"companies, French":  {Companies, "Raison sociale|Nom de domaine", "name=Raison sociale|domain=Nom de domaine"},
		"companies, Spanish": {Companies, "Razón social|Dominio", "name=Razón social|domain=Dominio"},
		"deals, English":     {Deals, "Deal Name|Deal Owner", "title=Deal Name"},
		"deals, German":      {Deals, "Verkaufschance|Besitzer", "title=Verkaufschance"},
		"deals, French":      {Deals, "Nom de la transaction|Propriétaire", "title=Nom de la transaction"},
		"deals, Spanish":     {Deals, "Oportunidad|Propietario", "title=Oportunidad"},
		"events, German":     {Events, "Veranstaltung", "title=Veranstaltung"},
		"events, French":     {Events, "Événement", "title=Événement"},
		"events, Spanish":    {Events, "Nombre del evento", "title=Nombre del evento"},
	} {
		columns := strings.Split(c.header, "|")
		_, p, err := Decide(c.kind, csvLayout(columns...), Mapping{}, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := map[string]string{}
		for _, pair := range strings.Split(c.want, "|") {
			field, column, _ := strings.Cut(pair, "=")
			want[field] = column
		}
		if got := fedBy(p); !maps.Equal(got, want) {
			t.Errorf("%s:\n%v, want\n%v", name, got, want)
		}
	}
}

// No name is that of two fields of a kind, and none is barred: a table that contradicts itself
// would decide by chance.
func TestColumnNamesAreUnambiguous(t *testing.T) {
	t.Parallel()
	for kind, of := range columnNames {
		by := map[string]string{}
		for field, names := range of {
			if !slices.Contains(fields[kind], field) {
				t.Errorf("%s have no %s", kind, field)
			}
			for _, name := range names {
				key := headerKey(name)
				if by[key] != "" && by[key] != field {
					t.Errorf("%s: %s is a name of %s and %s", kind, name, by[key], field)
				}
				by[key] = field
				if isBarred(key) && !mayBeBarred(kind, field) || len(name) > longestSynonym {
					t.Errorf("%s: %s is barred", kind, name)
				}
				if own := columnKey(name); own != field && slices.Contains(fields[kind], own) {
					t.Errorf("%s: %s is the name of another field than %s", kind, name, field)
				}
			}
		}
	}
}

// Columns of persons who own, made or changed a task, and those that may be either a contact or a
// company, feed no contact and no company, and ids of other systems only the fields for them. The
// owner is the assignee at most, and what may be a record of any kind is related.
func TestOtherPersonsAreNotTheContact(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "Owner", "Contact Owner", "OwnerName", "Assigned to", "Assignee", "Assignee Email",
		"Activity assigned to", "Task Owner", "Created By", "Modified By", "Reports To", "Assistant",
		"Parent Account", "AUTHOR", "RESPONSIBLE", "Members", "Related To", "Regarding", "Contact ID", "WhoId",
		"Company ID", "Kontakt-ID", "Contact Phone", "Company Phone", "Record ID", "ID",
		"Besitzer", "Kontaktinhaber", "Eigentümer", "Zuständig", "Zuständiger Kontakt", "Bearbeiter", "Verantwortlicher",
		"Zugewiesen an", "Ersteller", "Erstellt von", "Geändert von", "Vorgesetzter",
		"Propriétaire", "Propriétaire du contact", "Assigné à", "Responsable", "Auteur", "Créé par", "Modifié par",
		"Propietario", "Propietario del contacto", "Asignado a", "Creador", "Creado por", "Modificado por",
		"Contract", "Contract Name", "Kontrakt", "Contrat", "Contenu", "Content", "First Name", "Owner Last Name",
		"Contacts Count", "Company Size", "Customer", "Kunde", "Client", "Person"}
	_, p, err := Decide(Tasks, csvLayout(columns...), Mapping{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fedBy(p); !maps.Equal(got, map[string]string{"title": "title", "contact_id": "Contact ID",
		"company_id": "Company ID", "assignee_email": "Assignee Email", "contact_external_id": "Kontakt-ID"}) {
		t.Errorf("fed: %v", got)
	}
	for _, column := range columns[1:] { // each alone, without a rival
		_, p, err := Decide(Tasks, csvLayout("title", column), Mapping{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for field, by := range fedBy(p) {
			f := specOf(Tasks, field)
			if known := field == "title" || f.refers.kind == Users && !strings.Contains(by, "Contact") ||
				field == "contact_id" && by == "Contact ID" || field == "company_id" && by == "Company ID" ||
				field == "contact_external_id" && by == "Kontakt-ID" ||
				field == "related_name" && (by == "Related To" || by == "Regarding"); !known {
				t.Errorf("%s feeds %s", by, field)
			}
		}
	}
}

// Columns of ids feed the fields for the ids of a product, in four languages; those that may be of
// anything else feed nothing.
func TestColumnsOfIDs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind  Kind
		named string // columns, each behind the field that it feeds; none for an empty field
	}{
		{Tasks, "contact_external_id=Kontakt-ID|contact_external_id=contactId|contact_external_id=ContactIDs|" +
			"contact_external_id=Zugehörige Kontakt-IDs|contact_external_id=ID de contacts associés|" +
			"contact_external_id=ID de contactos asociados|contact_external_id=Person - ID|contact_external_id=CONTACTID|" +
			"company_external_id=Account ID|company_external_id=accountid|company_external_id=Account Name.id|" +
			"company_external_id=ID d'entreprises associées|company_external_id=Organisation - ID|" +
			"company_external_id=Firmen-ID|deal_external_id=Opportunity ID|deal_external_id=Deal - ID|" +
			"deal_external_id=ID de negocios asociados|event_external_id=Meeting ID|related_external_id=Related To.id|" +
			"assignee_external_id=Task Owner.id|assignee_external_id=Besitzer-ID|contact_email=Person - E-Mail|" +
			"contact_name=Persona - Nombre|deal_name=Deal - Titel|title=Aktivität - Betreff|=ID|=Record ID|=Task ID|" +
			"=Activity - ID|=User ID|=Tax ID|=Parent ID|=Parent Account ID|=Contact Owner ID|=Created By ID|=Contacts|=Valid|" +
			"=Paid|=Contact ID Number Of Account ID|=Deal - Stage|=ID - Name"},
		{Contacts, "external_id=ID|external_id=Id|external_id=Record ID|external_id=Contact ID|external_id=Datensatz-ID|" +
			"external_id=ID de fiche d'informations|external_id=ID de registro|external_id=contactid|" +
			"external_id=(Nicht ändern) Kontakt|company_external_id=Account ID|" +
			"company_external_id=Zugehörige Unternehmens-IDs|email=Person - E-Mail|" +
			"company_name=Person - Organisation|=Owner ID|=Lead ID|=Deal ID|" +
			"=Reports To ID|=Contact Owner ID"},
		{Companies, "external_id=ID|external_id=Account ID|external_id=(Ne pas modifier) Compte|domain=Website|=Parent ID|" +
			"=Primary Contact ID"},
		{Deals, "external_id=ID|external_id=Opportunity ID|company_external_id=Account ID|" +
			"company_external_id=Account Name.id|contact_external_id=Contact Name.id|contact_external_id=Primary Contact ID|" +
			"company_name=Account Name|=Owner ID"},
		{Users, "external_id=ID|external_id=Owner ID|external_id=Benutzer-ID|external_id=(No modificar) Usuario|=Role ID|" +
			"=Account ID|=Manager ID"},
	} {
		for _, pair := range strings.Split(c.named, "|") {
			want, column, _ := strings.Cut(pair, "=")
			if got := synonymOf(c.kind, column); got != want {
				t.Errorf("%s: %s feeds %q, want %q", c.kind, column, got, want)
			}
		}
	}
}

// Contact ID is the id of a record here only if it holds such ids. One of several columns that the
// table of names lists comes before those that are made up like it.
func TestIDsOfAProductByTheirForm(t *testing.T) {
	t.Parallel()
	for rows, want := range map[string]string{
		"Contact ID,title\n553,Call\n554,Mail\n":                                  "contact_external_id",
		"Contact ID,title\n,Call\n,Mail\n":                                        "contact_id",
		"Contact ID,title\n553,Call\n0b8fbb04-24c4-4fd4-9c6c-1f3d3e1a2b3c,Mail\n": "contact_id",
		"contact_id,title\n553,Call\n554,Mail\n":                                  "contact_id",
	} {
		l := decided(t, file.Options{Format: file.CSV, HasHeader: true}, Mapping{}, rows)
		if got := l.Sources[want]; !slices.Equal(got, []int{0}) {
			t.Errorf("%s feeds %v, want %s", rows, l.Sources, want)
		}
	}
	_, p, err := Decide(Contacts, csvLayout("Name", "ID", "Externe ID"), Mapping{}, nil)
	if err != nil || fedBy(p)[fieldExternalID] != "Externe ID" {
		t.Errorf("%v, %v, want Externe ID to feed external_id", fedBy(p), err)
	}
}

func TestNearlyNamedColumns(t *testing.T) {
	t.Parallel()
	for column, field := range map[string]string{
		"Discription": fieldDescription, "Descripton": fieldDescription, "Beschreibnug": fieldDescription,
		"Beschriebung": fieldDescription, "Priorty": fieldPriority, "Prioriät": fieldPriority,
		"Contakt Name": fieldContactName, "Ansprechparnter": fieldContactName, "Compnay Name": fieldCompanyName,
		"Unternehmn": fieldCompanyName, "Fälligkietsdatum": fieldDueDate, "Fecha de vencimento": fieldDueDate,
		"Staus": fieldStatus, "Date": "", "Data": "", "Start Date": "", "End Date": "", "Use Date": "",
		"Contract Name": "", "Contact Phone": "", "Contact Snapshot List": "", "Company Type": "", "Task Time": "",
		"Activity Time": "",
		"Project":       "", "Campaign": "", "Content": "", "Privacy": "", "Created By": "", "External-ID 2": "",
		"Externl ID": "", "Region": "", "Projektstatus": "", "x": "", "": "", "日本語": "", "Опиcание": "",
	} {
		_, p, err := Decide(Tasks, csvLayout("title", column), Mapping{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for f := range fedBy(p) {
			if f != fieldTitle {
				got = f
			}
		}
		said := strings.Contains(noted(p.Layout.Notes), "is nearly a name of")
		if got != field || said != (field != "") {
			t.Errorf("%q feeds %q, want %q; notes %q", column, got, field, p.Layout.Notes)
		}
	}
}

func TestCompositionOfTheContact(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"First Name|Last Name":       "First Name+Last Name",
		"Last Name|First Name|Owner": "First Name+Last Name",
		"Vorname|Nachname":           "Vorname+Nachname",
		"Prénom|Nom":                 "Prénom+Nom",
		"Nombre|Apellidos":           "Nombre+Apellidos",
		"Contact First Name|Contact Last Name|Owner First Name":       "Contact First Name+Contact Last Name",
		"Vorname des Kontakts|Nachname des Kontakts|Vorname|Nachname": "Vorname des Kontakts+Nachname des Kontakts",
		"Prénom du contact|Nom du contact":                            "Prénom du contact+Nom du contact",
		"Nombre del contacto|Apellidos del contacto":                  "Nombre del contacto+Apellidos del contacto",
		"Ansprechpartner Vorname|Ansprechpartner Nachname": "Ansprechpartner Vorname+" +
			"Ansprechpartner Nachname",
		"contact_name|First Name|Last Name":                                  "contact_name",
		"Contact|First Name|Last Name":                                       "Contact",
		"Owner First Name|Owner Last Name":                                   "",
		"First Name|Last Name|Owner First Name|Owner Last Name":              "",
		"First Name|Last Name|First Name":                                    "",
		"First Name":                                                         "",
		"First Name|Contact Last Name":                                       "",
		"Contact First Name|Contact First Name|Contact Last Name":            "",
		"Assignee Vorname|Assignee Nachname":                                 "",
		"Contact Owner First Name|Contact Owner Last Name|First Name":        "",
		"First Name|Last Name|Manager Given Name":                            "",
		"Contact First Name|Contact Last Name|Contact Name|Contact Nickname": "Contact Name",
	} {
		_, p, err := Decide(Tasks, csvLayout(append([]string{"title"}, strings.Split(header, "|")...)...), Mapping{}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := fedBy(p)[fieldContactName]
		said := strings.Contains(noted(p.Layout.Notes), "together feed contact_name")
		if got != want || said != strings.Contains(want, "+") {
			t.Errorf("%s: contact_name is fed by %q, want %q; notes %q", header, got, want, p.Layout.Notes)
		}
	}
}

func TestTwoThatCouldFeedOneField(t *testing.T) {
	t.Parallel()
	_, p, err := Decide(Tasks, csvLayout("title", "Contact", "Kontakt", "Due", "due_date", "Notes", "Notes"), Mapping{},
		nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := fedBy(p); !maps.Equal(got, map[string]string{"title": "title", "due_date": "due_date"}) {
		t.Errorf("fed: %v", got)
	}
	if notes := noted(p.Layout.Notes); !strings.Contains(notes, `"Contact", "Kontakt" could all feed contact_name`) ||
		!strings.Contains(notes, `"Notes", "Notes" could all feed description`) {
		t.Errorf("notes %s", notes)
	}
	_, p, err = Decide(Tasks, csvLayout("title", "Contact", "Kontakt"),
		Mapping{ByColumn: map[string]string{"Kontakt": fieldContactName}}, nil)
	if err != nil || fedBy(p)[fieldContactName] != "Kontakt" {
		t.Errorf("%v, %v", fedBy(p), err)
	}
}

// No header makes the matching panic, and no column feeds two fields.
func FuzzHeader(f *testing.F) {
	f.Add("Betreff|Contact First Name|Contact Last Name|Discription")
	f.Add("\xff|\u00df\u0130|a\u0301|’|   |_row")
	f.Fuzz(func(t *testing.T, header string) {
		columns := append([]string{"title"}, strings.Split(header, "|")...)
		for kind := range fields {
			_, p, err := Decide(kind, csvLayout(columns...), Mapping{}, nil)
			if err != nil {
				continue
			}
			by := map[int]string{}
			for field, at := range p.sources() {
				for _, c := range at {
					if by[c] != "" {
						t.Errorf("column %q feeds %s and %s", columns[c], by[c], field)
					}
					by[c] = field
				}
			}
		}
	})
}

// A column of names says whose they are, in four languages and in compounds; the names of users,
// and those of two kinds at once, say nothing.
func TestColumnsOfNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind         Kind
		column, want string
	}{
		{Deals, "Nom de l'opportunité", fieldTitle}, {Deals, "Abschlussname", fieldTitle},
		{Deals, "Nombre de oportunidad", fieldTitle}, {Deals, "Kontoname", fieldCompanyName},
		{Companies, "Nombre de cuenta", fieldName}, {Companies, "Accountname", fieldName},
		{Contacts, "Firmennamen", ""}, {Contacts, "Kontoname", fieldCompanyName},
		{Tasks, "Verkaufschancenname", fieldDealName}, {Tasks, "Nom de la personne", fieldContactName},
		{Tasks, "Compte", fieldCompanyName}, {Tasks, "Name of related company", fieldCompanyName},
		{Tasks, "Username", ""}, {Users, "User Name", ""}, {Tasks, "Contact Owner Name", ""},
		{Tasks, "Company Contact Name", ""}, {Contacts, "Nom du parent", ""}, {Companies, "Contact Name", ""},
		{Tasks, "Assignée à l'utilisateur", fieldAssigneeName}, {Tasks, "Asignada a usuario", fieldAssigneeName},
	} {
		if got := synonymOf(c.kind, c.column); got != c.want {
			t.Errorf("%s, %s: got %q, want %q", c.kind, c.column, got, c.want)
		}
	}
}
