package importer

// zohoPresets are the exports of Zoho CRM.
var zohoPresets = []preset{
	{
		name: "zoho", product: "Zoho CRM", kind: Tasks,
		signs: [][]string{{"Task Owner", "Subject"}, {"Task Owner.id", "Subject"}, {"Contact Name.id", "Subject"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldContactName: {"Contact Name"}, fieldCompanyName: {"Account Name"},
			fieldCreatedDate: {"Created Time"}, fieldExternalID: {"Record Id"},
		},
		never: []string{"Task Owner", "Task Owner.id", "Contact Name.id", "Related To", "Related To.id", "Created By",
			"Created By.id", "Modified By"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Contacts,
		signs: [][]string{{"Contact Owner.id", "Last Name"}, {"Account Name.id", "Last Name"}, {"Record Id", "Last Name",
			"Account Name"}},
		columns: map[string][]string{
			fieldFullName: {"Full Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email"},
			fieldCompanyName: {"Account Name"}, fieldExternalID: {"Record Id"},
		},
		never: []string{"Contact Owner", "Contact Owner.id", "Account Name.id", "Vendor Name", "Reporting To", "Assistant",
			"Created By", "Modified By", "Secondary Email"},
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
}
