package importer

import (
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"taskport/importer/file"
)

// UnknownValue is a value of a closed field without a known meaning, and the number of its rows.
type UnknownValue struct {
	Value string `json:"value"`
	Rows  int    `json:"rows"`
}

// decideWords lists the unknown words of a field, and says what to do about them.
func (p *RowReader) decideWords(field string, words *wordTally) file.Note {
	unknown := p.unknown(field, words.rows)
	of := p.columnOf(position(p.Kind, field))
	_, isCompletion := isCompletion(p.Layout.Columns[of])
	if len(unknown) == 0 && (words.more == 0 || field == fieldStatus && isCompletion) {
		return file.Note{}
	}
	if len(unknown) == 0 {
		return file.Note{Text: fmt.Sprintf("%s has values in %s that are too long or too many to list", field,
			counted(words.more, "row"))}
	}
	if p.Layout.Unknown == nil {
		p.Layout.Unknown = map[string][]UnknownValue{}
	}
	p.Layout.Unknown[field] = unknown
	return p.unknownNote(field, unknown, words.more > 0)
}

// ofUnknown returns the beginning of the note about the unknown words of a field.
func ofUnknown(field string) string { return field + " has unknown values such as " }

// unknownNote names the first of the unknown words of a field, at least one, and says what to do;
// more says that there are others.
func (p *RowReader) unknownNote(field string, unknown []UnknownValue, more bool) file.Note {
	const named = 5
	parts := make([]string, 0, named+1)
	for _, u := range unknown[:min(len(unknown), named)] {
		parts = append(parts, fmt.Sprintf("%s (%s)", shown(u.Value), counted(u.Rows, "row")))
	}
	if len(parts) < len(unknown) || more {
		parts = append(parts, "…")
	}
	remedy := file.Remedy{Code: RemedyValues, Field: field, Meaning: "USER"}
	if words := closed(p.Kind, field); words != nil {
		remedy.Meaning = words[0]
	}
	remedy.Value = unknown[0].Value
	return file.Note{Text: ofUnknown(field) + strings.Join(parts, ", "), Remedy: remedy}
}

// unknown returns the values of a closed field without a known meaning, the most frequent first.
func (p *RowReader) unknown(field string, rows rowCounts) []UnknownValue {
	var all []UnknownValue
	at := map[string]int{}
	for _, text := range slices.Sorted(maps.Keys(rows)) {
		meant, ok := p.meaning(field, text)
		if ok {
			continue
		}
		key := headerKey(meant)
		if i, seen := at[key]; seen && key != "" {
			all[i].Rows += *rows[text]
			continue
		}
		at[key] = len(all)
		all = append(all, UnknownValue{Value: shortened(strings.TrimSpace(text)), Rows: *rows[text]})
	}
	slices.SortStableFunc(all, func(a, b UnknownValue) int { return b.Rows - a.Rows })
	return all
}

// UnknownWords returns, by field, the unknown words of closed fields. before is the layout for
// which the file was surveyed: a field that is read from the same columns has the words of the
// whole file, any other those of the chunk.
func (p *RowReader) UnknownWords(before Layout, c file.Chunk) map[string][]UnknownValue {
	all, tallies := map[string][]UnknownValue{}, map[int]*wordTally{}
	for at, field := range fields[p.Kind] {
		switch {
		case closed(p.Kind, field) == nil || p.columnOf(at) < 0:
		case p.Layout.Preset == before.Preset && slices.Equal(p.Layout.Sources[field], before.Sources[field]):
			all[field] = p.stillUnknown(field, before.Unknown[field])
		default:
			tallies[at] = newWordTally(p.Kind)
		}
	}
	if len(tallies) > 0 {
		p.tally(c, tallies)
	}
	for at, words := range tallies {
		field := fields[p.Kind][at]
		all[field] = p.unknown(field, words.rows)
	}
	maps.DeleteFunc(all, func(_ string, words []UnknownValue) bool { return len(words) == 0 })
	return all
}

// tally counts the words of some fields, by position, in a chunk.
func (p *RowReader) tally(c file.Chunk, of map[int]*wordTally) {
	var values Values
	for rec := range file.Decode(p.Layout.Layout, c) {
		if p.defused {
			restoreAll(rec.Cells)
		}
		if p.problem(&rec) != "" {
			continue
		}
		values = p.values(rec.Cells, values)
		for at, words := range of {
			words.see([]byte(values[at]))
		}
	}
}

// Answered returns the layout after some unknown words were answered: with the words that are still
// unknown, and the notes about them.
func (p *RowReader) Answered(unknown map[string][]UnknownValue) Layout {
	l := p.Layout
	l.Unknown, l.Notes, l.Profile = map[string][]UnknownValue{}, slices.Clone(l.Notes), slices.Clone(l.Profile)
	for _, field := range append(slices.Clone(fields[p.Kind]), Assignee) {
		if closed(p.Kind, field) == nil && field != Assignee {
			continue
		}
		told := func(n file.Note) bool { return n.Remedy.Code == RemedyValues && n.Remedy.Field == field }
		l.Notes = slices.DeleteFunc(l.Notes, told)
		for i := range l.Profile {
			l.Profile[i].Problems = slices.DeleteFunc(slices.Clone(l.Profile[i].Problems), told)
		}
		left := p.stillUnknown(field, unknown[field])
		if len(left) == 0 {
			continue
		}
		l.Unknown[field] = left
		note := p.unknownNote(field, left, false)
		if field == Assignee {
			note.Text += p.mapping.ofUnknownAssignees()
		}
		l.Notes = append(l.Notes, note)
		for i := range l.Profile {
			if l.Profile[i].Feeds == field {
				l.Profile[i].Problems = append(l.Profile[i].Problems, note)
			}
		}
	}
	return l
}

// stillUnknown returns the words of a field that are still unknown.
func (p *RowReader) stillUnknown(field string, words []UnknownValue) []UnknownValue {
	if field == Assignee {
		meant := newAssignees(nil, Options{Mapping: p.mapping}).values
		return slices.DeleteFunc(slices.Clone(words), func(u UnknownValue) bool {
			_, ok := meant[UserKey(u.Value)]
			return ok
		})
	}
	return slices.DeleteFunc(slices.Clone(words), func(u UnknownValue) bool {
		_, ok := p.meaning(field, u.Value)
		return ok
	})
}

// Assignees are what the rows of a file say of their assignees, each once, with the number of its
// rows.
type Assignees struct {
	rows rowCounts // by the packed cells of the columns that may say it
	more int       // rows beyond maxAssignees

	columns []int
	reader  *RowReader
}

// maxAssignees bounds the assignees of a file that are looked at before its import, mostAsked those
// of them that are listed as unknown.
const (
	maxAssignees = 10_000
	mostAsked    = 1_000
)

// see counts the cells of a row.
func (a *Assignees) see(cells [][]byte) {
	var packed [256]byte
	key, last := packed[:0], 0
	for _, c := range a.columns {
		var cell []byte
		if c < len(cells) {
			cell = cells[c]
		}
		key = append(binary.AppendUvarint(key, uint64(len(cell))), cell...)
		if len(cell) > 0 {
			last = len(key)
		}
	}
	key = key[:last]
	switch {
	case len(key) == 0, a.rows.again(key):
	case len(a.rows) == maxAssignees || len(key) > len(assigneeFields)*maxShort:
		a.more++
	default:
		a.rows.first(key)
	}
}

// AssigneesOf returns the assignees of the rows of a chunk.
func (p *RowReader) AssigneesOf(c file.Chunk) *Assignees {
	a := &Assignees{rows: rowCounts{}, reader: p}
	for i := range p.Layout.Columns {
		a.columns = append(a.columns, i)
	}
	a.columns = slices.DeleteFunc(a.columns, func(c int) bool { return !p.feedsAssignee(c) })
	for rec := range file.Decode(p.Layout.Layout, c) {
		if p.defused {
			restoreAll(rec.Cells)
		}
		if p.problem(&rec) != "" {
			continue
		}
		cells := make([][]byte, len(rec.Cells))
		for i, cell := range rec.Cells {
			cells[i] = []byte(cell)
		}
		a.see(cells)
	}
	return a
}

// feedsAssignee reports whether a column feeds a field of the assignee.
func (p *RowReader) feedsAssignee(column int) bool {
	return slices.ContainsFunc(assigneeFields, func(f *fieldSpec) bool {
		return slices.Contains(p.Layout.Sources[f.name], column)
	})
}

// SameAssignees reports whether the assignees are read from the same columns as in another layout.
func (p *RowReader) SameAssignees(l Layout) bool {
	return p.Layout.Preset == l.Preset && !slices.ContainsFunc(assigneeFields, func(f *fieldSpec) bool {
		return !slices.Equal(p.Layout.Sources[f.name], l.Sources[f.name])
	})
}

// drafts yields what each of the assignees says, in a task without anything else, and the number of
// its rows.
func (a *Assignees) drafts() iter.Seq2[*Draft, int] {
	return func(yield func(*Draft, int) bool) {
		t := a.reader.translator()
		for _, key := range slices.Sorted(maps.Keys(a.rows)) {
			packed, err := UnpackCells([]byte(key))
			if err != nil { // a row was packed by see
				continue
			}
			cells := make([]string, len(a.reader.Layout.Columns))
			for i, cell := range packed {
				cells[a.columns[i]] = cell
			}
			values, d := t.mapped(cells, nil), &Draft{}
			if checkText(Tasks, values, false) != nil {
				continue
			}
			for _, f := range assigneeFields {
				*f.text(d) = strings.TrimSpace(values[position(Tasks, f.name)])
			}
			if d.saysAssignee() && !yield(d, *a.rows[key]) {
				return
			}
		}
	}
}

// AssigneeReference is what some rows say of their assignee, by field, as a reference of the API.
// Value is what a person is shown of it.
type AssigneeReference struct {
	UnknownValue
	Fields map[string]string
}

// References returns the assignees as references, the most frequent first.
func (a *Assignees) References() []AssigneeReference {
	var all []AssigneeReference
	for d, n := range a.drafts() {
		r := AssigneeReference{UnknownValue: UnknownValue{labelOf(d.assigneeEvidence()).text, n}, Fields: map[string]string{}}
		for _, f := range assigneeFields {
			if text := *f.text(d); text != "" {
				r.Fields[f.name] = text
			}
		}
		all = append(all, r)
	}
	slices.SortStableFunc(all, func(a, b AssigneeReference) int { return b.Rows - a.Rows })
	return all
}

// DecideAssignees lists the assignees of a file who are not users of the workspace, and says what
// happens to them. holders looks up keys. It refuses options that name nobody; the error is a
// *Fault then, else that of holders.
func (l *Layout) DecideAssignees(ctx context.Context, users *Snapshot, holders HoldersOf, m Mapping) error {
	if users.Users == nil {
		l.noteNoUsers()
		return nil
	}
	var says []*Draft
	var rows []int
	if l.Assignees != nil {
		for d, n := range l.Assignees.drafts() {
			says, rows = append(says, d), append(rows, n)
		}
	}
	o := Options{Mapping: m}
	if l.Assignees != nil {
		o.OnSeveral = l.Assignees.reader.OnSeveral
	}
	k, err := linkerOfUsers(ctx, users, holders, o, says)
	if err != nil {
		return err
	}
	if _, fault := k.meantUsers(m); fault != nil {
		return fault
	}
	at, unknown := map[string]int{}, []UnknownValue(nil)
	for i, d := range says {
		label, asked := k.unknownAssigneeOf(d)
		if !asked {
			continue
		}
		key := UserKey(label)
		if n, ok := at[key]; ok {
			unknown[n].Rows += rows[i]
			continue
		}
		at[key] = len(unknown)
		unknown = append(unknown, UnknownValue{Value: label, Rows: rows[i]})
	}
	l.addUnknownAssignees(unknown, m)
	return k.interrupted
}

// HoldersOf looks up the records that have keys.
type HoldersOf func(context.Context, Keys) (Holders, error)

// MeantUsers returns whom a mapping means by what a file may say of an assignee; the nil id for
// nobody. The error is a *Fault where it means no user, else that of holders.
func MeantUsers(ctx context.Context, users *Snapshot, holders HoldersOf, m Mapping) (map[string]uuid.UUID, error) {
	k, err := linkerOfUsers(ctx, users, holders, Options{Mapping: m}, nil)
	if err != nil {
		return nil, err
	}
	all, fault := k.meantUsers(m)
	if fault != nil {
		return nil, fault
	}
	return all, k.interrupted
}

// linkerOfUsers returns a linker for assignees, with what it needs for those of the options and of
// some tasks.
func linkerOfUsers(ctx context.Context, users *Snapshot, holders HoldersOf, o Options, says []*Draft) (*linker, error) {
	k := &linker{ctx: ctx, options: o}
	k.assignees = newAssignees(users, k.options)
	keys := keyCollector{Keys: Keys{ExternalIDs: map[Kind][]string{}}, seen: map[Kind]map[string]bool{}}
	for _, d := range says {
		k.addUserKeys(&keys, k.assignees.evidence(d))
	}
	k.addUserKeys(&keys, evidenceOfUser(o.DefaultAssignee))
	for _, meant := range o.Values[Assignee] {
		k.addUserKeys(&keys, evidenceOfUser(meant))
	}
	if k.interrupted != nil {
		return nil, k.interrupted
	}
	var err error
	k.holders, err = holders(ctx, keys.Keys)
	return k, err
}

// unknownAssigneeOf returns what a person is asked about the assignee of a row, unless that is
// certain, or the row contradicts itself.
func (l *linker) unknownAssigneeOf(d *Draft) (label string, asked bool) {
	evidence := l.assignees.evidence(d)
	if len(evidence) == 0 {
		return "", false
	}
	a := l.assignment(d, evidence)
	return labelOf(evidence).text, a.unknown || a.fault != nil && !slices.ContainsFunc(evidence, func(g given) bool {
		return g.by != byName && len(l.usersWith(g)) > 0
	})
}

// meantUsers returns whom the mapping means by what a file may say; the nil id for nobody. It
// refuses what means no user.
func (l *linker) meantUsers(m Mapping) (map[string]uuid.UUID, *Fault) {
	if m.DefaultAssignee != "" {
		if a := l.assignment(&Draft{}, evidenceOfUser(m.DefaultAssignee)); a.fault != nil {
			return nil, optionOf("default_assignee", a.fault)
		}
	}
	all := map[string]uuid.UUID{}
	for _, text := range sortedKeys(m.Values[Assignee]) {
		all[text] = uuid.Nil
		if evidence := evidenceOfUser(m.Values[Assignee][text]); len(evidence) > 0 {
			a := l.assignment(&Draft{}, evidence)
			if a.fault != nil {
				return nil, optionOf("values", a.fault)
			}
			all[text] = a.user
		}
	}
	return all, nil
}

// optionOf returns the fault of a user whom an option names.
func optionOf(option string, f *Fault) *Fault {
	return &Fault{Reason: InvalidValue, Field: option, Option: option, Message: f.Message, Candidates: f.Candidates}
}

// addUnknownAssignees adds the unknown assignees to the layout, the most frequent first.
func (l *Layout) addUnknownAssignees(unknown []UnknownValue, m Mapping) {
	more := l.Assignees != nil && l.Assignees.more > 0 || len(unknown) > mostAsked
	if len(unknown) == 0 {
		return
	}
	slices.SortStableFunc(unknown, func(a, b UnknownValue) int { return b.Rows - a.Rows })
	unknown = unknown[:min(len(unknown), mostAsked)]
	if l.Unknown == nil {
		l.Unknown = map[string][]UnknownValue{}
	}
	l.Unknown[Assignee] = unknown
	note := (&RowReader{Kind: Tasks}).unknownNote(Assignee, unknown, more)
	note.Text += m.ofUnknownAssignees()
	l.Notes = append(slices.Clone(l.Notes), note)
}

// ofUnknownAssignees returns what happens to tasks of unknown assignees; empty where they are
// rejected.
func (r Mapping) ofUnknownAssignees() string {
	switch r.onUnknown() {
	case UnknownUnassigned:
		return "; their tasks stay unassigned"
	case UnknownDefault:
		return "; their tasks go to " + shown(r.DefaultAssignee)
	case UnknownReject:
	}
	return ""
}

// noteNoUsers reports which columns are not imported because the workspace has no users.
func (l *Layout) noteNoUsers() {
	var lost []string
	l.NotImported = slices.Clone(l.NotImported)
	for _, c := range l.Profile {
		f := specOf(Tasks, c.Feeds)
		if f == nil || f.refers.kind != Users || f.refers.by == byID || c.Filled == 0 {
			continue
		}
		lost = append(lost, fmt.Sprintf("%s (filled in %.0f %% of the rows)", shown(c.Name), max(1, 100*c.Filled)))
		l.NotImported = append(l.NotImported, LeftColumn{Name: c.Name, Filled: c.Filled, OfUsers: true})
	}
	if lost != nil {
		l.Notes = append(slices.Clone(l.Notes), file.Note{Remedy: file.Remedy{Code: RemedyUsers},
			Text: "not imported, because the workspace has no users: " + strings.Join(lost, ", ")})
	}
}

// yesAndNo are the usual words for a field that is true or false.
var yesAndNo = map[string][]string{
	"true": {"True", "Yes", "Y", "1", "Active", "Enabled", "On", "Ja", "Wahr", "Aktiv", "Aktiviert", "Oui", "Vrai",
		"Actif", "Active", "Activé", "Activée", "Sí", "Verdadero", "Activo", "Activa", "Habilitado"},
	"false": {"False", "No", "N", "0", "Inactive", "Disabled", "Off", "Deactivated", "Suspended", "Deleted", "Nein",
		"Falsch", "Inaktiv", "Deaktiviert", "Gesperrt", "Non", "Faux", "Inactif", "Désactivé", "Désactivée", "Falso",
		"Inactivo", "Inactiva", "Deshabilitado", "Desactivado", "Terminated"},
}

// usualWords are the usual words for status and priority in English, German, French and Spanish,
// whatever program wrote the file. Ambiguous words are left out.
var usualWords = func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for field, of := range map[string]map[string][]string{
		fieldStatus: {
			"open": {"Open", "Not started", "To do", "Todo", "Offen", "Nicht begonnen", "Nicht gestartet", "Zu erledigen",
				"Ouvert", "Ouverte", "À faire", "Non commencé", "Non commencée", "Non démarré", "Non démarrée",
				"Abierto", "Abierta", "Pendiente", "Por hacer", "Sin empezar", "No iniciado", "No iniciada"},
			"in_progress": {"In progress", "Started", "Work in progress", "In Bearbeitung", "In Arbeit", "Begonnen",
				"Angefangen", "En cours", "Commencé", "Commencée", "Démarré", "Démarrée",
				"En curso", "En progreso", "En proceso", "Iniciado", "Iniciada", "Empezado", "Empezada"},
			"completed": {"Completed", "Complete", "Done", "Finished", "Erledigt", "Abgeschlossen", "Fertig", "Terminé",
				"Terminée", "Achevé", "Achevée", "Fait", "Faite",
				"Completado", "Completada", "Terminado", "Terminada", "Hecho", "Hecha", "Finalizado", "Finalizada"},
		},
		fieldPriority: {
			"high": {"High", "Highest", "Urgent", "Hoch", "Sehr hoch", "Dringend", "Haute", "Haut", "Élevée", "Élevé",
				"Urgente", "Alta", "Alto", "Muy alta"},
			"medium": {"Medium", "Normal", "Mittel", "Moyenne", "Moyen", "Normale", "Media", "Medio"},
			"low":    {"Low", "Lowest", "Niedrig", "Gering", "Basse", "Bas", "Faible", "Baja", "Bajo"},
			"":       {"None", "Keine", "Aucune", "Ninguna"},
		},
		fieldActive:   yesAndNo,
		fieldDisabled: yesAndNo,
	} {
		all[field] = map[string]string{}
		for meant, words := range of {
			for _, w := range words {
				all[field][headerKey(w)] = meant
			}
		}
	}
	return all
}()
