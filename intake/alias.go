package intake

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

const maxAliasBody = 16 << 10

// aliasJSON is an alias in the API: a name with its contact, company, deal, event or user. An alias
// of an assignee without a user leaves tasks unassigned.
type aliasJSON struct {
	ID         uuid.UUID  `json:"id"`
	Field      string     `json:"field"` // of the name
	Name       string     `json:"name"`
	ContactID  *uuid.UUID `json:"contact_id"`
	CompanyID  *uuid.UUID `json:"company_id"`
	DealID     *uuid.UUID `json:"deal_id,omitempty"`
	EventID    *uuid.UUID `json:"event_id,omitempty"`
	UserID     *uuid.UUID `json:"user_id"`
	RecordName string     `json:"record_name"`
	CreatedAt  time.Time  `json:"created_at"`
}

func showAlias(a store.Alias) aliasJSON {
	shown := aliasJSON{ID: a.ID, Name: a.Name, RecordName: a.RecordName, CreatedAt: a.CreatedAt}
	switch a.Kind {
	case importer.Companies:
		shown.Field, shown.CompanyID = "company_name", &a.RecordID
	case importer.Deals:
		shown.Field, shown.DealID = "deal_name", &a.RecordID
	case importer.Events:
		shown.Field, shown.EventID = "event_name", &a.RecordID
	case importer.Users:
		shown.Field, shown.UserID = "assignee_name", orNull(a.RecordID)
	default:
		shown.Field, shown.ContactID = "contact_name", &a.RecordID
	}
	return shown
}

// listAliases answers GET /v1/aliases.
func (s *server) listAliases(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	aliases, err := s.Store.AliasPage(r.Context(), r.key.WorkspaceID, r.URL.Query().Get("search"), page)
	if err != nil {
		return nil, err
	}
	return list(r, page, aliases, showAlias), nil
}

// aliasBody is the body of POST /v1/aliases.
type aliasBody struct {
	Name      string `json:"name"`
	ContactID string `json:"contact_id"`
	CompanyID string `json:"company_id"`
	DealID    string `json:"deal_id"`
	EventID   string `json:"event_id"`
	UserID    string `json:"user_id"`
}

// record returns the record of the name and the field that holds its id. ok is false unless exactly
// one field holds a UUID.
func (in aliasBody) record() (kind importer.Kind, id uuid.UUID, field string, ok bool) {
	for _, of := range in.records() {
		if of.id != "" {
			id, ok = importer.ParseID(of.id)
			return of.kind, id, of.field, ok
		}
	}
	return "", uuid.Nil, "", false
}

type aliasRecord struct {
	kind      importer.Kind
	field, id string
}

func (in aliasBody) records() []aliasRecord {
	return []aliasRecord{{importer.Contacts, "contact_id", in.ContactID}, {importer.Companies, "company_id", in.CompanyID},
		{importer.Deals, "deal_id", in.DealID}, {importer.Events, "event_id", in.EventID},
		{importer.Users, "user_id", in.UserID}}
}

// keepAlias answers POST /v1/aliases.
func (s *server) keepAlias(r *request) (*answer, error) {
	in, err := s.readAlias(r)
	if err != nil {
		return nil, err
	}
	kind, record, field, ok := in.record()
	var a store.Alias
	err = store.ErrNotFound
	if ok {
		a, err = s.Store.KeepAlias(r.Context(), r.key.WorkspaceID, kind, in.Name, record, actorOf(r), r.idem)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, newError("validation_error", "%s must be the UUID of a record of this workspace", field).of(field)
	}
	if err != nil {
		return nil, err
	}
	return aliasKept(a), nil
}

func (s *server) readAlias(r *request) (in aliasBody, err error) {
	if err := mediaType(r, "application/json"); err != nil {
		return in, err
	}
	if err := s.readObject(r, maxAliasBody, &in,
		"name, and contact_id, company_id, deal_id, event_id or user_id"); err != nil {
		return in, err
	}
	records := slices.DeleteFunc(in.records(), func(of aliasRecord) bool { return of.id == "" })
	if len(records) != 1 {
		return in, newError("validation_error",
			"send the contact_id, company_id, deal_id, event_id or user_id of the name, one of them").of("contact_id")
	}
	return in, nil
}

func aliasKept(a store.Alias) *answer { return data(http.StatusCreated, showAlias(a)) }

// removeAlias answers DELETE /v1/aliases/{id}.
func (s *server) removeAlias(r *request) (*answer, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return nil, errNotFound("alias")
	}
	if err := s.Store.RemoveAlias(r.Context(), r.key.WorkspaceID, id, actorOf(r)); err != nil {
		return nil, absent(err, "alias")
	}
	return &answer{status: http.StatusNoContent, header: map[string]string{}}, nil
}
