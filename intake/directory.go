package intake

import (
	"bytes"
	"encoding/json"
	"net/http"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/internal/web"
	"taskport/store"
)

// directoryPath returns the path at which the records of a kind are.
func directoryPath(kind importer.Kind) string { return "/v1/" + string(kind) }

// directoryRoutes lists the routes to the records of each kind.
func (s *server) directoryRoutes() []route {
	var all []route
	for _, kind := range store.DirectoryKinds() {
		path, of := directoryPath(kind), directory{s, kind}
		remove, _ := store.WritePermission(kind)
		all = append(all, route{"GET", path, web.OfDirectory, of.list, jsonOnly},
			route{"DELETE", path, remove, of.remove, jsonOnly},
			route{"GET", path + "/{id}", web.OfDirectory, of.read, jsonOnly},
			route{"DELETE", path + "/{id}", remove, of.remove, jsonOnly})
	}
	return all
}

// directory answers for the records of a kind.
type directory struct {
	*server
	kind importer.Kind
}

// record is what one of the records is called.
func (d directory) record() string {
	if d.kind == importer.Companies {
		return "company"
	}
	return string(d.kind[:len(d.kind)-1])
}

// recordJSON is a record in the API: its id, its fields in the order of the table, and its state.
type recordJSON struct{ store.DirectoryRecord }

// MarshalJSON implements json.Marshaler; an absent field is null.
func (r recordJSON) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	b.WriteString(`{"id":"` + r.ID.String() + `"`)
	created := store.RecordField{Name: "created_at", Value: new(r.CreatedAt.Format(time.RFC3339Nano))}
	for _, f := range append(r.Fields, created) {
		b.WriteString(`,"` + f.Name + `":`)
		if err := enc.Encode(f.Value); err != nil {
			return nil, err
		}
	}
	b.WriteString(`,"active":`)
	err := enc.Encode(r.Active)
	b.WriteByte('}')
	return b.Bytes(), err
}

// list answers GET /v1/contacts and its like.
func (d directory) list(r *request) (*answer, error) {
	q := r.URL.Query()
	page, err := readPage(q)
	if err != nil {
		return nil, err
	}
	page.Total = page.Total && q.Has("total") // a directory may be too large to count for every page
	filter := store.DirectoryFilter{Search: q.Get("search"), ExternalID: q.Get("external_id")}
	if q.Has("external_id") && filter.ExternalID == "" {
		return nil, errEmptyExternalID("leave it out to list all records")
	}
	if q.Get("active") != "" {
		active, err := boolean(q, "active", true)
		if err != nil {
			return nil, err
		}
		filter.Active = &active
	}
	found, err := d.Store.Directory(r.Context(), r.key.WorkspaceID, d.kind, filter, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, found, func(record store.DirectoryRecord) recordJSON { return recordJSON{record} }), nil
}

// read answers GET /v1/contacts/{id} and its like.
func (d directory) read(r *request) (*answer, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return nil, errNotFound(d.record())
	}
	record, err := d.Store.DirectoryRecord(r.Context(), r.key.WorkspaceID, d.kind, id)
	if err != nil {
		return nil, absent(err, d.record())
	}
	return data(http.StatusOK, recordJSON{record}), nil
}

// remove answers DELETE /v1/contacts/{id} and DELETE /v1/contacts?external_id= and their like.
func (d directory) remove(r *request) (*answer, error) {
	id, external := uuid.Nil, r.URL.Query().Get("external_id")
	if text := r.PathValue("id"); text != "" {
		var ok bool
		if id, ok = importer.ParseID(text); !ok {
			return nil, errNotFound(d.record())
		}
	} else if external == "" {
		return nil, errEmptyExternalID("give that of the record to delete, or its id in the path")
	}
	err := d.Store.DeleteRecord(r.Context(), r.key.WorkspaceID, d.kind, id, external, actorOf(r))
	if err != nil {
		return nil, absent(err, d.record())
	}
	return &answer{status: http.StatusNoContent, header: map[string]string{}}, nil
}

func errEmptyExternalID(instead string) error {
	return newError("validation_error", "external_id is empty; %s", instead).of("external_id")
}
