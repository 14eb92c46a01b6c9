package intake

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/internal/web"
	"taskport/store"
)

// Limits of the bodies of corrections, in bytes. One row may need as much as the fields of a task,
// several rows as much as their numbers.
const (
	maxCorrectBody    = maxTaskBody
	maxCorrectAllBody = 1 << 20
)

// newValues are new values by field; null clears a field.
type newValues map[string]*string

// correctOf returns the correction with these new values and chosen records.
func correctOf(values newValues, contactID, companyID string) (importer.Correction, error) {
	out := importer.Correction{Fields: map[string]string{}}
	for field, value := range values {
		if value == nil {
			out.Fields[field] = ""
			continue
		}
		out.Fields[field] = *value
	}
	for _, choice := range []struct {
		field, text string
		id          *uuid.UUID
	}{{"contact_id", contactID, &out.ContactID}, {"company_id", companyID, &out.CompanyID}} {
		if choice.text == "" {
			continue
		}
		var ok bool
		if *choice.id, ok = importer.ParseID(choice.text); !ok {
			return out, newError("validation_error", "%s must be the UUID of a record of this workspace",
				choice.field).of(choice.field)
		}
	}
	return out, nil
}

// rowDecision is the body of a decision about one dead letter.
type rowDecision struct {
	Dismiss   *bool     `json:"dismiss"`
	Reason    string    `json:"reason"`
	Fields    newValues `json:"fields"`
	ContactID string    `json:"contact_id"`
	CompanyID string    `json:"company_id"`
	Version   int       `json:"version"`
}

// correctRow answers POST /v1/import/jobs/{id}/rejects/{row}.
func (s *server) correctRow(r *request) (*answer, error) {
	var in rowDecision
	return s.correct(r, maxCorrectBody, &in, "fields, contact_id, company_id and version, or dismiss and reason",
		func(id uuid.UUID) (store.Correcting, error) {
			row, err := strconv.Atoi(r.PathValue("row"))
			if err != nil || row < 1 {
				return store.Correcting{}, store.ErrNotFound
			}
			if in.Dismiss != nil {
				if in.Fields != nil || in.ContactID != "" || in.CompanyID != "" {
					return store.Correcting{}, errDismissAlone
				}
				return s.dismiss(r, id, store.Dismissal{Selector: store.Selector{Rows: []int{row}}, Restore: !*in.Dismiss,
					Why: in.Reason})
			}
			if in.Reason != "" {
				return store.Correcting{}, errReasonAlone
			}
			m, err := correctOf(in.Fields, in.ContactID, in.CompanyID)
			if err != nil {
				return store.Correcting{}, err
			}
			if err := r.key.MayCorrect(&m, false); err != nil {
				return store.Correcting{}, err
			}
			m.Version = in.Version
			return s.Store.Correct(r.Context(), r.key.WorkspaceID, id, row, m, actorOf(r), r.idem)
		})
}

// allDecision is the body of the correction of several dead letters.
type allDecision struct {
	Rows      []int           `json:"rows"`
	Name      string          `json:"name"`
	Field     string          `json:"field"`
	Company   *string         `json:"company"`
	Reason    importer.Reason `json:"reason"`
	Fields    newValues       `json:"fields"`
	ContactID string          `json:"contact_id"`
	CompanyID string          `json:"company_id"`
	Remember  bool            `json:"remember"`
	Dismiss   *bool           `json:"dismiss"`
	Why       string          `json:"dismiss_reason"`
}

// selector returns the selection of the body. The reason of a dismissal that is none of the reasons
// of dead letters is what the operator says.
func (d *allDecision) selector() (store.Selector, error) {
	if d.Dismiss != nil && d.Why == "" && checkReason(d.Reason) != nil {
		d.Why, d.Reason = string(d.Reason), ""
	}
	return store.Selector{Rows: d.Rows, Reason: d.Reason, Field: d.Field, Name: d.Name, Company: d.Company},
		checkReason(d.Reason)
}

// dismissal returns the dismissal that the body asks for, if it asks for one.
func (d *allDecision) dismissal(which store.Selector) (store.Dismissal, bool, error) {
	if d.Dismiss == nil {
		if d.Why != "" {
			return store.Dismissal{}, false, errReasonAlone
		}
		return store.Dismissal{}, false, nil
	}
	if d.Fields != nil || d.ContactID != "" || d.CompanyID != "" || d.Remember {
		return store.Dismissal{}, false, errDismissAlone
	}
	return store.Dismissal{Selector: which, Restore: !*d.Dismiss, Why: d.Why}, true, nil
}

var (
	errDismissAlone = newError("validation_error",
		"a row is either dismissed or corrected; leave out dismiss, or the new values").of("dismiss")
	errReasonAlone = newError("validation_error", "a reason belongs to dismiss; send both, or neither").of("reason")
)

// members of the bodies of decisions, for messages.
const allMembers = "rows, name, field, company, reason, fields, contact_id, company_id and remember, or dismiss and " +
	"dismiss_reason"

// dismiss closes or opens dead letters, as a decision without chunks.
func (s *server) dismiss(r *request, id uuid.UUID, d store.Dismissal) (store.Correcting, error) {
	return s.Store.Dismiss(r.Context(), r.key.WorkspaceID, id, d, actorOf(r), r.idem)
}

// correctAll answers POST /v1/import/jobs/{id}/rejects/resolve.
func (s *server) correctAll(r *request) (*answer, error) {
	var in allDecision
	return s.correct(r, maxCorrectAllBody, &in, allMembers,
		func(id uuid.UUID) (store.Correcting, error) {
			which, err := in.selector()
			if err != nil {
				return store.Correcting{}, err
			}
			if d, asked, err := in.dismissal(which); err != nil || asked {
				if err != nil {
					return store.Correcting{}, err
				}
				return s.dismiss(r, id, d)
			}
			m, err := correctOf(in.Fields, in.ContactID, in.CompanyID)
			if err != nil {
				return store.Correcting{}, err
			}
			if err := r.key.MayCorrect(&m, in.Remember); err != nil {
				return store.Correcting{}, err
			}
			return s.Store.CorrectAll(r.Context(), r.key.WorkspaceID, id, which, m, in.Remember, actorOf(r), r.idem)
		})
}

// correct parses a correction into into, applies it with decide, and waits for the outcome as long
// as the client prefers. members lists the members of the body, for messages.
func (s *server) correct(r *request, limit int64, into any, members string,
	decide func(uuid.UUID) (store.Correcting, error)) (*answer, error) {
	id, err := importIDOfPath(r)
	if err != nil {
		return nil, err
	}
	if err := mediaType(r, "application/json"); err != nil {
		return nil, err
	}
	prefer, err := readPrefer(r.Header)
	if err != nil {
		return nil, err
	}
	if err := s.readObject(r, limit, into, members); err != nil {
		return nil, err
	}
	decided, err := decide(id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, newError("not_found", "there is no such open rejected row in this workspace; the job's rejects show "+
			"the corrections so far")
	}
	if err != nil {
		return nil, err
	}
	if decided.Dismissed > 0 {
		return s.afterDecision(r, decided, http.StatusOK), nil
	}
	s.handover.Begin(r.Context(), decided.Import)
	return s.awaitCorrected(r, decided, prefer), nil
}

// readObject parses a body that is a JSON object.
func (s *server) readObject(r *request, limit int64, into any, members string) error {
	unpacked, err := s.unpacked(r, limit)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		return bodyError(r, err)
	}
	return importer.DecodeObject(body, into, "the body takes "+members)
}

// correctedJSON counts the outcomes of corrected rows.
type correctedJSON struct {
	RowCount      int             `json:"row_count"`
	CreatedCount  int             `json:"created_count"`
	UpdatedCount  int             `json:"updated_count"`
	SkippedCount  int             `json:"skipped_count"`
	RejectedCount int             `json:"rejected_count"`
	PendingCount  int             `json:"pending_count"`
	RowNumber     int             `json:"row_number,omitempty"` // these only for a single row
	Outcome       string          `json:"outcome,omitempty"`
	ID            *uuid.UUID      `json:"id,omitempty"`     // of the created task or record
	Reject        *deadLetterJSON `json:"reject,omitempty"` // of a row that was rejected again
}

// awaitCorrected waits until the corrected rows have an outcome, as long as the client prefers,
// and returns the job. The correction is already stored, so this never fails. A client that has
// gone gets the answer by its Idempotency-Key.
func (s *server) awaitCorrected(r *request, d store.Correcting, p preferences) *answer {
	ctx := r.Context()
	deadline := time.Now().Add(p.patience(int64(d.Rows)))
	became := store.Corrected{Rows: d.Rows, Pending: d.Rows, Waiting: 1}
	for pause := firstPoll; ctx.Err() == nil; pause = min(pause*3/2, longestPoll) {
		now, err := s.Store.Corrected(ctx, d.Import.WorkspaceID, d.Import.ID, d.Decision)
		if err == nil {
			became = now
		}
		if errors.Is(err, store.ErrUnavailable) || became.Pending == 0 && s.ended(ctx, d.Import, became) ||
			!time.Now().Before(deadline) {
			break
		}
		select {
		case <-ctx.Done():
		case <-s.Stopping:
			deadline = time.Now()
		case <-time.After(min(pause, time.Until(deadline))):
		}
	}
	a := s.correctedAnswer(ctx, d, became)
	if len(p.applied) > 0 {
		a.with("Preference-Applied", strings.Join(p.applied, ", "))
	}
	return a
}

// ended reports whether the import has ended, or continues only for other corrections.
func (s *server) ended(ctx context.Context, i store.Import, became store.Corrected) bool {
	if became.Waiting > 0 {
		return true
	}
	now, err := s.Store.Import(ctx, i.WorkspaceID, i.ID)
	return err == nil && now.Status.Final()
}

func (s *server) correctedAnswer(ctx context.Context, d store.Correcting, became store.Corrected) *answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), web.FinalTimeout)
	defer cancel()
	shown := correctedJSON{RowCount: became.Rows, CreatedCount: became.Created, UpdatedCount: became.Updated,
		SkippedCount: became.Skipped, RejectedCount: became.Rejected, PendingCount: became.Pending}
	job, err := s.correctedJob(ctx, d, &shown)
	if err != nil {
		s.Logger.WarnContext(ctx, "job not read after a correction", slog.Any("error", err))
		job = showJob(d.Import)
		job.Errors = nil
	}
	job.Corrected, job.DecisionID = &shown, &d.Decision
	status := http.StatusOK
	if became.Pending > 0 {
		status = http.StatusAccepted
	}
	return data(status, job).with("Location", jobPath(d.Import.ID))
}

// correctedJob returns the current job. For a single row it also sets the outcome in shown.
func (s *server) correctedJob(ctx context.Context, d store.Correcting, shown *correctedJSON) (jobJSON, error) {
	i, err := s.Store.Import(ctx, d.Import.WorkspaceID, d.Import.ID)
	if err != nil {
		return jobJSON{}, err
	}
	job, err := s.wholeJob(ctx, i)
	if err != nil || d.Row == 0 {
		return job, err
	}
	shown.RowNumber, shown.Outcome = d.Row, outcomeOf(shown)
	switch shown.Outcome {
	case "created":
		id, err := s.Store.Result(ctx, i, d.Row)
		if errors.Is(err, store.ErrNotFound) {
			return job, nil // it was deleted
		}
		if err != nil {
			return job, err
		}
		shown.ID = &id
	case "rejected":
		dead, err := s.Store.DeadLetter(ctx, i.WorkspaceID, i.ID, d.Row)
		if errors.Is(err, store.ErrNotFound) {
			return job, nil // it was corrected again
		}
		if err != nil {
			return job, err
		}
		reject := showDeadLetter(i, dead)
		shown.Reject = &reject
	}
	return job, nil
}

// outcomeOf returns the outcome of a single row.
func outcomeOf(m *correctedJSON) string {
	switch {
	case m.PendingCount > 0:
		return "pending"
	case m.CreatedCount > 0:
		return "created"
	case m.UpdatedCount > 0:
		return "updated"
	case m.SkippedCount > 0:
		return "skipped"
	case m.RejectedCount > 0:
		return "rejected"
	}
	return "parked"
}
