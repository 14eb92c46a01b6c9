package intake

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/store"
)

// Bounds of a saved mapping, in bytes.
const (
	maxMappingBody = 1 << 20
	maxMappingName = 100
)

// mappingJSON is a saved mapping in the API.
type mappingJSON struct {
	Name string `json:"name"`
	importer.SavedMapping
	Header    string    `json:"header,omitempty"` // of a remembered mapping
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func showMapping(m store.Mapping) mappingJSON {
	return mappingJSON{Name: m.Name, SavedMapping: importer.SavedMapping{Kind: m.Kind, Mapping: m.Mapping},
		Header: m.Header, CreatedAt: m.CreatedAt, UpdatedAt: m.UpdatedAt}
}

func mappingPath(name string) string { return "/v1/import/mappings/" + url.PathEscape(name) }

// saveMapping answers PUT /v1/import/mappings/{name}.
func (s *server) saveMapping(r *request) (*answer, error) {
	if err := mediaType(r, "application/json"); err != nil {
		return nil, err
	}
	name, err := mappingName(r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	unpacked, err := s.unpacked(r, maxMappingBody)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, bodyError(r, err)
	}
	saved, err := importer.ReadSavedMapping(body, importer.Tasks)
	if err != nil {
		return nil, err
	}
	m, made, err := s.Store.SaveMapping(r.Context(), store.Mapping{WorkspaceID: r.key.WorkspaceID, Name: name,
		Kind: saved.Kind, Mapping: saved.Mapping}, s.now())
	if errors.Is(err, store.ErrTooMany) {
		return nil, newError("conflict", "a workspace has at most %d mappings; delete one that is not needed any more",
			store.MaxMappings)
	}
	if err != nil {
		return nil, err
	}
	status := http.StatusOK
	if made {
		status = http.StatusCreated
	}
	return data(status, showMapping(m)).with("Location", mappingPath(m.Name)), nil
}

// mappingName returns the name, or an error if a person could not distinguish or type it.
func mappingName(name string) (string, error) {
	if name == "" || len(name) > maxMappingName || importer.CheckShort("name", name) != nil ||
		strings.TrimSpace(name) != name || strings.ContainsFunc(name, unicode.IsControl) {
		return "", newError("validation_error",
			"the name of a mapping must be text of 1 to %d bytes without spaces around it", maxMappingName).of("name")
	}
	return name, nil
}

// listMappings answers GET /v1/import/mappings.
func (s *server) listMappings(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	all, err := s.Store.Mappings(r.Context(), r.key.WorkspaceID, r.URL.Query().Get("header"), page)
	if err != nil {
		return nil, err
	}
	return list(r, page, all, showMapping), nil
}

// readMapping answers GET /v1/import/mappings/{name}.
func (s *server) readMapping(r *request) (*answer, error) {
	name, err := mappingName(r.PathValue("name"))
	if err != nil {
		return nil, errNotFound("mapping")
	}
	m, err := s.Store.Mapping(r.Context(), r.key.WorkspaceID, name)
	if err != nil {
		return nil, absent(err, "mapping")
	}
	return data(http.StatusOK, showMapping(m)), nil
}

// deleteMapping answers DELETE /v1/import/mappings/{name}.
func (s *server) deleteMapping(r *request) (*answer, error) {
	name, err := mappingName(r.PathValue("name"))
	if err != nil {
		return nil, errNotFound("mapping")
	}
	if err := absent(s.Store.DeleteMapping(r.Context(), r.key.WorkspaceID, name), "mapping"); err != nil {
		return nil, err
	}
	return &answer{status: http.StatusNoContent, header: map[string]string{}}, nil
}

// withMapping merges the options of the request over its saved mapping.
func (s *server) withMapping(ctx context.Context, r *request, u *upload) error {
	if u.mappingName == "" {
		return nil
	}
	name, err := mappingName(u.mappingName)
	if err != nil {
		return newError("validation_error", "%v", err).of("mapping_name")
	}
	m, err := s.Store.Mapping(ctx, r.key.WorkspaceID, name)
	if errors.Is(err, store.ErrNotFound) {
		return newError("validation_error", "mapping_name: the workspace has no mapping of this name; save it with PUT "+
			"/v1/import/mappings/{name}").of("mapping_name")
	}
	if err != nil {
		return err
	}
	if m.Kind != u.kind {
		return newError("validation_error", "mapping_name: that mapping is for %s, and these are %s", m.Kind,
			u.kind).of("mapping_name")
	}
	u.options.Mapping = u.options.Over(m.Mapping)
	return nil
}

// recall merges the options of the request over the mapping that is remembered for the header,
// unless the request says itself what the columns feed.
func (s *server) recall(ctx context.Context, workspace uuid.UUID, l file.Layout, u *upload) error {
	if u.mappingName != "" || u.loose || u.options.SaysColumns() {
		return nil
	}
	m, err := s.Store.RememberedMapping(ctx, workspace, u.kind, importer.HeaderKey(l))
	if err != nil || m == nil {
		return err
	}
	u.options.Mapping = u.options.Over(m.Mapping)
	u.remembered = &importer.Remembered{Name: m.Name, At: m.UpdatedAt}
	return nil
}
