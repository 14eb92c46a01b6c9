package importer

// zohoPresets are the exports of Zoho CRM.
var zohoPresets = []preset{
	{
		name: "zoho", product: "Zoho CRM", kind: Tasks,
		signs: [][]string{{"Task Owner", "Subject"}, {"Task Owner.id", "Subject"}, {"Contact Name.id", "Subject"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldContactName: {"Contact Name"}, fieldCompanyName: {"Account Name"},
			fieldCreatedDate: {"Created Time"}, fieldExternalID: {"Record Id"},
			fieldContactExternalID: {"Contact Name.id"}, fieldCompanyExternalID: {"Account Name.id"},
			fieldRelatedName:       {"Related To"},
			fieldRelatedExternalID: {"Related To.id"}, fieldRelatedType: {"Related To Module", "Related To.module", "Se Module"},
			fieldAssigneeExternalID: {"Task Owner.id"}, fieldAssigneeName: {"Task Owner"},
		},
		never: []string{"Created By", "Created By.id", "Modified By"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Contacts,
		signs: [][]string{{"Contact Owner.id", "Last Name"}, {"Account Name.id", "Last Name"}, {"Record Id", "Last Name",
			"Account Name"}},
		columns: map[string][]string{
			fieldFullName: {"Full Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email"},
			fieldCompanyName: {"Account Name"}, fieldExternalID: {"Record Id"},
			fieldCompanyExternalID: {"Account Name.id"},
		},
		never: []string{"Contact Owner", "Contact Owner.id", "Vendor Name", "Reporting To", "Assistant", "Created By",
			"Modified By", "Secondary Email"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Companies,
		signs: [][]string{{"Account Owner.id", "Account Name"}, {"Record Id", "Account Name"}},
		columns: map[string][]string{
			fieldName: {"Account Name"}, fieldDomain: {"Website"}, fieldExternalID: {"Record Id"},
		},
		never: []string{"Account Owner", "Account Owner.id", "Parent Account", "Parent Account.id", "Created By",
			"Modified By"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Deals,
		signs: [][]string{{"Deal Owner.id", "Deal Name"}, {"Account Name.id", "Deal Name"}, {"Record Id", "Deal Name",
			"Stage"}},
		columns: map[string][]string{
			fieldTitle: {"Deal Name"}, fieldExternalID: {"Record Id"}, fieldCompanyName: {"Account Name"},
			fieldCompanyExternalID: {"Account Name.id"}, fieldContactExternalID: {"Contact Name.id"},
		},
		never: []string{"Deal Owner", "Deal Owner.id", "Contact Name", "Created By", "Modified By"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Users,
		signs: [][]string{{"Record Id", "Email", "Profile"}, {"User Id", "Email", "Profile"}, {"Zuid", "Email"},
			{"Role", "Profile", "Email"}},
		columns: map[string][]string{
			fieldName: {"Full Name", "User Name", "Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"},
			fieldEmail: {"Email"}, fieldExternalID: {"Record Id", "User Id", "Id"}, fieldActive: {"Status", "Active"},
		},
		never: []string{"Zuid", "Reporting To", "Created By", "Modified By"},
	},
}
