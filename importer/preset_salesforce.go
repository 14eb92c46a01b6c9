package importer

// salesforcePresets are the exports of Salesforce.
var salesforcePresets = []preset{
	{
		name: "salesforce", product: "Salesforce", kind: Tasks,
		signs: [][]string{{"WhoId", "WhatId"}, {"WhoId", "ActivityDate"}, {"Who.Name", "Subject"},
			{"What.Name", "Subject"}, {"Subject", "Company / Account"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldDescription: {"Description", "Full Comments", "Comments"},
			fieldTaskType: {"TaskSubtype"},
			fieldDueDate:  {"ActivityDate", "Due Date Only"}, fieldContactName: {"Who.Name", "Contact"},
			fieldCompanyName: {"Account.Name", "Company / Account"},
			fieldCreatedDate: {"CreatedDate"}, fieldExternalID: {"Id"},
		},
		never: []string{"Owner.Name", "OwnerId", "Assigned", "CreatedById", "LastModifiedById", "WhoId", "WhatId",
			"AccountId", "What.Name", "Related To", "Lead", "Opportunity"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Contacts,
		signs: [][]string{{"AccountId", "LastName"}, {"MasterRecordId", "LastName"}, {"Contact ID", "Last Name",
			"Account Name"}},
		columns: map[string][]string{
			fieldFullName: {"Name"}, fieldFirstName: {"FirstName"}, fieldLastName: {"LastName"}, fieldEmail: {"Email"},
			fieldCompanyName: {"Account.Name", "Account Name"}, fieldExternalID: {"Id", "Contact ID"},
		},
		never: []string{"OwnerId", "Owner.Name", "Contact Owner", "AccountId", "Account ID", "ReportsToId", "Reports To",
			"AssistantName", "CreatedById", "LastModifiedById", "MasterRecordId"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Companies,
		signs: [][]string{{"MasterRecordId", "Name"}, {"ParentId", "Name", "OwnerId"}, {"Account ID", "Account Name"}},
		columns: map[string][]string{
			fieldName: {"Name", "Account Name"}, fieldDomain: {"Website"}, fieldExternalID: {"Id", "Account ID"},
		},
		never: []string{"OwnerId", "Account Owner", "ParentId", "Parent Account", "CreatedById", "LastModifiedById",
			"MasterRecordId"},
	},
}
