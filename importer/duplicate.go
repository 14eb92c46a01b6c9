package importer

import "fmt"

// SplitDuplicates parts the tasks that are new from those whose external_id the workspace has already (taken) or an earlier row of the batch has.
// Under DuplicateReject the latter become dead letters instead. Rows without an external_id are always new.
func (b *Batch) SplitDuplicates(taken map[string]bool, on OnDuplicate) (fresh, repeats []Draft) {
	seen := map[string]bool{}
	fresh = b.Tasks[:0:0]
	for i := range b.Tasks {
		d := b.Tasks[i]
		switch id := d.ExternalID; {
		case id == "" || !taken[id] && !seen[id]:
			seen[id] = true
			fresh = append(fresh, d)
		case on == DuplicateReject:
			b.Reject(d.Source, DuplicateFault(id))
		default:
			repeats = append(repeats, d)
		}
	}
	return fresh, repeats
}

// DuplicateFault refuses a row whose external_id is taken.
func DuplicateFault(externalID string) *Fault {
	return &Fault{Reason: Duplicate, Field: fieldExternalID,
		Message: fmt.Sprintf("external_id %s is taken already; remove the row, or import with on_duplicate=skip or update", shown(externalID))}
}
