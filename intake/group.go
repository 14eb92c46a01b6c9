package intake

import (
	"taskport/importer"
)

// groupJSON are dead letters for which one decision may do.
type groupJSON struct {
	Reason         importer.Reason `json:"reason"`
	Field          string          `json:"field"`
	Name           string          `json:"name"`
	Company        string          `json:"company"`
	Count          int             `json:"count"`
	PendingCount   int             `json:"pending_count"`
	FirstRowNumber int             `json:"first_row_number"`
}

// rejectGroups answers GET /v1/import/jobs/{id}/rejects/groups.
func (s *server) rejectGroups(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	groups, total, err := s.Store.DeadLetterGroupPage(r.Context(), i.WorkspaceID, i.ID, page)
	if err != nil {
		return nil, err
	}
	shown := make([]groupJSON, len(groups))
	for n, g := range groups {
		shown[n] = groupJSON{g.Reason, g.Field, g.Name, g.Company, g.Count, g.Pending, g.FirstRow}
	}
	return list(shown, page, total), nil
}
