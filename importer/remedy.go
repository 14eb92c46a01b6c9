package importer

import (
	"slices"
	"strings"

	"taskport/importer/file"
)

// The codes of remedies, besides those of the package file.
const (
	RemedyValue        = "value"               // say what Value of Field means, for instance Meaning
	RemedyValues       = "values"              // say what the values of Field mean, for instance Meaning for Value
	RemedyDateOrder    = "date_order"          // say whether the day or the month comes first
	RemedyImplausible  = "implausible_dates"   // correct the date, or choose what happens to such dates
	RemedyOtherOrder   = "other_date_order"    // the order that was detected can be overridden
	RemedyMapping      = "mapping"             // name the column that feeds Field, for instance Column
	RemedySheetMapping = "mapping_or_sheet"    // likewise, or name another sheet
	RemedyOneColumn    = "one_column"          // of two columns that feed Field, rename, remove or ignore one
	RemedyOtherMapping = "other_mapping"       // the matching of columns can be overridden
	RemedyOtherParts   = "other_parts"         // likewise where columns together feed Field
	RemedyOtherPreset  = "other_preset"        // likewise where a preset matched them
	RemedyShortened    = "shortened"           // restore the value, or leave out Column
	RemedyCandidate    = "candidate"           // choose the right candidate; Field takes its id
	RemedyAssignee     = "assignee"            // say whom Value means; Field takes the id of a user
	RemedyUsers        = "users"               // load the users
	RemedyRecord       = "record"              // correct the name, add the record, or name it; Field takes its id
	RemedyGiveID       = "give_id"             // name the record; Field takes its id
	RemedyMismatch     = "on_company_mismatch" // choose the right contact, or link it all the same; Field takes its id
	RemedySeveral      = "on_several"          // keep one of the references, or take the first of them
	RemedyDuplicate    = "on_duplicate"        // remove the row, or skip or update such rows
	RemedyRepeatedRow  = "on_duplicate_row"    // remove the row, or keep such rows
	RemedyRemembered   = "remembered"          // forget the mapping of the name Value, or override it
	RemedySameFile     = "on_same_file"        // import the new rows alone, or all
	RemedyNotImported  = "not_imported"        // name the field that Column feeds
	RemedyKeepColumns  = "keep_columns"        // keep fewer columns, or shorten the cells
)

// rowRemedies are those of rows; the others concern a whole file.
var rowRemedies = []string{RemedyValue, RemedyDateOrder, RemedyImplausible, RemedyShortened, RemedyCandidate,
	RemedyAssignee, RemedyRecord, RemedyGiveID, RemedyMismatch, RemedySeveral, RemedyDuplicate, RemedyRepeatedRow,
	RemedyKeepColumns}

// Remedies lists all codes, so that each face can show that it has a sentence for every one.
func Remedies() []string {
	return slices.Concat(file.Remedies(), rowRemedies, []string{RemedyValues, RemedyOtherOrder, RemedyMapping,
		RemedySheetMapping, RemedyOneColumn, RemedyOtherMapping, RemedyOtherParts, RemedyOtherPreset, RemedyNotImported,
		RemedyUsers, RemedySameFile, RemedyRemembered})
}

// In returns what is wrong and what to do in the words of a face.
func (f *Fault) In(w file.Words) string {
	text := f.Message
	if f.Option != "" {
		text = f.ofOption(w(file.Remedy{Code: file.OptionName, Field: f.Option}))
	}
	return w.Say(text, f.Remedy)
}

// ofOption begins the message with a name of the option.
func (f *Fault) ofOption(name string) string {
	if strings.HasPrefix(f.Message, "must ") {
		return name + " " + f.Message
	}
	return name + ": " + f.Message
}
