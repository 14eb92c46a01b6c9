package importer

// dynamicsPresets are the exports of Dynamics 365.
var dynamicsPresets = []preset{
	{
		name: "dynamics", product: "Dynamics 365", kind: Tasks,
		signs: [][]string{{"(Do Not Modify) Task"}, {"Regarding", "Activity Status"}, {"Regarding", "Status Reason"},
			{"regardingobjectid", "subject"}, {"_regardingobjectid_value", "subject"}, {"activityid", "subject"},
			{"(Nicht ändern) Aufgabe"}, {"(Ne pas modifier) Tâche"}, {"(No modificar) Tarea"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldStatus: {"Status Reason", "statuscode"}, fieldPriority: {"Priority",
				"prioritycode"}, fieldDueDate: {"Due Date", "scheduledend"},
			fieldContactName: {"Full Name (Regarding) (Contact)"}, fieldCompanyName: {"Account Name (Regarding) (Account)"},
			fieldCreatedDate: {"Created On", "Record Created On"},
			fieldExternalID: {"(Do Not Modify) Task", "activityid", "(Nicht ändern) Aufgabe",
				"(Ne pas modifier) Tâche", "(No modificar) Tarea"},
			fieldContactExternalID: {"Contact (Regarding) (Contact)", "contactid"},
			fieldCompanyExternalID: {"Account (Regarding) (Account)", "accountid"},
			fieldRelatedName: {"Regarding", "regardingobjectidname",
				"_regardingobjectid_value@OData.Community.Display.V1.FormattedValue"},
			fieldRelatedExternalID: {"regardingobjectid", "_regardingobjectid_value"},
			fieldRelatedType: {"regardingobjecttypecode", "regardingobjectidtype", "_regardingobjectid_type",
				"_regardingobjectid_value@Microsoft.Dynamics.CRM.lookuplogicalname", "Regarding Type", "Regarding Object Type"},
			fieldAssigneeExternalID: {"ownerid", "_ownerid_value", "Owner ID"}, fieldAssigneeName: {"Owner", "owneridname",
				"_ownerid_value@OData.Community.Display.V1.FormattedValue"},
			fieldAssigneeEmail: {"Primary Email (Owning User) (User)"},
		},
		never: []string{"Created By", "Modified By"},
		values: map[string]map[string]string{
			fieldStatus:   {"2": "open", "3": "in_progress", "4": "in_progress", "5": "completed", "7": "open"},
			fieldPriority: {"0": "low", "1": "medium", "2": "high"},
		},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Contacts,
		signs: [][]string{{"(Do Not Modify) Contact"}, {"contactid", "fullname"}},
		columns: map[string][]string{
			fieldFullName: {"Full Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email",
				"Email Address 1", "emailaddress1"},
			fieldCompanyName:       {"Company Name", "Account Name (Company Name) (Account)"},
			fieldExternalID:        {"(Do Not Modify) Contact", "contactid"},
			fieldCompanyExternalID: {"parentcustomerid", "_parentcustomerid_value"},
		},
		never: []string{"Owner", "ownerid", "Manager", "Assistant", "Created By", "Modified By"},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Companies,
		signs: [][]string{{"(Do Not Modify) Account"}, {"accountid", "name"}},
		columns: map[string][]string{
			fieldName: {"Account Name", "name"}, fieldDomain: {"Website", "websiteurl"},
			fieldExternalID: {"(Do Not Modify) Account", "accountid"},
		},
		never: []string{"Owner", "ownerid", "Parent Account", "parentaccountid", "Primary Contact", "primarycontactid",
			"Created By", "Modified By"},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Deals,
		signs: [][]string{{"(Do Not Modify) Opportunity"}, {"opportunityid", "name"}},
		columns: map[string][]string{
			fieldTitle: {"Topic", "name"}, fieldExternalID: {"(Do Not Modify) Opportunity", "opportunityid"},
			fieldCompanyName:       {"Account", "parentaccountidname", "Potential Customer"},
			fieldCompanyExternalID: {"parentaccountid", "_parentaccountid_value"},
			fieldContactExternalID: {"parentcontactid", "_parentcontactid_value"},
		},
		never: []string{"Owner", "ownerid", "Contact", "Created By", "Modified By"},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Users,
		signs: [][]string{{"(Do Not Modify) User"}, {"systemuserid"}, {"Full Name", "Primary Email"}},
		columns: map[string][]string{
			fieldName: {"Full Name", "fullname"}, fieldFirstName: {"First Name", "firstname"},
			fieldLastName: {"Last Name", "lastname"}, fieldEmail: {"Primary Email", "internalemailaddress"},
			fieldExternalID: {"(Do Not Modify) User", "systemuserid"}, fieldActive: {"Status"},
			fieldDisabled: {"isdisabled", "Is Disabled", "Disabled"},
		},
		never: []string{"User Name", "domainname", "Manager", "parentsystemuserid", "Created By", "Modified By"},
	},
}
