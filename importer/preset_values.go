package importer

import "strings"

// commonValues are what the words of most products mean. Canceled and Archived have no counterpart, so that such a row is rejected rather than guessed.
var commonValues = map[string]map[string]string{
	fieldStatus: {
		"notstarted": "open", "todo": "open", "open": "open", "deferred": "open", "postponed": "open",
		"inprogress": "in_progress", "started": "in_progress", "workinprogress": "in_progress", "waiting": "in_progress",
		"waitingonsomeoneelse": "in_progress", "waitingforinput": "in_progress", "pendinginput": "in_progress",
		"completed": "completed", "done": "completed",
	},
	fieldPriority: {
		"highest": "high", "urgent": "high", "high": "high", "normal": "medium", "medium": "medium", "low": "low", "lowest": "low", "none": "",
	},
}

// withoutNumber takes the number of a record off its name: "Marc Lemaire (4421)".
func withoutNumber(name string) string {
	trimmed := strings.TrimSpace(name)
	open := strings.LastIndex(trimmed, " (")
	if open < 1 || !strings.HasSuffix(trimmed, ")") {
		return name
	}
	number := trimmed[open+2 : len(trimmed)-1]
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return name
	}
	return strings.TrimSpace(trimmed[:open])
}
