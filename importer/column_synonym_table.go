package importer

// companyNames are the columns with the company of a person or a task.
var companyNames = []string{
	"Company", "Company Name", "Account", "Account Name", "Organization", "Organisation", "Organization Name",
	"Organisation Name", "Related Company", "Associated Company", "Organization 1 - Name", "Employer",
	"Firma", "Firmenname", "Unternehmen", "Unternehmensname", "Organisation 1 – Name", "Arbeitgeber",
	"Zugehöriges Unternehmen", "Zugeordnetes Unternehmen", "Name des Unternehmens", "Konto",
	"Name der Organisation", "Nom de l'organisation", "Nombre de la organización",
	"Société", "Nom de la société", "Entreprise", "Nom de l'entreprise", "Nom du compte", "Entreprise associée",
	"Société associée", "Empresa asociada", "Compte", "Cuenta",
	"Empresa", "Nombre de la empresa", "Compañía", "Nombre de la compañía", "Organización", "Nombre de la cuenta",
}

// externalIDs are the columns with an id of another system. A plain "ID" is not among them: ids of
// two systems may be equal, and a row would count as a repetition.
var externalIDs = []string{
	"External Key", "External Reference", "External Ref",
	"Externe ID", "Externe Kennung", "Externer Schlüssel", "Externe Referenz", "Fremd-ID",
	"ID externe", "Identifiant externe", "Clé externe", "Référence externe",
	"ID externo", "ID externa", "Identificador externo", "Clave externa", "Referencia externa",
}

// kindWords are the words for one and for several records of a kind, in names of columns and in
// values such as Opportunity; wordsOfIDs those for their ids, also as Dynamics marks them: (Do Not
// Modify) Contact; wordsOfLinks what may stand beside them.
var kindWords = map[Kind]string{
	Tasks: "activity activities task tasks Aktivität Aktivitäten Aufgabe Aufgaben activité activités tâche tâches " +
		"actividad actividades tarea tareas",
	Contacts: "contact contacts person persons people Kontakt Kontakte Kontakts Personen personne personnes contacto " +
		"contactos persona personas Ansprechpartner",
	Companies: "company companies account accounts organization organizations organisation organisations Firma Firmen " +
		"Unternehmen Unternehmens Organisationen Konto Konten entreprise entreprises société sociétés compte comptes " +
		"empresa empresas cuenta cuentas organización organizaciones",
	Deals: "deal deals opportunity opportunities potential potentials Verkaufschance Verkaufschancen Abschluss " +
		"Abschlüsse transaction " +
		"transactions affaire affaires opportunité opportunités negocio negocios oportunidad oportunidades trato tratos",
	Events: "event events meeting meetings Termin Termine Veranstaltung Veranstaltungen événement événements évènement " +
		"réunion réunions evento eventos reunión reuniones",
	Users: "user users owner Benutzer Nutzer Mitarbeiter utilisateur utilisateurs usuario usuarios",
}

const (
	wordsOfIDs = "id ids guid Kennung Kennungen identifiant identifiants identificador identificadores modify ändern " +
		"modifier modificar"
	wordsOfLinks = "do not nicht ne pas no record name names primary associated related linked external of the " +
		"Datensatz primäre primärer primäres zugehörige zugehöriger zugehöriges zugeordnete zugeordneter zugeordnetes " +
		"verknüpfte verknüpfter verknüpftes externe externer externes der des de du d la le les l enregistrement fiche " +
		"informations principal principale associé associée associés associées externes registro del asociado asociada " +
		"asociados asociadas externo externa principales"
)

// columnNames are the names of columns in English, German, French and Spanish, by kind and field.
// The names of the fields themselves need no entry.
var columnNames = map[Kind]map[string][]string{
	Tasks: {
		fieldTitle: {
			"Subject", "Task", "Task Title", "Task Name", "Task Subject", "Activity Subject",
			"Titel", "Betreff", "Aufgabe", "Aufgabentitel", "Aufgabenname", "Titel der Aufgabe", "Name der Aufgabe",
			"Titre", "Sujet", "Objet", "Intitulé", "Tâche", "Titre de la tâche", "Nom de la tâche", "Objet de la tâche",
			"Título", "Asunto", "Tarea", "Título de la tarea", "Nombre de la tarea", "Asunto de la tarea",
		},
		fieldDescription: {
			"Notes", "Note", "Details", "Comments", "Comment", "Task Description", "Task Body", "Task Notes",
			"Beschreibung", "Notiz", "Notizen", "Bemerkung", "Bemerkungen", "Kommentar", "Kommentare", "Anmerkung",
			"Anmerkungen", "Aufgabenbeschreibung",
			"Description de la tâche", "Commentaire", "Commentaires", "Remarque", "Remarques", "Détails",
			"Descripción", "Descripción de la tarea", "Nota", "Notas", "Comentario", "Comentarios", "Observaciones", "Detalles",
		},
		fieldStatus: {
			"Task Status", "Activity Status",
			"Aufgabenstatus", "Status der Aufgabe", "Bearbeitungsstatus",
			"Statut", "État", "Statut de la tâche", "État de la tâche",
			"Estado", "Estado de la tarea", "Estatus",
		},
		fieldPriority: {
			"Task Priority", "Prio",
			"Priorität", "Aufgabenpriorität",
			"Priorité", "Priorité de la tâche",
			"Prioridad", "Prioridad de la tarea",
		},
		fieldTaskType: {
			"Type", "Type of Task", "Activity Type",
			"Typ", "Art", "Aufgabentyp", "Aufgabenart", "Art der Aufgabe", "Aktivitätstyp",
			"Type de tâche", "Type d'activité",
			"Tipo", "Tipo de tarea", "Tipo de actividad",
		},
		fieldDueDate: {
			"Due", "Due On", "Due At", "Date Due", "Due Date/Time", "Task Due Date", "Deadline",
			"Fällig", "Fällig am", "Fällig bis", "Fälligkeit", "Fälligkeitsdatum", "Frist",
			"Échéance", "Date d'échéance", "Date limite", "À faire avant le",
			"Vencimiento", "Fecha de vencimiento", "Fecha límite", "Vence", "Vence el",
		},
		fieldContactName: {
			"Contact", "Contact Person", "Contact Full Name", "Related Contact", "Associated Contact", "Name of Contact",
			"Kontakt", "Kontaktname", "Kontaktperson", "Name des Kontakts", "Ansprechpartner", "Ansprechpartnerin",
			"Ansprechperson", "Zugehöriger Kontakt",
			"Nom du contact", "Personne de contact", "Contact associé", "Interlocuteur",
			"Contacto", "Nombre del contacto", "Nombre de contacto", "Persona de contacto", "Contacto asociado",
		},
		fieldCompanyName: companyNames,
		fieldDealName: {
			"Deal", "Deal Title", "Opportunity", "Opportunity Name", "Associated Deal", "Associated Opportunity", "Related Deal",
			"Verkaufschance", "Dealname", "Deal-Titel", "Zugehöriger Deal", "Zugeordneter Deal",
			"Affaire", "Opportunité", "Transaction associée", "Affaire associée", "Nom de la transaction",
			"Oportunidad", "Negocio", "Negocio asociado", "Nombre del negocio", "Trato",
		},
		fieldEventName: {"Event", "Associated Event", "Termin", "Veranstaltung", "Événement", "Evento"},
		fieldRelatedName: {
			"Related To", "Regarding", "Related Record",
			"Bezieht sich auf", "Bezogen auf", "Bezug", "Bezug auf", "Bezugsobjekt",
			"Associé à", "Lié à", "Concernant", "Relatif à",
			"Relacionado con", "Referente a", "Relativo a",
		},
		fieldRelatedType: {"Related To Type", "Related To Module", "Regarding Type", "Bezugstyp",
			"Type de parent", "Tipo de relación"},
		fieldContactExternalID: {
			"Contact External ID", "External Contact ID",
			"Externe Kontakt-ID", "Externe ID des Kontakts",
			"ID externe du contact", "Identifiant externe du contact",
			"ID externo del contacto", "Identificador externo del contacto",
		},
		fieldContactEmail: {
			"Contact E-mail", "Contact Email Address", "Email of Contact", "Contact Person Email",
			"Kontakt-E-Mail", "E-Mail des Kontakts", "E-Mail-Adresse des Kontakts", "E-Mail des Ansprechpartners",
			"E-mail du contact", "Adresse e-mail du contact", "Courriel du contact",
			"Correo del contacto", "Correo electrónico del contacto", "E-mail del contacto",
		},
		fieldCompanyExternalID: {
			"External Company ID", "Account External ID", "External Account ID",
			"Externe Firmen-ID", "Externe Unternehmens-ID", "Externe ID der Firma",
			"ID externe de l'entreprise", "ID externe de la société", "Identifiant externe de l'entreprise",
			"ID externo de la empresa", "Identificador externo de la empresa",
		},
		fieldCompanyDomain: {
			"Company Domain Name", "Company Website", "Account Website", "Domain of Company",
			"Firmendomain", "Unternehmensdomain", "Website der Firma", "Webseite der Firma", "Domain der Firma",
			"Domaine de l'entreprise", "Site web de l'entreprise", "Domaine de la société",
			"Dominio de la empresa", "Sitio web de la empresa",
		},
		fieldDealExternalID: {
			"External Deal ID", "Opportunity External ID", "External Opportunity ID",
			"Externe Deal-ID", "Externe ID des Deals",
			"ID externe de l'affaire", "ID externe de la transaction",
			"ID externo del negocio", "ID externo de la oportunidad",
		},
		fieldEventExternalID: {
			"External Event ID", "Externe Termin-ID", "Externe ID des Termins", "Externe ID der Veranstaltung",
			"ID externe de l'événement", "ID externo del evento",
		},
		fieldCreatedDate: {
			"Created", "Created At", "Created On", "Created Time", "Create Date", "Creation Date", "Date Created",
			"Date of Creation",
			"Erstellt", "Erstellt am", "Erstellungsdatum", "Erstelldatum", "Angelegt am", "Anlagedatum",
			"Créé le", "Créée le", "Date de création",
			"Creado", "Creado el", "Creada el", "Fecha de creación",
		},
		fieldExternalID: externalIDs,
		fieldAssigneeName: {
			"Assignee", "Assigned", "Assigned to", "Assigned User", "Activity assigned to", "Task Owner", "Owner", "Owner Name",
			"Zugewiesen an", "Zugewiesen zu", "Zugewiesen", "Zuständig", "Zuständige Person", "Besitzer", "Aufgabenbesitzer",
			"Zugewiesener Benutzer", "Zugewiesen an Nutzer", "Zugewiesen an Benutzer",
			"Assigné à", "Attribué à", "Propriétaire", "Propriétaire de la tâche", "Attribué à l'utilisateur",
			"Assigné à l'utilisateur", "Utilisateur assigné", "Assignée à", "Assignée à l'utilisateur", "Attribuée à",
			"Attribuée à l'utilisateur", "Assigné", "Attribué",
			"Asignado a", "Propietario", "Propietario de la tarea", "Asignado al usuario", "Usuario asignado",
			"Asignada a", "Asignada al usuario", "Asignado a usuario", "Asignada a usuario", "Asignado",
		},
		fieldAssigneeEmail: {"Assignee E-mail", "Assignee Email Address", "Assigned to Email", "Owner Email",
			"E-Mail des Besitzers", "E-mail du propriétaire", "Correo del propietario"},
		fieldAssigneeExternalID: {"Owner ID", "Assigned User ID", "Assigned to ID", "Assignee Ext ID"},
	},
	Contacts: {
		fieldFullName: {
			"Name", "Contact", "Contact Name", "Contact Full Name",
			"Vollständiger Name", "Kontakt", "Kontaktname",
			"Nom complet", "Nom et prénom", "Prénom et nom", "Nom du contact",
			"Nombre completo", "Nombre y apellidos", "Contacto", "Nombre del contacto",
		},
		fieldFirstName: {"Given Name", "Forename", "Contact First Name", "Vorname", "Prénom", "Nombre", "Nombre de pila"},
		fieldLastName: {"Surname", "Family Name", "Contact Last Name", "Nachname", "Familienname", "Nom",
			"Nom de famille", "Apellido", "Apellidos"},
		fieldEmail: {
			"E-mail", "Email Address", "E-mail Address", "Mail", "Contact Email",
			"E-mail 1 - Value", "E-mail 1 Address", "Email 1", "Primary Email", "Email (work)", "Email1",
			"E-Mail 1 – Wert", "E-Mail-Adresse 1", "Adresse de messagerie", "E-mail 1 – Valeur",
			"Dirección de correo 1", "Correo electrónico 1 – Valor", "E-Mail (Arbeit)", "E-Mail (geschäftlich)",
			"E-mail (travail)", "Correo electrónico (trabajo)",
			"E-Mail-Adresse", "Mailadresse",
			"Courriel", "Adresse e-mail", "Adresse mail", "Adresse électronique",
			"Correo", "Correo electrónico", "Dirección de correo", "Dirección de correo electrónico",
		},
		fieldCompanyName: companyNames,
		fieldCompanyExternalID: {
			"External Company ID", "Account External ID", "External Account ID",
			"Externe Firmen-ID", "Externe Unternehmens-ID",
			"ID externe de l'entreprise", "ID externe de la société",
			"ID externo de la empresa",
		},
		fieldExternalID: externalIDs,
	},
	Companies: {
		fieldName: append([]string{"Nom", "Nombre", "Raison sociale", "Razón social"}, companyNames...),
		fieldDomain: {"Domain Name", "Company Domain", "Company Domain Name", "Domäne", "Domaine", "Nom de domaine",
			"Dominio", "Nombre de dominio", "Website", "Web Site", "Website URL", "Homepage", "Webseite", "Internetseite",
			"Site web", "Sitio web", "Página web", "Domainname", "Nom de domaine de l'entreprise",
			"Nombre de dominio de la empresa", "Domainname des Unternehmens"},
		fieldExternalID: externalIDs,
	},
	Users: {
		fieldName: {
			"Full Name", "User", "User Full Name", "Display Name",
			"Vollständiger Name", "Benutzer", "Anzeigename",
			"Nom complet", "Utilisateur", "Nombre completo", "Usuario",
		},
		fieldFirstName: {"Given Name", "Forename", "Vorname", "Prénom", "Nombre"},
		fieldLastName:  {"Surname", "Family Name", "Nachname", "Familienname", "Nom", "Apellido", "Apellidos"},
		fieldEmail: {
			"E-mail", "Email Address", "E-mail Address", "Mail", "User Email", "Primary Email", "Work Email",
			"E-Mail-Adresse", "Courriel", "Adresse e-mail", "Correo", "Correo electrónico",
		},
		// Unlike other records, users have one id only, that of the product which they come from.
		fieldExternalID: append([]string{"ID", "User ID", "Record ID", "Benutzer-ID", "ID utilisateur",
			"ID de usuario"}, externalIDs...),
		fieldActive: {"Is Active", "Enabled", "Is Enabled", "Status", "User Status", "Active Status", "Aktiv", "Actif",
			"Activo"},
		fieldDisabled: {"Is Disabled", "Inactive", "Is Inactive", "Deactivated", "Suspended", "Archived", "Inaktiv",
			"Deaktiviert", "Inactif", "Désactivé", "Inactivo"},
	},
	Deals: {
		fieldTitle: {
			"Name", "Deal", "Deal Name", "Deal Title", "Opportunity", "Opportunity Name",
			"Titel", "Dealname", "Verkaufschance",
			"Titre", "Nom", "Affaire", "Nom de l'affaire", "Transaction", "Nom de la transaction", "Opportunité",
			"Título", "Nombre", "Negocio", "Nombre del negocio", "Oportunidad",
			"Topic", "Thema", "Tema", "Rubrique",
		},
		fieldCompanyName: companyNames,
		fieldExternalID:  externalIDs,
	},
	Events: {
		fieldTitle: {
			"Name", "Event", "Event Name", "Event Title", "Subject",
			"Titel", "Betreff", "Veranstaltung", "Name der Veranstaltung", "Ereignis", "Termin",
			"Titre", "Nom", "Sujet", "Objet", "Événement", "Nom de l'événement",
			"Título", "Nombre", "Asunto", "Evento", "Nombre del evento",
		},
		fieldCompanyName: companyNames,
		fieldExternalID:  externalIDs,
	},
}
