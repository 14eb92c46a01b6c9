package intake

import (
	"fmt"
	"strings"

	"taskport/importer"
	"taskport/importer/file"
)

// remedies say what a client of the API can do about a problem, by the code of the remedy.
var remedies = map[string]func(r file.Remedy) string{
	file.RemedySkipLines: always("the option skip_lines overrides it"),
	file.RemedySheet:     always("name another with the option sheet"),
	file.RemedyEncoding:  always("save the file in one encoding, or name the one to read it in with the option encoding"),
	file.OptionName:      func(r file.Remedy) string { return r.Field },
	file.RemedyGuess:     always("the option encoding overrides it"),
	file.RemedyLeaveOut:  func(r file.Remedy) string { return "leave out the option " + r.Field },
	importer.RemedyValue: func(r file.Remedy) string {
		return fmt.Sprintf("say what it means with the option values, for instance {%q: {%q: %q}}", r.Field, r.Value,
			r.Meaning)
	},
	importer.RemedyValues: always("say what they mean with the option values"),
	importer.RemedyDateOrder: always("say with the option date_order which comes first, the day (dmy) or the " +
		"month (mdy)"),
	importer.RemedyImplausible: always("correct them where they are wrong, or import with implausible_dates=reject or " +
		"blank"),
	importer.RemedyOtherOrder: always("the option date_order overrides it"),
	importer.RemedyMapping:    nameColumn,
	importer.RemedySheetMapping: func(r file.Remedy) string {
		return "name another sheet with the option sheet, or " +
			nameColumn(r)
	},
	importer.RemedyOneColumn:    always("rename or remove one, or set one to \"\" with the option mapping"),
	importer.RemedyOtherMapping: always("mapping overrides it"),
	importer.RemedyOtherParts:   always("compose and mapping override it"),
	importer.RemedyOtherPreset:  always("mapping and preset override it"),
	importer.RemedySameFile:     always("on_same_file=new imports the new rows alone, on_same_file=all all of them"),
	importer.RemedyRemembered: func(r file.Remedy) string {
		return "the options mapping, compose and preset override it, and DELETE " + mappingPath(r.Value) + " forgets it"
	},
	importer.RemedyNotImported: func(r file.Remedy) string {
		return fmt.Sprintf("name its field with the option mapping, for instance {%q: \"description\"}", r.Column)
	},
	importer.RemedyShortened: func(r file.Remedy) string {
		text := "import the file as it was before, put the whole id into the cell, or leave out the column"
		if r.Column == "" {
			return text
		}
		return text + fmt.Sprintf(" with the option mapping, {%q: \"\"}", r.Column)
	},
	importer.RemedyCandidate: func(r file.Remedy) string { return "put the id of the right candidate into " + r.Field },
	importer.RemedyAssignee: func(r file.Remedy) string {
		return fmt.Sprintf("say who is meant with the option values, for instance {\"assignee\": {%q: \"USER\"}}, give %s, "+
			"or import with on_unknown_assignee=unassigned", r.Value, r.Field)
	},
	importer.RemedyUsers: always("load the users with POST /v1/import/users"),
	importer.RemedyRecord: func(r file.Remedy) string {
		return fmt.Sprintf("correct the name, add the %s, or give %s", strings.TrimSuffix(r.Field, "_id"), r.Field)
	},
	importer.RemedyGiveID: func(r file.Remedy) string { return "give " + r.Field },
	importer.RemedyMismatch: func(r file.Remedy) string {
		return "put the right " + r.Field + " into the row, or import with on_company_mismatch=link"
	},
	importer.RemedySeveral: always("keep one of them here and give the others rows of their own, or import with " +
		"on_several=first"),
	importer.RemedyDuplicate:   always("remove the row, or import with on_duplicate=skip or update"),
	importer.RemedyKeepColumns: always("keep fewer columns with the option keep_columns, or shorten the cells"),
	importer.RemedyRepeatedRow: always("remove it, or import with on_duplicate_row=keep if both are meant"),
}

func always(text string) func(file.Remedy) string { return func(file.Remedy) string { return text } }

func nameColumn(r file.Remedy) string {
	column := r.Column
	if column == "" {
		column = "Subject"
	}
	return fmt.Sprintf("name the right one with the option mapping, for instance {%q: %q}", column, r.Field)
}

// words is the API's file.Words.
func words(r file.Remedy) string { return remedies[r.Code](r) }

// remedyJSON goes with a message for programs that word the remedy themselves; both members are
// absent without a remedy.
type remedyJSON struct {
	Problem string      `json:"problem,omitempty"` // the message without its remedy
	Remedy  file.Remedy `json:"remedy,omitzero"`
}

func showRemedy(problem string, r file.Remedy) remedyJSON {
	if r.Code == "" {
		return remedyJSON{}
	}
	return remedyJSON{problem, r}
}
