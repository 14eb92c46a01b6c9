package importer

// salesforcePresets are the exports of Salesforce.
var salesforcePresets = []preset{
	{
		name: "salesforce", product: "Salesforce", kind: Tasks,
		signs: [][]string{{"WhoId", "WhatId"}, {"WhoId", "Subject"}, {"WhatId", "Subject"},
			{"WhoId", "ActivityDate"}, {"Who.Name", "Subject"},
			{"What.Name", "Subject"}, {"Subject", "Company / Account"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldDescription: {"Description", "Full Comments", "Comments"},
			fieldTaskType: {"TaskSubtype"},
			fieldDueDate:  {"ActivityDate", "Due Date Only", "Date"}, fieldContactName: {"Who.Name", "Contact"},
			fieldCompanyName: {"Account.Name", "Company / Account"},
			fieldCreatedDate: {"CreatedDate"}, fieldExternalID: {"Id", "Activity ID", "Task ID"},
			fieldContactEmail:      {"Who.Email", "Contact.Email"},
			fieldContactExternalID: {"WhoId", "Who.Id"}, fieldCompanyExternalID: {"AccountId", "Account.Id"},
			fieldRelatedExternalID: {"WhatId", "What.Id"}, fieldRelatedType: {"What.Type"},
			fieldRelatedName: {"What.Name", "Related To"}, fieldDealName: {"Opportunity"},
			fieldAssigneeExternalID: {"OwnerId", "Owner.Id"}, fieldAssigneeEmail: {"Owner.Email"},
			fieldAssigneeName: {"Owner.Name", "Assigned"},
		},
		never: []string{"CreatedById", "LastModifiedById", "Lead"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Contacts,
		signs: [][]string{{"AccountId", "LastName"}, {"MasterRecordId", "LastName"}, {"Contact ID", "Last Name",
			"Account Name"}},
		absent: []string{"Assigned to", "Assigned User", "assignedUserId", "accountName"},
		columns: map[string][]string{
			fieldFullName: {"Name"}, fieldFirstName: {"FirstName"}, fieldLastName: {"LastName"}, fieldEmail: {"Email"},
			fieldCompanyName: {"Account.Name", "Account Name"}, fieldExternalID: {"Id", "Contact ID"},
			fieldCompanyExternalID: {"AccountId", "Account ID", "Account.Id"},
		},
		never: []string{"OwnerId", "Owner.Name", "Contact Owner", "ReportsToId", "Reports To", "AssistantName",
			"CreatedById", "LastModifiedById", "MasterRecordId"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Companies,
		signs: [][]string{{"MasterRecordId", "Name"}, {"Id", "Name", "OwnerId"}, {"Account ID", "Account Name"}},
		columns: map[string][]string{
			fieldName: {"Name", "Account Name"}, fieldDomain: {"Website"}, fieldExternalID: {"Id", "Account ID"},
		},
		never: []string{"OwnerId", "Account Owner", "ParentId", "Parent Account", "CreatedById", "LastModifiedById",
			"MasterRecordId"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Deals,
		signs: [][]string{{"StageName", "Name"}, {"Opportunity ID", "Opportunity Name"}, {"Opportunity Name",
			"Opportunity Owner"}},
		columns: map[string][]string{
			fieldTitle: {"Name", "Opportunity Name"}, fieldExternalID: {"Id", "Opportunity ID"},
			fieldCompanyName:       {"Account.Name", "Account Name"},
			fieldCompanyExternalID: {"AccountId", "Account ID", "Account.Id"},
			fieldContactExternalID: {"ContactId", "Contact ID"},
		},
		never: []string{"OwnerId", "Opportunity Owner", "CreatedById", "LastModifiedById"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Users,
		signs: [][]string{{"Id", "LastName", "IsActive"}, {"Username", "ProfileId"}, {"Username", "Alias"}},
		// EspoCRM has a column Is Active, too.
		absent: []string{"Teams", "Type"},
		columns: map[string][]string{
			fieldName: {"Name"}, fieldFirstName: {"FirstName"}, fieldLastName: {"LastName"}, fieldEmail: {"Email"},
			fieldExternalID: {"Id", "User ID"}, fieldActive: {"IsActive", "Active"},
		},
		never: []string{"ManagerId", "ContactId", "AccountId", "CreatedById", "LastModifiedById", "DelegatedApproverId"},
	},
}
