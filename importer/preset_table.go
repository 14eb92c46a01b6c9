package importer

// presets are the products whose task exports are known by their header. Who a task belongs to, who made it and who reports to whom is in
// none of the columns that feed a contact or a company; nor is what may be either, such as Regarding, Related To and Parent.
var presets = []preset{
	{
		name: "hubspot", product: "HubSpot", kind: Tasks, idInName: true,
		signs: [][]string{{"Task title", "Task status"}, {"Task title", "Task body"}, {"Task title", "Associated Contact"}, {"Task title", "Associated Contact IDs"}, {"hs_task_subject"}},
		columns: map[string][]string{
			fieldTitle: {"Task title", "hs_task_subject"}, fieldDescription: {"Task body", "hs_task_body", "Notes"}, fieldStatus: {"Task status", "hs_task_status"},
			fieldPriority: {"Task priority", "hs_task_priority"}, fieldTaskType: {"Task type", "hs_task_type"}, fieldDueDate: {"Due date", "hs_timestamp"},
			fieldContactName: {"Associated Contact"}, fieldCompanyName: {"Associated Company"}, fieldCreatedDate: {"hs_createdate"}, fieldExternalID: {"Record ID", "hs_object_id"},
		},
		never: []string{"Assigned to", "Activity assigned to", "hubspot_owner_id", "Associated Contact IDs", "Associated Company IDs", "Associated Deal IDs"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Tasks,
		signs: [][]string{{"WhoId", "WhatId"}, {"WhoId", "ActivityDate"}, {"Who.Name", "Subject"}, {"What.Name", "Subject"}, {"Subject", "Company / Account"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldDescription: {"Description", "Full Comments", "Comments"}, fieldTaskType: {"TaskSubtype"},
			fieldDueDate: {"ActivityDate", "Due Date Only"}, fieldContactName: {"Who.Name", "Contact"}, fieldCompanyName: {"Account.Name", "Company / Account"},
			fieldCreatedDate: {"CreatedDate"}, fieldExternalID: {"Id"},
		},
		never: []string{"Owner.Name", "OwnerId", "Assigned", "CreatedById", "LastModifiedById", "WhoId", "WhatId", "AccountId", "What.Name", "Related To", "Lead", "Opportunity"},
	},
	{
		name: "pipedrive", product: "Pipedrive", kind: Tasks, serialDates: true,
		signs: [][]string{{"Activity - Subject"}},
		columns: map[string][]string{
			fieldTitle: {"Activity - Subject"}, fieldDescription: {"Activity - Note"}, fieldStatus: {"Activity - Done"}, fieldPriority: {"Activity - Priority"},
			fieldTaskType: {"Activity - Type"}, fieldDueDate: {"Activity - Due date"}, fieldContactName: {"Person - Name", "Activity - Contact person", "Activity - Person"},
			fieldCompanyName: {"Organization - Name", "Activity - Organization"}, fieldCreatedDate: {"Activity - Add time"}, fieldExternalID: {"Activity - ID"},
		},
		never: []string{"Activity - Assigned to user", "Activity - Deal", "Deal - Title", "Deal - ID", "Person - ID", "Organization - ID"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Tasks,
		signs: [][]string{{"Task Owner", "Subject"}, {"Task Owner.id", "Subject"}, {"Contact Name.id", "Subject"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldContactName: {"Contact Name"}, fieldCompanyName: {"Account Name"}, fieldCreatedDate: {"Created Time"}, fieldExternalID: {"Record Id"},
		},
		never: []string{"Task Owner", "Task Owner.id", "Contact Name.id", "Related To", "Related To.id", "Created By", "Created By.id", "Modified By"},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Tasks,
		signs: [][]string{{"(Do Not Modify) Task"}, {"Regarding", "Activity Status"}, {"Regarding", "Status Reason"}, {"regardingobjectid", "subject"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldStatus: {"Status Reason", "statuscode"}, fieldPriority: {"Priority", "prioritycode"}, fieldDueDate: {"Due Date", "scheduledend"},
			fieldContactName: {"Full Name (Regarding) (Contact)"}, fieldCompanyName: {"Account Name (Regarding) (Account)"}, fieldCreatedDate: {"Created On", "Record Created On"},
			fieldExternalID: {"(Do Not Modify) Task", "activityid"},
		},
		never: []string{"Owner", "ownerid", "Regarding", "regardingobjectid", "Created By", "Modified By"},
		values: map[string]map[string]string{
			fieldStatus:   {"2": "open", "3": "in_progress", "4": "in_progress", "5": "completed", "7": "open"},
			fieldPriority: {"0": "low", "1": "medium", "2": "high"},
		},
	},
	{
		name: "suitecrm", product: "SuiteCRM", kind: Tasks,
		signs: [][]string{{"Subject", "Parent Type", "Parent ID"}},
		columns: map[string][]string{
			fieldTitle: {"Subject"}, fieldContactName: {"Contact Name"}, fieldCreatedDate: {"Date Created"}, fieldExternalID: {"ID"},
		},
		never: []string{"Assigned to", "Contact ID", "Parent Type", "Parent ID", "Parent Name", "Created By", "Modified By"},
	},
	{
		name: "espocrm", product: "EspoCRM", kind: Tasks,
		signs: [][]string{{"Name", "Date Due", "Parent"}, {"Name", "dateEnd", "Parent"}},
		columns: map[string][]string{
			fieldTitle: {"Name"}, fieldDueDate: {"Date Due", "dateEnd"}, fieldContactName: {"Contact"}, fieldCompanyName: {"Account"}, fieldCreatedDate: {"Created At"}, fieldExternalID: {"ID"},
		},
		never: []string{"Assigned User", "Parent", "Created By", "Modified By", "Teams"},
	},
}
