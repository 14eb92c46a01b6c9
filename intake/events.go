package intake

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"taskport/internal/web"
	"taskport/store"
)

// jobEvents answers GET /v1/import/jobs/{id}/events. It sends the job as a server-sent event on
// each change, until the job has ended.
func (s *server) jobEvents(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, header: web.EventHeader(),
		stream: func(w *web.SlowWriter) error {
			return s.streams.Serve(r.Request, w, func(e *web.Events) error { return s.followJob(r, i, e) })
		}}, nil
}

func (s *server) followJob(r *request, i store.Import, e *web.Events) error {
	return s.Store.Follow(r.Context(), i.WorkspaceID, i.ID, s.Stopping, func(i store.Import, moved bool) error {
		if err := s.stillLive(r); err != nil {
			return err
		}
		if !moved {
			return e.Beat()
		}
		return sendJob(e, i)
	})
}

// stillLive returns web.ErrStreamEnded once the key of a stream is revoked or expired. The client
// is refused when it reconnects.
func (s *server) stillLive(r *request) error {
	key, _, err := s.Store.KeyWithHash(r.Context(), r.key.WorkspaceID, r.key.ID)
	if err == nil && !key.Live(s.Now()) {
		return web.ErrStreamEnded
	}
	return err
}

func sendJob(e *web.Events, i store.Import) error {
	name := "progress"
	if i.Status.Final() {
		name = string(i.Status)
	}
	var job bytes.Buffer
	enc := json.NewEncoder(&job)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(showJobOfList(i)); err != nil {
		return fmt.Errorf("encode the job: %w", err)
	}
	return e.Send(name, bytes.TrimSuffix(job.Bytes(), []byte("\n")))
}
