package console

import (
	"cmp"
	"strings"

	"taskport/importer"
	"taskport/importer/file"
)

// remedies say what an operator can do about a problem in the console, by the code of the remedy.
var remedies = map[string]func(r file.Remedy) string{
	file.RemedySkipLines: always("if that is wrong, upload the file again and say how many lines are above the header"),
	file.RemedySheet:     always("to read another one, upload the file again and name its sheet"),
	file.RemedyEncoding:  always("save the file in one encoding, or name the encoding when you upload it"),
	file.OptionName:      func(r file.Remedy) string { return optionName(r.Field) },
	file.RemedyGuess:     always("another encoding can be named when the file is uploaded"),
	file.RemedyLeaveOut: func(r file.Remedy) string {
		return "leave the " + fieldText(r.Field) +
			" empty when you upload it"
	},
	importer.RemedyValue: func(r file.Remedy) string {
		return "choose what it means, or write a value of the list such as " + r.Meaning
	},
	importer.RemedyValues: always("choose their meanings before you import the file, or correct the rows"),
	importer.RemedyDateOrder: always("choose the order of day, month and year before you import the file, or write such " +
		"dates as YYYY-MM-DD"),
	importer.RemedyImplausible: always("correct them where they are wrong, or choose before the import what happens to " +
		"such dates"),
	importer.RemedyOtherOrder:   always("the order of day, month and year can be chosen before the file is imported"),
	importer.RemedyMapping:      always(chooseColumn),
	importer.RemedySheetMapping: always(chooseColumn + ", or upload the file again and name another sheet"),
	importer.RemedyOneColumn:    always("choose one of them"),
	importer.RemedyOtherMapping: always(otherColumns),
	importer.RemedyOtherParts:   always(otherColumns),
	importer.RemedyOtherPreset:  always(otherColumns),
	importer.RemedySameFile:     always("the new rows alone can be imported, or all"),
	importer.RemedyRemembered:   always("it can be changed, or forgotten, before the file is imported"),
	importer.RemedyNotImported:  always("choose its field at the head of the column before the file is imported"),
	importer.RemedyShortened:    always("write the whole id, upload the file as it was before, or ignore the column"),
	importer.RemedyCandidate:    func(r file.Remedy) string { return "choose the right " + record(r) },
	importer.RemedyAssignee: always("write the id, the address or the name of a user, or say before the next import " +
		"who is meant"),
	importer.RemedyUsers: always("upload the users first"),
	importer.RemedyRecord: func(r file.Remedy) string {
		return "correct the name, or find or create the " +
			record(r)
	},
	importer.RemedyGiveID:   func(r file.Remedy) string { return "find the right " + record(r) },
	importer.RemedyMismatch: func(r file.Remedy) string { return "choose the right " + record(r) },
	importer.RemedySeveral: always("keep one of them here, and give the others rows of their own, or take the " +
		"first when you import the file"),
	importer.RemedyDuplicate:   always("give the row another id"),
	importer.RemedyKeepColumns: always("shorten them, or upload the file again and ignore some of its columns"),
	importer.RemedyRepeatedRow: always("change the row if both are meant"),
}

// optionName returns the label of an option.
func optionName(option string) string {
	if option == "values" {
		return "the meaning of a value"
	}
	return cmp.Or(importer.OptionTerm(option), fieldText(option))
}

const (
	chooseColumn = "choose the field at the head of its column"
	otherColumns = "the fields can be chosen at the heads of the columns before the file is imported"
)

func always(text string) func(file.Remedy) string { return func(file.Remedy) string { return text } }

// record is the kind of record whose id settles a problem.
func record(r file.Remedy) string { return strings.TrimSuffix(r.Field, "_id") }

// words is the console's file.Words.
func words(r file.Remedy) string { return remedies[r.Code](r) }
