package importer

// pipedrivePresets are the exports of Pipedrive.
var pipedrivePresets = []preset{
	{
		name: "pipedrive", product: "Pipedrive", kind: Tasks, serialDates: true,
		signs: [][]string{{"Activity - Subject"}},
		columns: map[string][]string{
			fieldTitle: {"Activity - Subject"}, fieldDescription: {"Activity - Note"}, fieldStatus: {"Activity - Done"},
			fieldPriority: {"Activity - Priority"},
			fieldTaskType: {"Activity - Type"}, fieldDueDate: {"Activity - Due date"}, fieldContactName: {"Person - Name",
				"Activity - Contact person", "Activity - Person"},
			fieldCompanyName: {"Organization - Name", "Activity - Organization"}, fieldCreatedDate: {"Activity - Add time"},
			fieldExternalID:        {"Activity - ID"},
			fieldContactExternalID: {"Person - ID"}, fieldContactEmail: {"Person - Email", "Person - Email - Work"},
			fieldCompanyExternalID: {"Organization - ID"}, fieldDealExternalID: {"Deal - ID"},
			fieldDealName:           {"Deal - Title", "Activity - Deal"},
			fieldAssigneeExternalID: {"Activity - Assigned to user ID", "User - ID"},
			fieldAssigneeEmail:      {"User - Email"},
			fieldAssigneeName:       {"Activity - Assigned to user", "User - Name"},
		},
	},
	{
		name: "pipedrive", product: "Pipedrive", kind: Contacts,
		signs: [][]string{{"Person - Name"}, {"Person - First name", "Person - Last name"}},
		columns: map[string][]string{
			fieldFullName: {"Person - Name"}, fieldFirstName: {"Person - First name"}, fieldLastName: {"Person - Last name"},
			fieldEmail:       {"Person - Email", "Person - Email - Work", "Person - Email - Home", "Person - Email - Other"},
			fieldCompanyName: {"Person - Organization", "Organization - Name"}, fieldExternalID: {"Person - ID"},
			fieldCompanyExternalID: {"Person - Organization ID", "Organization - ID"},
		},
		never: []string{"Person - Owner"},
	},
	{
		name: "pipedrive", product: "Pipedrive", kind: Companies,
		signs: [][]string{{"Organization - Name"}},
		columns: map[string][]string{
			fieldName: {"Organization - Name"}, fieldDomain: {"Organization - Website"}, fieldExternalID: {"Organization - ID"},
		},
		never: []string{"Organization - Owner", "Person - Name"},
	},
	{
		name: "pipedrive", product: "Pipedrive", kind: Deals,
		signs: [][]string{{"Deal - Title"}},
		columns: map[string][]string{
			fieldTitle: {"Deal - Title"}, fieldExternalID: {"Deal - ID"},
			fieldCompanyName:       {"Deal - Organization", "Organization - Name"},
			fieldCompanyExternalID: {"Deal - Organization ID", "Organization - ID"},
			fieldContactExternalID: {"Deal - Contact person ID", "Person - ID"},
		},
		never: []string{"Deal - Owner", "Deal - Creator", "Deal - Contact person"},
	},
	{
		name: "pipedrive", product: "Pipedrive", kind: Users,
		signs: [][]string{{"User - Name", "User - Email"}, {"User - Email", "User - ID"}, {"Name", "Email",
			"Permission set"}},
		columns: map[string][]string{
			fieldName: {"User - Name", "Name"}, fieldEmail: {"User - Email", "Email"},
			fieldExternalID: {"User - ID", "User ID", "ID"}, fieldActive: {"User - Active", "Active", "Status"},
		},
	},
}
