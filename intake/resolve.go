package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"taskport/importer"
)

const maxReferences = 1000

// resolveBody is the body of POST /v1/resolve.
type resolveBody struct {
	References []json.RawMessage `json:"references"`
}

// verdictJSON is what a task with the references would be linked to, or refused for.
type verdictJSON struct {
	Verdict string             `json:"verdict"`         // linked, or the code of the error
	Links   map[string]*string `json:"links,omitempty"` // by the field of a task
	Rules   map[string]string  `json:"rules,omitempty"` // of the links that are there
	Error   *apiError          `json:"error,omitempty"`
}

// resolve answers POST /v1/resolve: the pipeline of a row as far as its links, for each reference.
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
	var in resolveBody
	if err := s.readObject(r, maxTaskBody, &in, "references"); err != nil {
		return nil, err
	}
	if n := len(in.References); n == 0 || n > maxReferences {
		return nil, newError("validation_error", "references must be an array of 1 to %d objects",
			maxReferences).of("references")
	}
	batch := &importer.Batch{}
	for i, raw := range in.References {
		if err := s.addReference(batch, i, raw, options.OnSeveral); err != nil {
			return nil, err
		}
	}
	s.press(r.Context())
	version, err := s.Store.DirectoryVersion(r.Context(), r.key.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if err := batch.Resolve(r.Context(), s.Store.ResolverAt(r.key.WorkspaceID, version, false), options); err != nil {
		return nil, err
	}
	if err := s.Store.CompleteCandidates(r.Context(), r.key.WorkspaceID, batch.Dead); err != nil {
		return nil, err
	}
	verdicts := make([]verdictJSON, len(in.References))
	for i := range batch.Tasks {
		d := &batch.Tasks[i]
		v := verdictJSON{Verdict: "linked", Links: map[string]*string{}, Rules: map[string]string{}}
		for field, link := range d.Links() {
			v.Links[field] = orNull(link[0])
			if link[0] != "" {
				v.Rules[field] = link[1]
			}
		}
		verdicts[d.Row] = v
	}
	for i := range batch.Dead {
		d := &batch.Dead[i]
		e := faultError(&d.Fault)
		verdicts[d.Row] = verdictJSON{Verdict: string(e.Code), Error: e}
	}
	return data(http.StatusOK, verdicts), nil
}

// addReference adds a reference to the batch; the field of an error begins with its index.
func (s *server) addReference(b *importer.Batch, index int, raw json.RawMessage, on importer.OnSeveral) error {
	of := fmt.Sprintf("references[%d]", index)
	object, err := importer.ReadObject(raw)
	if err == nil {
		if fault := b.AddReference(index, object, on, s.now()); fault != nil {
			err = fault
		}
	}
	fault, ok := errors.AsType[*importer.Fault](err)
	if !ok {
		return err
	}
	if fault.Field != "" {
		return newError("validation_error", "%s: %s", of, fault.Message).of(of + "." + fault.Field)
	}
	return newError("validation_error", "%s must be an object with the references of a task", of).of(of)
}
