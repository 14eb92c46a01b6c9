package importer

// hubspotPresets are the exports of HubSpot.
var hubspotPresets = []preset{
	{
		name: "hubspot", product: "HubSpot", kind: Tasks, idInName: true,
		signs: [][]string{{"Task title", "Task status"}, {"Task title", "Task body"}, {"Task title", "Associated Contact"},
			{"Task title", "Associated Contact IDs"}, {"Task title", "Associated Company"}, {"Task title", "Associated Deal"},
			{"Task title", "Record ID"}, {"hs_task_subject"}, {"Aufgabentitel", "Datensatz-ID"},
			{"Titre de la tâche", "ID de fiche d'informations"}, {"Título de la tarea", "ID de registro"}},
		columns: map[string][]string{
			fieldTitle: {"Task title", "hs_task_subject"}, fieldDescription: {"Task body", "hs_task_body", "Notes"},
			fieldStatus:   {"Task status", "hs_task_status"},
			fieldPriority: {"Task priority", "hs_task_priority"}, fieldTaskType: {"Task type", "hs_task_type"},
			fieldDueDate:     {"Due date", "hs_timestamp"},
			fieldContactName: {"Associated Contact"}, fieldCompanyName: {"Associated Company"},
			fieldCreatedDate: {"hs_createdate"}, fieldExternalID: {"Record ID", "hs_object_id",
				"Datensatz-ID", "ID de fiche d'informations", "ID de registro"},
			fieldContactExternalID: {"Associated Contact IDs"}, fieldCompanyExternalID: {"Associated Company IDs"},
			fieldDealExternalID: {"Associated Deal IDs"}, fieldDealName: {"Associated Deal"},
			fieldAssigneeExternalID: {"hubspot_owner_id"}, fieldAssigneeName: {"Assigned to", "Activity assigned to"},
		},
	},
	{
		name: "hubspot", product: "HubSpot", kind: Contacts, idInName: true,
		signs: [][]string{{"Record ID", "First Name", "Associated Company"}, {"Record ID", "First Name", "Phone Number"},
			{"Record ID", "First Name", "Lead Status"}, {"First Name", "Marketing contact status"},
			{"Record ID", "First Name", "Email"}, {"hs_object_id", "firstname"},
			{"Datensatz-ID", "Vorname", "Zugehöriges Unternehmen"},
			{"ID de fiche d'informations", "Prénom", "Entreprise associée"},
			{"ID de registro", "Apellidos", "Empresa asociada"}},
		absent: []string{"Account Name", "Account Name.id", "Contact Owner.id"},
		columns: map[string][]string{
			fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email"},
			fieldCompanyName: {"Company Name", "company", "Associated Company"}, fieldExternalID: {"Record ID", "hs_object_id"},
			fieldCompanyExternalID: {"Primary Associated Company ID", "Associated Company IDs", "associatedcompanyid"},
		},
		never: []string{"Contact owner", "hubspot_owner_id"},
	},
	{
		name: "hubspot", product: "HubSpot", kind: Companies,
		signs: [][]string{{"Record ID", "Company name"}, {"hs_object_id", "domain", "name"}},
		columns: map[string][]string{
			fieldName: {"Company name"}, fieldDomain: {"Company Domain Name", "Website URL"}, fieldExternalID: {"Record ID",
				"hs_object_id"},
		},
		never: []string{"Company owner", "Parent Company", "Associated Contact"},
	},
	{
		name: "hubspot", product: "HubSpot", kind: Deals, idInName: true,
		signs: [][]string{{"Deal Name", "Deal Stage"}, {"Record ID", "Deal Name", "Pipeline"},
			{"Record ID", "Deal Name", "Associated Company"}, {"Record ID", "Deal Name", "Associated Contact"},
			{"Record ID", "Deal Name", "Associated Company IDs"}, {"Record ID", "Deal Name", "Associated Contact IDs"},
			{"hs_object_id", "dealname"}},
		columns: map[string][]string{
			fieldTitle: {"Deal Name", "dealname"}, fieldExternalID: {"Record ID", "hs_object_id"},
			fieldCompanyName:       {"Associated Company", "Company Name"},
			fieldCompanyExternalID: {"Primary Associated Company ID", "Associated Company IDs"},
			fieldContactExternalID: {"Associated Contact IDs", "Associated Contact", "Associated Contacts"},
		},
		never: []string{"Deal owner", "hubspot_owner_id"},
	},
	{
		name: "hubspot", product: "HubSpot", kind: Users, idInName: true,
		signs: [][]string{{"User ID", "First Name", "Email"}, {"Owner ID", "First Name", "Email"}, {"hubspot_owner_id",
			"email"}},
		absent: []string{"Profile", "Zuid"},
		columns: map[string][]string{
			fieldName: {"Name", "Full Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"},
			fieldEmail: {"Email"}, fieldExternalID: {"Owner ID", "hubspot_owner_id", "User ID"},
			fieldActive: {"Status", "Active"}, fieldDisabled: {"Archived", "Deactivated"},
		},
	},
}
