package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
	if p.Layout.Unknown == nil {
		p.Layout.Unknown = map[string][]UnknownValue{}
	}
	p.Layout.Unknown[field] = unknown
	return p.unknownNote(field, unknown, words.more > 0)
}

// ofUnknown returns the beginning of the note about the unknown words of a field.
func ofUnknown(field string) string { return field + " has unknown values such as " }

// unknownNote names the first of the unknown words of a field, and says what to do; more says that
// there are others.
func (p *RowReader) unknownNote(field string, unknown []UnknownValue, more bool) file.Note {
	const named = 5
	parts := make([]string, 0, named+1)
	for _, u := range unknown[:min(len(unknown), named)] {
		parts = append(parts, fmt.Sprintf("%s (%s)", shown(u.Value), counted(u.Rows, "row")))
	}
	if len(parts) < len(unknown) || more {
		parts = append(parts, "…")
	}
	remedy := file.Remedy{Code: RemedyValues, Field: field, Meaning: closed(p.Kind, field)[0]}
	if len(unknown) > 0 {
		remedy.Value = unknown[0].Value
	}
	return file.Note{Text: ofUnknown(field) + strings.Join(parts, ", "), Remedy: remedy}
}

// unknown returns the values of a closed field without a known meaning, the most frequent first.
func (p *RowReader) unknown(field string, rows map[string]int) []UnknownValue {
	var all []UnknownValue
	at := map[string]int{}
	for _, text := range slices.Sorted(maps.Keys(rows)) {
		meant, ok := p.meaning(field, text)
		if ok {
			continue
		}
		key := headerKey(meant)
		if i, seen := at[key]; seen && key != "" {
			all[i].Rows += rows[text]
			continue
		}
		at[key] = len(all)
		all = append(all, UnknownValue{Value: shortened(strings.TrimSpace(text)), Rows: rows[text]})
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
			tallies[at] = &wordTally{rows: map[string]int{}}
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
	for _, field := range fields[p.Kind] {
		if closed(p.Kind, field) == nil {
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
	return slices.DeleteFunc(slices.Clone(words), func(u UnknownValue) bool {
		_, ok := p.meaning(field, u.Value)
		return ok
	})
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
