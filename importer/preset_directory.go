package importer

import "strings"

// directoryPresets are the exports of contacts and companies of the same products. Whom a record belongs to, who made it and who reports to whom is in none of the columns that are taken.
var directoryPresets = []preset{
	{
		name: "hubspot", product: "HubSpot", kind: Contacts, idInName: true,
		signs: [][]string{{"Record ID", "First Name", "Associated Company"}, {"Record ID", "First Name", "Phone Number"}, {"Record ID", "First Name", "Lead Status"}, {"First Name", "Marketing contact status"}, {"hs_object_id", "firstname"}},
		columns: map[string][]string{
			fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email"}, fieldCompanyName: {"Company Name", "company", "Associated Company"}, fieldExternalID: {"Record ID", "hs_object_id"},
		},
		never: []string{"Contact owner", "hubspot_owner_id", "Associated Company IDs", "Primary Associated Company ID"},
	},
	{
		name: "hubspot", product: "HubSpot", kind: Companies,
		signs: [][]string{{"Record ID", "Company name", "Company owner"}, {"Record ID", "Company name", "Company Domain Name"}, {"hs_object_id", "domain", "name"}},
		columns: map[string][]string{
			fieldName: {"Company name"}, fieldDomain: {"Company Domain Name", "Website URL"}, fieldExternalID: {"Record ID", "hs_object_id"},
		},
		never: []string{"Company owner", "Parent Company", "Associated Contact"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Contacts,
		signs: [][]string{{"AccountId", "LastName"}, {"MasterRecordId", "LastName"}, {"Contact ID", "Last Name", "Account Name"}},
		columns: map[string][]string{
			fieldFullName: {"Name"}, fieldFirstName: {"FirstName"}, fieldLastName: {"LastName"}, fieldEmail: {"Email"}, fieldCompanyName: {"Account.Name", "Account Name"}, fieldExternalID: {"Id", "Contact ID"},
		},
		never: []string{"OwnerId", "Owner.Name", "Contact Owner", "AccountId", "Account ID", "ReportsToId", "Reports To", "AssistantName", "CreatedById", "LastModifiedById", "MasterRecordId"},
	},
	{
		name: "salesforce", product: "Salesforce", kind: Companies,
		signs: [][]string{{"MasterRecordId", "Name"}, {"ParentId", "Name", "OwnerId"}, {"Account ID", "Account Name"}},
		columns: map[string][]string{
			fieldName: {"Name", "Account Name"}, fieldDomain: {"Website"}, fieldExternalID: {"Id", "Account ID"},
		},
		never: []string{"OwnerId", "Account Owner", "ParentId", "Parent Account", "CreatedById", "LastModifiedById", "MasterRecordId"},
	},
	{
		name: "pipedrive", product: "Pipedrive", kind: Contacts,
		signs: [][]string{{"Person - Name"}, {"Person - First name", "Person - Last name"}},
		columns: map[string][]string{
			fieldFullName: {"Person - Name"}, fieldFirstName: {"Person - First name"}, fieldLastName: {"Person - Last name"},
			fieldEmail:       {"Person - Email", "Person - Email - Work", "Person - Email - Home", "Person - Email - Other"},
			fieldCompanyName: {"Person - Organization", "Organization - Name"}, fieldExternalID: {"Person - ID"},
		},
		never: []string{"Person - Owner", "Person - Organization ID", "Organization - ID"},
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
		name: "zoho", product: "Zoho CRM", kind: Contacts,
		signs: [][]string{{"Contact Owner.id", "Last Name"}, {"Account Name.id", "Last Name"}, {"Record Id", "Last Name", "Account Name"}},
		columns: map[string][]string{
			fieldFullName: {"Full Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email"}, fieldCompanyName: {"Account Name"}, fieldExternalID: {"Record Id"},
		},
		never: []string{"Contact Owner", "Contact Owner.id", "Account Name.id", "Vendor Name", "Reporting To", "Assistant", "Created By", "Modified By", "Secondary Email"},
	},
	{
		name: "zoho", product: "Zoho CRM", kind: Companies,
		signs: [][]string{{"Account Owner.id", "Account Name"}, {"Record Id", "Account Name"}},
		columns: map[string][]string{
			fieldName: {"Account Name"}, fieldDomain: {"Website"}, fieldExternalID: {"Record Id"},
		},
		never: []string{"Account Owner", "Account Owner.id", "Parent Account", "Parent Account.id", "Created By", "Modified By"},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Contacts,
		signs: [][]string{{"(Do Not Modify) Contact"}, {"contactid", "fullname"}},
		columns: map[string][]string{
			fieldFullName: {"Full Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email", "Email Address 1", "emailaddress1"},
			fieldCompanyName: {"Company Name", "Account Name (Company Name) (Account)"}, fieldExternalID: {"(Do Not Modify) Contact", "contactid"},
		},
		never: []string{"Owner", "ownerid", "Manager", "Assistant", "Created By", "Modified By", "parentcustomerid"},
	},
	{
		name: "dynamics", product: "Dynamics 365", kind: Companies,
		signs: [][]string{{"(Do Not Modify) Account"}, {"accountid", "name"}},
		columns: map[string][]string{
			fieldName: {"Account Name", "name"}, fieldDomain: {"Website", "websiteurl"}, fieldExternalID: {"(Do Not Modify) Account", "accountid"},
		},
		never: []string{"Owner", "ownerid", "Parent Account", "parentaccountid", "Primary Contact", "primarycontactid", "Created By", "Modified By"},
	},
	{
		name: "suitecrm", product: "SuiteCRM", kind: Contacts,
		signs: [][]string{{"ID", "Last Name", "Email Address"}, {"Last Name", "Email Address", "Office Phone"}},
		columns: map[string][]string{
			fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email Address"}, fieldCompanyName: {"Account Name"}, fieldExternalID: {"ID"},
		},
		never: []string{"Name", "Assigned to", "Assigned User", "Reports to", "Assistant", "Account ID", "Created By", "Modified By"},
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
		name: "espocrm", product: "EspoCRM", kind: Contacts,
		signs: [][]string{{"Name", "Account", "Assigned User"}, {"Last Name", "Account", "Assigned User"}, {"Last Name", "Account", "Teams"}},
		columns: map[string][]string{
			fieldFullName: {"Name"}, fieldFirstName: {"First Name"}, fieldLastName: {"Last Name"}, fieldEmail: {"Email"}, fieldCompanyName: {"Account"}, fieldExternalID: {"ID"},
		},
		never: []string{"Assigned User", "Teams", "Reports To", "Created By", "Modified By"},
	},
	{
		name: "espocrm", product: "EspoCRM", kind: Companies,
		signs: [][]string{{"Name", "Billing Address City"}, {"Name", "Billing Address Country"}, {"Name", "Website", "Assigned User", "Teams"}},
		columns: map[string][]string{
			fieldName: {"Name"}, fieldDomain: {"Website"}, fieldExternalID: {"ID"},
		},
		never: []string{"Assigned User", "Teams", "Created By", "Modified By"},
	},
}

// Positions of the fields of contacts and companies that presets translate.
var (
	atEmail    = position(Contacts, fieldEmail)
	atEmployer = position(Contacts, fieldCompanyName)
	atDomain   = position(Companies, fieldDomain)
)

// translateRecord gives the values of a contact or a company in our words.
func (s *preset) translateRecord(v Values) {
	switch s.kind {
	case Contacts:
		translateContact(v)
	case Companies:
		translateCompany(v)
	case Tasks, Deals, Events:
	}
}

// translateContact takes the first of several addresses, by which the products mean the one that is preferred. Several companies in one cell are none: which of them employs the contact the row does not say.
func translateContact(v Values) {
	first, _, _ := strings.Cut(strings.ReplaceAll(v[atEmail], ";", ","), ",")
	v[atEmail] = strings.TrimSpace(first)
	if strings.Contains(v[atEmployer], ";") {
		v[atEmployer] = ""
	}
}

// translateCompany makes the address of a website the domain that it is at.
func translateCompany(v Values) {
	text := strings.ToLower(strings.TrimSpace(v[atDomain]))
	if _, after, ok := strings.Cut(text, "://"); ok {
		text = after
	}
	if end := strings.IndexAny(text, "/?#:"); end > 0 {
		text = text[:end]
	}
	v[atDomain] = strings.TrimPrefix(text, "www.")
}
