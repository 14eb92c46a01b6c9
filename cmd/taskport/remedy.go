package main

import (
	"errors"
	"strings"

	"taskport/importer"
	"taskport/importer/file"
)

// remedies say what somebody at a terminal can do about a problem, by the code of the remedy.
var remedies = map[string]func(r file.Remedy) string{
	file.RemedySkipLines: always("--skip-lines overrides this"),
	file.RemedySheet:     always("name another with --sheet"),
	file.RemedyEncoding:  always("save the file in one encoding, or name the one to read it in with --encoding"),
	file.OptionName:      flagName,
	file.RemedyGuess:     always("--encoding overrides this"),
	file.RemedyLeaveOut:  func(r file.Remedy) string { return "leave out " + flagName(r) },
	importer.RemedyValue: func(r file.Remedy) string {
		return "say what it means, for instance with " + valueFlag(r.Field, r.Value, r.Meaning)
	},
	importer.RemedyValues: func(r file.Remedy) string {
		return "say what they mean, for instance with " + valueFlag(r.Field, r.Value, r.Meaning)
	},
	importer.RemedyDateOrder: always("say which comes first, the day or the month, with --date-order dmy or mdy"),
	importer.RemedyImplausible: always("correct them where they are wrong, or import with --implausible-dates reject or " +
		"blank"),
	importer.RemedyOtherOrder: always("--date-order overrides this"),
	importer.RemedyMapping:    mapColumn,
	importer.RemedySheetMapping: func(r file.Remedy) string {
		return "name another sheet with --sheet, or " +
			mapColumn(r)
	},
	importer.RemedyOneColumn: func(r file.Remedy) string {
		return "rename or remove one, or ignore one with " + mapFlag(r.Column, "")
	},
	importer.RemedyOtherMapping: always("--map overrides this"),
	importer.RemedyOtherParts:   always("--compose and --map override this"),
	importer.RemedyOtherPreset:  always("--map and --preset override this"),
	importer.RemedySameFile:     always("--on-same-file new imports the new rows alone, --on-same-file all all of them"),
	importer.RemedyRemembered: func(r file.Remedy) string {
		return "--map, --compose and --preset override it, and taskport mapping delete " + quoted(r.Value) + " forgets it"
	},
	importer.RemedyNotImported: func(r file.Remedy) string { return "name its field with " + mapFlag(r.Column, "FIELD") },
	importer.RemedyShortened: func(r file.Remedy) string {
		text := "import the file as it was before, put the whole id into the cell, or leave out the column"
		if r.Column == "" {
			return text
		}
		return text + " with " + mapFlag(r.Column, "")
	},
	importer.RemedyCandidate: func(r file.Remedy) string { return "put the id of the right candidate into " + r.Field },
	importer.RemedyAssignee: func(r file.Remedy) string {
		return "say who is meant, for instance with " + valueFlag("assignee", r.Value, "USER") + ", give " + r.Field +
			", or import with --on-unknown-assignee unassigned"
	},
	importer.RemedyUsers: always("load the users with taskport load users, or name their file with --users"),
	importer.RemedyRecord: func(r file.Remedy) string {
		return "correct the name, add the " + strings.TrimSuffix(r.Field, "_id") + ", or give " + r.Field
	},
	importer.RemedyGiveID: func(r file.Remedy) string { return "give " + r.Field },
	importer.RemedyMismatch: func(r file.Remedy) string {
		return "put the right " + r.Field + " into the row, or import with --on-company-mismatch link"
	},
	importer.RemedySeveral: always("keep one of them here and give the others rows of their own, or import with " +
		"--on-several first"),
	importer.RemedyDuplicate:   always("remove the row, or import with --on-duplicate skip or update"),
	importer.RemedyKeepColumns: always("keep fewer columns with --keep-columns, or shorten the cells"),
	importer.RemedyRepeatedRow: always("remove it, or import with --on-duplicate-row keep if both are meant"),
}

func always(text string) func(file.Remedy) string { return func(file.Remedy) string { return text } }

// flagName is the flag of an option of the API.
func flagName(r file.Remedy) string {
	switch r.Field {
	case "values":
		return "--value"
	case "mapping":
		return "--map"
	case "constants":
		return "--set"
	}
	return "--" + strings.ReplaceAll(r.Field, "_", "-")
}

func mapColumn(r file.Remedy) string {
	column := r.Column
	if column == "" {
		column = "COLUMN"
	}
	return "name the right one with " + mapFlag(column, r.Field)
}

// mapFlag is the flag by which a column feeds a field, as a shell takes it.
func mapFlag(column, field string) string { return "--map " + quoted(column+"="+field) }

// quoted writes a word for a shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// words is the command line's file.Words. A newer server may know a remedy that this program has no
// words for.
func words(r file.Remedy) string {
	if say := remedies[r.Code]; say != nil {
		return say(r)
	}
	return "see the documents of the server"
}

// worded is a message of the API in the words of the command line, where the API takes it apart.
type worded struct {
	Message string      `json:"message"`
	Problem string      `json:"problem,omitempty"`
	Remedy  file.Remedy `json:"remedy,omitzero"`
}

func (m worded) text() string {
	if m.Problem == "" {
		return m.Message
	}
	return file.Words(words).Say(m.Problem, m.Remedy)
}

// saying describes a fault as the API does, in the words of the command line.
func saying(f importer.Fault) worded {
	if f.Remedy.Code == "" {
		return worded{Message: f.Message}
	}
	return worded{Message: f.In(words), Problem: f.Message, Remedy: f.Remedy}
}

// errorText is an error with what to do about it.
func errorText(err error) string {
	var fault *importer.Fault
	var unreadable *file.Error
	switch {
	case errors.As(err, &fault):
		return strings.Replace(err.Error(), fault.Error(), fault.In(words), 1)
	case errors.As(err, &unreadable):
		return file.Words(words).Say(err.Error(), unreadable.Remedy)
	}
	return err.Error()
}
