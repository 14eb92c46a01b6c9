package importer

// suitecrmPresets are the exports of SuiteCRM.
var suitecrmPresets = []preset{
	{
		name: "suitecrm", product: "SuiteCRM", kind: Tasks,
		signs: [][]string{{"Subject", "Parent Type", "Parent ID"}, {"Subject", "Parent Type", "Contact ID"},
			{"name", "parent_type", "parent_id"}, {"name", "parent_type", "contact_id"}},
		databaseColumn: "parent_type",
		columns: map[string][]string{
			fieldTitle: {"Subject", "name"}, fieldContactName: {"Contact Name"}, fieldCreatedDate: {"Date Created",
				"date_entered"},
			fieldExternalID:        {"ID"},
			fieldContactExternalID: {"Contact ID"}, fieldRelatedExternalID: {"Parent ID"}, fieldRelatedType: {"Parent Type"},
			fieldRelatedName:        {"Parent Name", "Parent", "Related to"},
			fieldAssigneeExternalID: {"Assigned User ID", "Assigned to ID"},
			fieldAssigneeName:       {"Assigned to", "Assigned User", "Assigned User Name"},
		},
		never: []string{"Created By", "Modified By"},
	},
	{
		name: "suitecrm", product: "SuiteCRM", kind: Contacts,
		signs:  [][]string{{"ID", "Last Name", "Email Address"}, {"Last Name", "Email Address", "Office Phone"}},
		absent: []string{"accountId", "assignedUserId"},
		columns: map[string][]string{
			fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email Address"},
			fieldCompanyName: {"Account Name"}, fieldExternalID: {"ID"},
			fieldCompanyExternalID: {"Account ID"},
		},
		never: []string{"Name", "Assigned to", "Assigned User", "Reports to", "Assistant", "Created By", "Modified By"},
	},
	{
		name: "suitecrm", product: "SuiteCRM", kind: Companies,
		signs: [][]string{{"ID", "Name", "Office Phone"}, {"ID", "Name", "Member of"}},
		columns: map[string][]string{
			fieldName: {"Name"}, fieldDomain: {"Website"}, fieldExternalID: {"ID"},
		},
		never: []string{"Assigned to", "Assigned User", "Member of", "Created By", "Modified By"},
	},
	{
		name: "suitecrm", product: "SuiteCRM", kind: Deals,
		signs: [][]string{{"Opportunity Name", "Sales Stage"}, {"Name", "Sales Stage"}},
		columns: map[string][]string{
			fieldTitle: {"Opportunity Name", "Name"}, fieldExternalID: {"ID"}, fieldCompanyName: {"Account Name"},
			fieldCompanyExternalID: {"Account ID"}, fieldContactExternalID: {"Contact ID"},
		},
		never: []string{"Assigned to", "Assigned User", "Created By", "Modified By"},
	},
	{
		name: "suitecrm", product: "SuiteCRM", kind: Users,
		signs: [][]string{{"ID", "User Name", "Status"}, {"ID", "User Name", "Is Administrator"}, {"ID", "User Name",
			"Employee Status"}},
		columns: map[string][]string{
			fieldName: {"Full Name", "Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"},
			fieldEmail: {"Email Address", "Email"}, fieldExternalID: {"ID"}, fieldActive: {"Status"},
		},
		never: []string{"User Name", "Reports to", "Reports to ID", "Employee Status", "Created By", "Modified By"},
	},
}
