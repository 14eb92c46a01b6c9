package intake

import (
	"net/http"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// deliveryJSON is a delivery in the API.
type deliveryJSON struct {
	EventID   uuid.UUID           `json:"event_id"`
	Type      store.EventType     `json:"type"`
	State     store.DeliveryState `json:"state"`
	CreatedAt time.Time           `json:"created_at"`
	DueAt     *time.Time          `json:"due_at"`
	Attempts  []attemptJSON       `json:"attempts"`
}

// attemptJSON is an attempt at a delivery with its result.
type attemptJSON struct {
	Number int       `json:"number"`
	At     time.Time `json:"at"`
	TookMS int64     `json:"took_ms"`
	Status *int      `json:"status"`
	Error  *string   `json:"error"`
}

func showDelivery(l store.DeliveryLog) deliveryJSON {
	d := deliveryJSON{EventID: l.EventID, Type: l.Type, State: l.State, CreatedAt: l.CreatedAt, DueAt: l.DueAt,
		Attempts: make([]attemptJSON, len(l.Attempts))}
	for i, a := range l.Attempts {
		d.Attempts[i] = attemptJSON{Number: a.Number, At: a.At, TookMS: a.Took.Milliseconds(), Status: orNull(a.Status),
			Error: orNull(a.Error)}
	}
	return d
}

// listDeliveries answers GET /v1/webhooks/{id}/deliveries.
func (s *server) listDeliveries(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	w, err := s.webhookOfPath(r)
	if err != nil {
		return nil, err
	}
	logs, err := s.Store.Deliveries(r.Context(), w.WorkspaceID, w.ID, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, logs, showDelivery), nil
}

// replayDelivery answers POST /v1/webhooks/{id}/deliveries/{event}/replay. Two replays at the same
// time are one.
func (s *server) replayDelivery(r *request) (*answer, error) {
	w, err := s.webhookOfPath(r)
	if err != nil {
		return nil, err
	}
	event, ok := importer.ParseID(r.PathValue("event"))
	if !ok {
		return nil, errNotFound("delivery")
	}
	if err := s.nothing(r); err != nil {
		return nil, err
	}
	l, err := s.Store.Replay(r.Context(), w.WorkspaceID, w.ID, event)
	if err != nil {
		return nil, absent(err, "delivery")
	}
	return data(http.StatusAccepted, showDelivery(l)), nil
}
