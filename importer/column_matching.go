package importer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// matchSynonyms matches columns to free fields by synonyms. Where two columns could feed one field,
// neither does.
func (p *RowReader) matchSynonyms(named map[int]bool) {
	fitting := map[string][]int{}
	for c, name := range p.Layout.Columns {
		if named[c] || strings.HasPrefix(name, "_") {
			continue
		}
		if field := synonymOf(p.Kind, name); field != "" {
			fitting[field] = append(fitting[field], c)
		}
	}
	for field, columns := range fitting { // a name of the table is better than one that is made up like it
		listed := slices.DeleteFunc(slices.Clone(columns), func(c int) bool {
			return synonyms[p.Kind][headerKey(p.Layout.Columns[c])] != field
		})
		if len(listed) > 0 {
			fitting[field] = listed
		}
	}
	var said []string
	for i, field := range fields[p.Kind] {
		if columns := fitting[field]; p.isFree(i) && p.takeOnly(i, columns, named) {
			said = append(said, p.feeds(columns[0], field))
		}
	}
	if said != nil {
		p.notes = append(p.notes, file.Note{Text: "taken by name: " + strings.Join(said, ", "),
			Remedy: file.Remedy{Code: RemedyOtherMapping}})
	}
}

func (p *RowReader) feeds(column int, field string) string {
	return fmt.Sprintf("%s feeds %s", shown(p.Layout.Columns[column]), field)
}

// takeOnly makes a column feed a field when it is the only candidate. Otherwise it notes the
// candidates.
func (p *RowReader) takeOnly(field int, columns []int, named map[int]bool) bool {
	if len(columns) == 0 {
		return false
	}
	for _, c := range columns {
		named[c] = true
	}
	if len(columns) == 1 {
		p.source[field] = columns[0]
		return true
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = p.Layout.Columns[c]
	}
	p.unsure[fields[p.Kind][field]] = names
	p.notes = append(p.notes, file.Note{Text: fmt.Sprintf("%s could all feed %s, so none does", shownList(names),
		fields[p.Kind][field]),
		Remedy: file.Remedy{Code: RemedyMapping, Field: fields[p.Kind][field], Column: names[0]}})
	return false
}

// Words in the names of columns with parts of a name, and words that show that the name is that of
// the contact.
var (
	givenNameKeys  = []string{"firstname", "givenname", "forename", "vorname", "prenom", "nombre", "nombredepila"}
	familyNameKeys = []string{"lastname", "surname", "familyname", "nachname", "familienname", "nom", "nomdefamille",
		"apellido", "apellidos"}
	ofContact    = []string{"contact", "kontakt", "kontakts", "contacto", "ansprechpartner", "person"}
	linkingWords = []string{"du", "de", "del", "des", "der", "dem", "of", "the", "s"}
)

// nameColumn reports whether a column holds a given or family name, and whether it says that the
// name is that of the contact.
func nameColumn(column string) (given, family, contact bool) {
	words := headerWords(column)
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		contact = contact || slices.Contains(ofContact, w)
		return slices.Contains(ofContact, w) || slices.Contains(linkingWords, w) && len(words) > 2
	})
	key := strings.Join(rest, "")
	return slices.Contains(givenNameKeys, key), slices.Contains(familyNameKeys, key), contact
}

// longestName is the length, in bytes, beyond which a text is not examined as the name of a column.
const longestName = 200

// composeContact composes the contact's name from a first and a last name where no column has the
// whole name. Both columns must clearly be the contact's: they say so, or no other column has the
// first or last name of anybody.
func (p *RowReader) composeContact(named map[int]bool) {
	if p.Kind != Tasks || !p.isFree(atContactName) {
		return
	}
	var given, family [2][]int // of anybody, and of the contact
	for c, name := range p.Layout.Columns {
		if len(name) > longestName {
			continue
		}
		isGiven, isFamily, isContact := nameColumn(name)
		switch {
		case isGiven && isContact && !named[c]:
			given[1] = append(given[1], c)
		case isFamily && isContact && !named[c]:
			family[1] = append(family[1], c)
		case isGiven || mentions(name, givenNameKeys):
			given[0] = append(given[0], c)
		case isFamily || mentions(name, familyNameKeys):
			family[0] = append(family[0], c)
		}
	}
	a, b := given[1], family[1]
	if len(a) == 0 && len(b) == 0 {
		a, b = given[0], family[0]
		if len(a) != 1 || len(b) != 1 || named[a[0]] || named[b[0]] || !p.isNamePart(a[0]) || !p.isNamePart(b[0]) {
			return
		}
	}
	if len(a) != 1 || len(b) != 1 {
		return
	}
	for c, name := range p.Layout.Columns {
		if c != a[0] && c != b[0] && !named[c] && synonymOf(Tasks, name) == fieldContactName {
			return
		}
	}
	p.composed[atContactName] = []int{a[0], b[0]}
	named[a[0]], named[b[0]] = true, true
	p.notes = append(p.notes, file.Note{Text: fmt.Sprintf("%s and %s together feed contact_name",
		shown(p.Layout.Columns[a[0]]), shown(p.Layout.Columns[b[0]])),
		Remedy: file.Remedy{Code: RemedyOtherParts, Field: fieldContactName}})
}

// completionNames are the names of columns that say whether a task is completed: a flag, the day on
// which it was, or a percentage. Of several the first of this list counts.
var completionNames = func() map[string]int {
	ranks := map[string]int{}
	for i, name := range []string{"Completed", "Is Completed", "Done", "Is Done", "Is Closed", "Closed", "Finished",
		"Is Complete", "Task Completed", "Marked as done", "Checked", "Erledigt", "Abgeschlossen", "Fertig", "Terminé",
		"Terminée", "Achevé", "Achevée", "Fait", "Completado", "Completada", "Hecho", "Terminado", "Terminada",
		"Finalizado", "Finalizada", "Completed At", "Completed On", "Completed Date", "Completed Time", "Completion Date",
		"Completion Time", "Date Completed", "Date of Completion", "Closed At", "Closed On", "Closed Date", "Date Closed",
		"Done At", "Done On", "Done Date", "Finished At", "Finished On", "Date Finished", "Erledigt am", "Abgeschlossen am",
		"Fertiggestellt am", "Erledigungsdatum", "Terminé le", "Terminée le", "Achevé le", "Date d'achèvement",
		"Date de fin réelle", "Completado el", "Completada el", "Finalizado el", "Fecha de finalización", "Complete",
		"% Completed", "Percent Complete", "Percent Completed", "Percentage Complete", "Completion", "Completion %",
		"Progress", "Percent Done", "Prozent abgeschlossen", "Prozent erledigt", "Fortschritt", "Pourcentage achevé",
		"Pourcentage terminé", "Avancement", "Porcentaje completado", "Progreso"} {
		if _, known := ranks[headerKey(name)]; !known {
			ranks[headerKey(name)] = i
		}
	}
	return ranks
}()

// isCompletion reports whether a column says whether a task is completed, and its rank.
func isCompletion(column string) (rank int, ok bool) {
	if len(column) > longestSynonym {
		return 0, false
	}
	if entity, name, found := strings.Cut(column, " - "); found && kindOf[headerKey(entity)] == Tasks {
		column = name // Activity - Done
	}
	rank, ok = completionNames[headerKey(column)]
	return rank, ok
}

// matchCompletion makes the column that says whether a task is completed feed the status, where no
// other does.
func (p *RowReader) matchCompletion(named map[int]bool) {
	_, constant := p.constant[atStatus]
	if p.Kind != Tasks || constant || p.unsure[fieldStatus] != nil {
		return
	}
	best, first := -1, len(completionNames)*2
	for c, name := range p.Layout.Columns {
		if rank, ok := isCompletion(name); ok && !named[c] && rank < first {
			best, first = c, rank
		}
	}
	p.Layout.Completion = nil
	switch {
	case best < 0:
		return
	case !p.isFree(atStatus):
		p.Layout.Completion = &best
		return
	}
	p.source[atStatus], named[best] = best, true
	p.notes = append(p.notes, file.Note{Text: shown(p.Layout.Columns[best]) + " says whether a task is completed, and " +
		"feeds status", Remedy: file.Remedy{Code: RemedyOtherMapping, Field: fieldStatus}})
}

// completion returns the status that a flag or a percentage means in a column that says whether a
// task is completed; a date means so in any column of the status.
func (p *RowReader) completion(text string) (meant string, ok bool) {
	if w, isWritten := dates.Read(text); isWritten && w.IsDay() {
		return completed, true
	}
	if _, isISO := dates.Parse(text); isISO || dates.IsSerial(text) {
		return completed, true
	}
	c := p.columnOf(atStatus)
	if c < 0 {
		return "", false
	}
	if _, is := isCompletion(p.Layout.Columns[c]); !is {
		return "", false
	}
	return completionOf(text)
}

// sayCompletion notes the column that makes the status where that is empty, if it ever does.
func (p *RowReader) sayCompletion(seen *Survey) {
	c, status := p.Layout.Completion, p.columnOf(atStatus)
	if c == nil || status < 0 || max(*c, status) >= len(seen.columns) || seen.columns[status].filled == seen.rows ||
		seen.columns[*c].filled == 0 {
		return
	}
	p.Layout.Notes = append(p.Layout.Notes, file.Note{Text: fmt.Sprintf("where %s is empty, %s says whether a task is "+
		"completed", shown(p.Layout.Columns[status]), shown(p.Layout.Columns[*c])),
		Remedy: file.Remedy{Code: RemedyOtherMapping, Field: fieldStatus}})
}

// isCompletionStatus reports whether the column of the status says only whether a task is
// completed.
func (p *RowReader) isCompletionStatus() bool {
	if p.Kind != Tasks || p.source[atStatus] < 0 {
		return false
	}
	_, is := isCompletion(p.Layout.Columns[p.source[atStatus]])
	return is
}

// completionOf returns the status that a cell means in a column that says whether a task is
// completed.
func completionOf(text string) (meant string, ok bool) {
	if w, isWritten := dates.Read(text); isWritten && w.IsDay() {
		return completed, true
	}
	if _, isISO := dates.Parse(text); isISO || dates.IsSerial(text) {
		return completed, true
	}
	if _, _, isEpoch := dates.FromEpoch(text); isEpoch {
		return completed, true
	}
	switch yes, isFlag := flags[strings.ToLower(text)]; {
	case yes:
		return completed, true
	case isFlag:
		return statuses[0], true
	}
	number, isPercent := strings.CutSuffix(text, "%")
	share, err := strconv.ParseFloat(strings.TrimSpace(strings.Replace(number, ",", ".", 1)), 64)
	switch {
	case err != nil || share < 0 || share > 100:
		return "", false
	case share == 0:
		return statuses[0], true
	case share == 100, share == 1 && !isPercent:
		return completed, true
	}
	return statuses[1], true
}

var completed = statuses[2]

// flags are the usual words for yes and no in four languages, in lower case.
var flags = func() map[string]bool {
	all := map[string]bool{}
	for yes, words := range map[bool][]string{
		true: {"true", "yes", "y", "t", "x", "✓", "✔", "☑", "✅", "on", "checked", "ja", "j", "wahr", "oui", "o",
			"vrai", "si", "sí", "s", "verdadero"},
		false: {"false", "no", "n", "f", "☐", "❌", "off", "unchecked", "nein", "falsch", "non", "faux", "falso"},
	} {
		for _, w := range words {
			all[w] = yes
		}
	}
	return all
}()

// titleNames are further names of the title, the likeliest first. They may also be those of other
// things.
var titleNames = []string{"summary", "issuesummary", "cardname", "itemname", "item", "content", "zusammenfassung",
	"resume", "resumen", "todo", "name"}

// matchTitle makes a column of such a name feed the title, where no other does and another column
// names the contact or the like: so this one does not.
func (p *RowReader) matchTitle(named map[int]bool) {
	if p.Kind != Tasks || !p.isFree(atTitle) || p.unsure[fieldTitle] != nil || !slices.ContainsFunc(parentFields,
		func(f *fieldSpec) bool { return f.refers.kind != Companies && !p.isFree(position(Tasks, f.name)) }) {
		return
	}
	for _, key := range titleNames {
		for c, name := range p.Layout.Columns {
			if named[c] || len(name) > longestSynonym || headerKey(name) != key {
				continue
			}
			p.source[atTitle], named[c] = c, true
			p.notes = append(p.notes, file.Note{Text: "taken by name: " + p.feeds(c, fieldTitle),
				Remedy: file.Remedy{Code: RemedyOtherMapping}})
			return
		}
	}
}

// timeWords replace the word for a date in the name of a column by that for a time.
var timeWords = [][2]string{{"date", "time"}, {"datum", "zeit"}, {"datum", "uhrzeit"}, {"fecha", "hora"},
	{"date", "heure"}}

// matchTimes joins a date to the time of day in a column of its own: Due Date and Due Time.
func (p *RowReader) matchTimes(named map[int]bool) {
	for _, field := range dateFields[p.Kind] {
		i := position(p.Kind, field)
		of := p.source[i]
		if of < 0 || len(p.Layout.Columns[of]) > longestSynonym {
			continue
		}
		key := headerKey(p.Layout.Columns[of])
		keys := []string{key + "time", key + "zeit", key + "uhrzeit"}
		for _, w := range timeWords {
			if strings.Contains(key, w[0]) {
				keys = append(keys, strings.Replace(key, w[0], w[1], 1))
			}
		}
		times := []int{}
		for c, name := range p.Layout.Columns {
			if c != of && !named[c] && len(name) <= longestSynonym && slices.Contains(keys, headerKey(name)) {
				times = append(times, c)
			}
		}
		if len(times) != 1 {
			continue
		}
		p.source[i], p.composed[i], named[times[0]] = -1, []int{of, times[0]}, true
		p.notes = append(p.notes, file.Note{Text: fmt.Sprintf("%s and %s together feed %s", shown(p.Layout.Columns[of]),
			shown(p.Layout.Columns[times[0]]), field), Remedy: file.Remedy{Code: RemedyOtherParts, Field: field}})
	}
}

// dateAndTime joins the cells of a date and of a time of day. A date that has a time of its own
// keeps it, and a time without a date is nothing. A time that a spreadsheet has stored is one of
// the day before its calendar begins.
func (p *RowReader) dateAndTime(cells []string, columns []int) string {
	text, _ := p.joinedTime(cells, columns)
	return text
}

// sayUnusedTimes notes times of day in a column of their own that no date takes.
func (t *translator) sayUnusedTimes(cells []string) {
	for field, columns := range t.reader.composed {
		if fieldTable[t.reader.Kind][field].is != dateType || len(columns) != 2 {
			continue
		}
		if _, unused := t.reader.joinedTime(cells, columns); unused {
			t.changed(field, Unused)
		}
	}
}

// joinedTime returns a date with the time of day in the column beside it, and whether that time is
// left out: the date is missing, or it has a time already.
func (p *RowReader) joinedTime(cells []string, columns []int) (text string, unused bool) {
	var parts [2]string
	for i, c := range columns {
		if c < len(cells) {
			parts[i] = strings.TrimSpace(tidy(cells[c], p.Layout.KeepPlaceholders))
		}
	}
	day, clock := parts[0], parts[1]
	if strings.Contains(day, ":") && clock != "" && !strings.Contains(clock, ":") {
		day, clock = clock, day
	}
	if day == "" || clock == "" || strings.Contains(day, ":") {
		return day, clock != ""
	}
	if _, ofDay, found := strings.Cut(clock, "T"); found && strings.HasPrefix(clock, "1899-12-3") {
		clock = ofDay
	}
	return day + " " + clock, false
}

// isNamePart reports whether the name of a column is just that of a first or last name.
func (p *RowReader) isNamePart(column int) bool {
	given, family, _ := nameColumn(p.Layout.Columns[column])
	return given || family
}

// mentions reports whether the name of a column contains one of the keys, such as that of the
// owner's first name.
func mentions(column string, keys []string) bool {
	key := headerKey(column)
	return slices.ContainsFunc(keys, func(k string) bool { return len(k) > 6 && strings.Contains(key, k) })
}

// applyCompose applies the compose option of the client.
func (p *RowReader) applyCompose(named map[int]bool) error {
	for _, field := range sortedKeys(p.mapping.Compose) {
		i := slices.Index(fields[p.Kind], field)
		if i < 0 {
			return checkField("compose", p.Kind, field)
		}
		columns := []int{}
		for _, name := range p.mapping.Compose[field] {
			at := p.columnsNamed(name)
			switch {
			case len(at) > 1:
				return memberFault("compose", "column %s is in the file %d times; rename all but one", shown(name), len(at))
			case len(at) == 0 && p.Layout.Tabular():
				return memberFault("compose", "column %s is not in the file; its columns are %s", shown(name),
					shownList(p.Layout.Columns))
			}
			columns = append(columns, at...)
		}
		for _, c := range columns {
			named[c] = true
		}
		if len(columns) == 1 {
			p.source[i] = columns[0]
		} else if len(columns) > 1 {
			p.composed[i] = columns
		}
	}
	return nil
}

// compose joins cells with single spaces.
func (p *RowReader) compose(cells []string, columns []int) string {
	parts := make([]string, 0, len(columns))
	for _, c := range columns {
		if c >= len(cells) {
			continue
		}
		if cell := strings.TrimSpace(tidy(cells[c], p.Layout.KeepPlaceholders)); cell != "" {
			parts = append(parts, cell)
		}
	}
	return strings.Join(parts, " ")
}
