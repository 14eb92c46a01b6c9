package importer

// espocrmPresets are the exports of EspoCRM.
var espocrmPresets = []preset{
	{
		name: "espocrm", product: "EspoCRM", kind: Tasks,
		signs: [][]string{{"Name", "Date Due", "Parent"}, {"Name", "Date Due", "Parent Type"}, {"Name", "Date Due",
			"Assigned User"}, {"Name", "Parent Type", "Parent ID"}, {"Name", "dateEnd"}, {"Name", "parentType", "parentId"}},
		absent: []string{"Subject", "parent_type"},
		columns: map[string][]string{
			fieldTitle: {"Name"}, fieldDueDate: {"Date Due", "dateEnd"}, fieldContactName: {"Contact", "contactName"},
			fieldCompanyName: {"Account", "accountName"}, fieldCreatedDate: {"Created At"}, fieldExternalID: {"ID"},
			fieldContactExternalID: {"Contact ID"}, fieldCompanyExternalID: {"Account ID"},
			fieldRelatedExternalID: {"Parent ID"}, fieldRelatedType: {"Parent Type"},
			fieldRelatedName:        {"Parent", "Parent Name"},
			fieldAssigneeExternalID: {"Assigned User ID"}, fieldAssigneeName: {"Assigned User", "assignedUserName"},
		},
		never: []string{"Created By", "Modified By", "Teams"},
	},
	{
		name: "espocrm", product: "EspoCRM", kind: Contacts,
		signs: [][]string{{"Name", "Account", "Assigned User"}, {"Last Name", "Account", "Assigned User"},
			{"Last Name", "Account", "Teams"}, {"Name", "accountId", "assignedUserId"}, {"lastName", "accountName"},
			{"ID", "Name", "Account", "Account ID"}},
		columns: map[string][]string{
			fieldFullName: {"Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email",
				"Email Address"},
			fieldCompanyName: {"Account", "accountName"}, fieldExternalID: {"ID"},
			fieldCompanyExternalID: {"Account ID"},
		},
		never: []string{"Assigned User", "Assigned User ID", "Teams", "Reports To", "Created By", "Modified By"},
	},
	{
		name: "espocrm", product: "EspoCRM", kind: Companies,
		signs: [][]string{{"Name", "Billing Address City"}, {"Name", "Billing Address Country"}, {"Name", "Website",
			"Assigned User", "Teams"}},
		columns: map[string][]string{
			fieldName: {"Name"}, fieldDomain: {"Website"}, fieldExternalID: {"ID"},
		},
		never: []string{"Assigned User", "Teams", "Created By", "Modified By"},
	},
	{
		name: "espocrm", product: "EspoCRM", kind: Deals,
		signs: [][]string{{"Name", "Stage", "Assigned User"}, {"Name", "Stage", "Close Date"}, {"Name", "Stage", "Account"},
			{"Name", "Stage", "Account ID"}, {"Name", "stage", "accountId"}},
		columns: map[string][]string{
			fieldTitle: {"Name"}, fieldExternalID: {"ID"}, fieldCompanyName: {"Account",
				"accountName"},
			fieldCompanyExternalID: {"Account ID"}, fieldContactExternalID: {"Contact ID", "Primary Contact ID"},
		},
		never: []string{"Assigned User", "Teams", "Contact", "Contacts", "Primary Contact", "Created By", "Modified By"},
	},
	{
		name: "espocrm", product: "EspoCRM", kind: Users,
		signs: [][]string{{"User Name", "Is Active", "Type"}, {"User Name", "Is Active", "Teams"}},
		columns: map[string][]string{
			fieldName: {"Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email",
				"Email Address"}, fieldExternalID: {"ID"}, fieldActive: {"Is Active"},
		},
		never: []string{"User Name", "Contact", "Teams", "Created By", "Modified By"},
	},
}
