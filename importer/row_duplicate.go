package importer

import (
	"fmt"

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
