package intake

import (
	"encoding/json"
	"net/http"

	"github.com/google/uuid"

	"taskport/importer"
)

// Bounds of a request to resolve references.
const (
	maxReferences  = 1000
	maxResolveBody = 4 << 20
)

// referenceJSON is what the references of one task are resolved to, or why they are not.
type referenceJSON struct {
	ContactID  *uuid.UUID `json:"contact_id"`
	CompanyID  *uuid.UUID `json:"company_id"`
	DealID     *uuid.UUID `json:"deal_id"`
	EventID    *uuid.UUID `json:"event_id"`
	AssignedTo *string    `json:"assigned_to_user_id"`
	Error      *apiError  `json:"error,omitempty"`
}

// resolve answers POST /v1/resolve: what POST /v1/tasks would link, without creating anything.
func (s *server) resolve(r *request) (*answer, error) {
	if err := mediaType(r, "application/json"); err != nil {
		return nil, err
	}
	options, err := queryOptions(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if err := options.Check(importer.Tasks); err != nil {
		return nil, err
	}
	var in struct {
		References []map[string]json.RawMessage `json:"references"`
	}
	if err := s.readObject(r, maxResolveBody, &in, "references"); err != nil {
		return nil, err
	}
	if n := len(in.References); n == 0 || n > maxReferences {
		return nil, newError("validation_error", "references must be an array of 1 to %d objects, and has %d; send them "+
			"in parts", maxReferences, n).of("references")
	}
	batch := importer.ReadReferences(in.References, s.now())
	version, err := s.Store.DirectoryVersion(r.Context(), r.key.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if err := batch.Resolve(r.Context(), s.Store.ResolverAt(r.key.WorkspaceID, version, false), options); err != nil {
		return nil, err
	}
	shown := make([]referenceJSON, len(in.References))
	for i := range batch.Tasks {
		d := &batch.Tasks[i]
		shown[d.Row-1] = referenceJSON{ContactID: orNull(d.ContactID), CompanyID: orNull(d.CompanyID),
			DealID: orNull(d.DealID), EventID: orNull(d.EventID), AssignedTo: orNull(d.AssigneeID)}
	}
	for i := range batch.Dead {
		shown[batch.Dead[i].Row-1].Error = faultError(&batch.Dead[i].Fault)
	}
	return data(http.StatusOK, shown), nil
}
