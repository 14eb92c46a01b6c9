package importer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer/file"
)

// splitRepeats moves the tasks whose external_id exists in the workspace (taken) or in an earlier
// row of the batch to Repeats. Under DuplicateReject they become dead letters. The same holds for
// rows of a report whose origin is a task already; an origin that repeats in the file is always a
// dead letter.
func (b *Batch) splitRepeats(taken map[string]bool, on OnDuplicate) {
	seen := make(map[string]struct{}, len(b.Tasks))
	kept := 0
	for i := range b.Tasks {
		d := &b.Tasks[i]
		id, origin := d.ExternalID, d.Origin.key()
		_, repeated := seen[id]
		_, twice := seen[origin]
		switch {
		case origin != "" && (twice || taken[d.Origin.hereKey()]):
			b.Reject(d.Source, repeatedOrigin(d.Origin))
		case (id == "" || !repeated && !taken[id]) && (origin == "" || !taken[origin]):
			if id != "" {
				seen[id] = struct{}{}
			}
			if origin != "" {
				seen[origin] = struct{}{}
			}
			if kept < i {
				b.Tasks[kept] = *d
			}
			kept++
		case on == DuplicateReject && origin != "" && taken[origin]:
			b.Reject(d.Source, &Fault{Reason: Duplicate, Field: originColumn, Message: "row " + d.Origin.String() +
				" is a task already; remove it from the report"})
		case on == DuplicateReject:
			b.Reject(d.Source, DuplicateFault(id))
		default:
			b.Repeats = append(b.Repeats, *d)
		}
	}
	b.Tasks = b.Tasks[:kept]
}

// SkippedRow is a row that was skipped, with what it repeats.
type SkippedRow struct {
	Row        int      `json:"row_number"`
	ExternalID string   `json:"external_id,omitempty"` // that exists already
	Repeats    Repeated `json:"repeats"`
	// Differs has in what the row differs from what it repeats: title, reference.
	Differs []string `json:"differs,omitempty"`
}

// Repeated is the task or record that a row repeats, and the row that it came from, as far as they
// are known.
type Repeated struct {
	ID     *uuid.UUID `json:"id,omitempty"`
	Import *uuid.UUID `json:"job_id,omitempty"` // none for a row of the same file in a check
	Row    int        `json:"row_number,omitempty"`
}

// String returns what the row repeats.
func (r SkippedRow) String() string {
	text := "repeats what exists already"
	if r.ExternalID != "" {
		text = "external_id " + shown(r.ExternalID) + " exists already"
	}
	if r.Repeats.Row > 0 {
		text += fmt.Sprintf(", from row %d", r.Repeats.Row)
		if r.Repeats.Import != nil {
			text += " of import " + r.Repeats.Import.String()
		}
	}
	if r.Repeats.ID != nil {
		text += ": " + r.Repeats.ID.String()
	}
	if len(r.Differs) > 0 {
		text += "; another " + strings.Join(r.Differs, " and ")
	}
	return text
}

// Look is what a skipped row is compared with: the title of a task, and the records it belongs to.
type Look struct {
	Row   int
	Title string
	Links [4]uuid.UUID
}

// Look returns the look of a resolved task.
func (t *Task) Look(row int) Look {
	return Look{row, t.Title, [...]uuid.UUID{t.ContactID, t.CompanyID, t.DealID, t.EventID}}
}

// Differs returns in what a skipped row differs from what it repeats. What the row does not have
// makes no difference.
func (l Look) Differs(from Look) []string {
	var in []string
	if l.Title != "" && squeeze(l.Title) != squeeze(from.Title) {
		in = append(in, fieldTitle)
	}
	for i, id := range l.Links {
		if id != uuid.Nil && id != from.Links[i] {
			return append(in, "reference")
		}
	}
	return in
}

// DifferentRows counts the skipped rows that differ from what they repeat, with the first of them.
type DifferentRows ChangedRows

// Add adds a row.
func (d *DifferentRows) Add(row int) {
	if d.Count++; len(d.First) < maxChangedRows {
		d.First = append(d.First, row)
	}
}

// Note describes the rows; ok is false without any.
func (d *DifferentRows) Note() (note file.Note, ok bool) {
	first := make([]string, 0, len(d.First)+1)
	for _, row := range d.First {
		first = append(first, strconv.Itoa(row))
	}
	if d.Count > len(first) {
		first = append(first, "…")
	}
	return file.Note{Text: counted(d.Count, "skipped row") + " with another title, name or reference than what exists (" +
		strings.Join(first, ", ") + ")"}, d.Count > 0
}

// ExternalIDs returns the external_ids of the batch's tasks.
func (b *Batch) ExternalIDs() []string {
	var ids []string
	for i := range b.Tasks {
		if id := b.Tasks[i].ExternalID; id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

// DuplicateFault returns the fault of a row whose external_id already exists.
func DuplicateFault(externalID string) *Fault {
	return &Fault{Reason: Duplicate, Field: fieldExternalID, Subject: externalID,
		Remedy:  file.Remedy{Code: RemedyDuplicate},
		Message: fmt.Sprintf("external_id %s is taken already", shown(externalID))}
}
