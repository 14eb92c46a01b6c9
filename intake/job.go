package intake

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// Limits of the lists within a job. The report has all dead letters, and the results have all
// tasks that an undo kept.
const (
	maxJobErrors = 100
	maxKeptIDs   = 10_000
)

// jobJSON is an import in the API.
type jobJSON struct {
	JobID            uuid.UUID                       `json:"job_id"`
	Kind             importer.Kind                   `json:"kind"`
	Status           store.Status                    `json:"status"`
	DryRun           bool                            `json:"dry_run"`
	Plan             store.PlanState                 `json:"plan,omitempty"` // only of a dry run of tasks
	FileName         string                          `json:"file_name"`
	File             importer.Reading                `json:"file"` // how it was read
	TotalCount       int64                           `json:"total_count"`
	ProcessedCount   int64                           `json:"processed_count"`
	CreatedCount     int64                           `json:"created_count"`
	UpdatedCount     int64                           `json:"updated_count"`
	SkippedCount     int64                           `json:"skipped_count"`
	RejectedCount    int64                           `json:"rejected_count"`
	DismissedCount   int64                           `json:"dismissed_count"` // of the rejected rows
	ParkedCount      int64                           `json:"parked_count"`
	EmptyRows        int                             `json:"empty_rows"`
	RejectedByReason map[importer.Reason]int64       `json:"rejected_by_reason"`
	Corrected        *correctedJSON                  `json:"mended,omitempty"`      // only in the answer to a correction
	DecisionID       *uuid.UUID                      `json:"decision_id,omitempty"` // of that, or of a dismissal
	Adjusted         map[string]map[importer.How]int `json:"adjusted,omitzero"`     // likewise
	Implausible      map[string]int                  `json:"implausible,omitempty"`
	NotImported      []importer.LeftColumnReading    `json:"not_imported,omitzero"`  // of a single job, possibly empty
	Errors           []rowErrorJSON                  `json:"errors,omitzero"`        // of a single job, possibly empty
	SkippedRows      []importer.SkippedRow           `json:"skipped_rows,omitempty"` // the first, of a single job
	SameFile         *importer.SameFile              `json:"same_file,omitempty"`
	DuplicateRows    *importer.RepeatedRows          `json:"duplicate_rows,omitempty"`
	Mirror           *mirrorJSON                     `json:"mirror,omitempty"`
	RetriedRejects   *retriedJSON                    `json:"retried_rejects,omitempty"`
	Message          string                          `json:"message,omitempty"`      // why it failed
	UndoneCount      *int64                          `json:"undone_count,omitempty"` // these three only once it is undone
	KeptCount        *int                            `json:"kept_count,omitempty"`
	KeptIDs          *[]uuid.UUID                    `json:"kept_ids,omitempty"`
	CreatedAt        time.Time                       `json:"created_at"`
	StartedAt        *time.Time                      `json:"started_at"`
	FinishedAt       *time.Time                      `json:"finished_at"`
	PurgedAt         *time.Time                      `json:"purged_at,omitempty"`
	Receiving        bool                            `json:"receiving,omitempty"` // these two only of a stream
	EndedEarly       bool                            `json:"ended_early,omitempty"`
}

// mirrorJSON is what an import has made inactive.
type mirrorJSON struct {
	State         store.MirrorState `json:"state"`
	InactiveCount int64             `json:"inactive_count"`
	ActiveCount   int64             `json:"active_count"`
	Most          int               `json:"mirror_most"`
}

// retriedJSON counts the rejected rows that an import of the directory has retried.
type retriedJSON struct {
	DecisionID    uuid.UUID `json:"decision_id"`
	JobCount      int       `json:"job_count"`
	RowCount      int       `json:"row_count"`
	CreatedCount  int       `json:"created_count"`
	UpdatedCount  int       `json:"updated_count"`
	SkippedCount  int       `json:"skipped_count"`
	RejectedCount int       `json:"rejected_count"`
	PendingCount  int       `json:"pending_count"`
}

// rowErrorJSON is the short form of a dead letter.
type rowErrorJSON struct {
	RowNumber int             `json:"row_number"`
	Code      importer.Code   `json:"code"`
	Reason    importer.Reason `json:"reason"`
	Field     string          `json:"field,omitempty"`
	Message   string          `json:"message"`
	remedyJSON
}

func showJob(i store.Import) jobJSON {
	j := jobJSON{JobID: i.ID, Kind: i.Kind, Status: i.Status, DryRun: i.Options.DryRun, Plan: i.Planned,
		FileName: i.FileName, File: i.Layout.Reading(words), TotalCount: i.Total, ProcessedCount: i.Processed(),
		CreatedCount: i.Created, UpdatedCount: i.Updated, SkippedCount: i.Skipped, RejectedCount: i.Rejected,
		DismissedCount: i.Dismissed, ParkedCount: i.Parked, EmptyRows: i.Layout.EmptyRows, RejectedByReason: i.ByReason,
		SameFile: i.Layout.SameFile, DuplicateRows: i.Layout.Repeated, Message: i.Error, CreatedAt: i.CreatedAt,
		StartedAt: i.StartedAt, FinishedAt: i.FinishedAt, PurgedAt: i.PurgedAt, Receiving: i.Receiving,
		EndedEarly: i.EndedEarly}
	if i.Status == store.Undone {
		j.UndoneCount = &i.Undone
	}
	if m := i.Mirror; m.State != "" {
		j.Mirror = &mirrorJSON{m.State, m.Inactive, m.Of, i.Options.MirrorMost}
	}
	return j
}

// showJobOfList returns a job without its lists.
func showJobOfList(i store.Import) jobJSON {
	j := showJob(i)
	j.File.Columns, j.File.Remarks = nil, nil
	return j
}

// listJobs answers GET /v1/import/jobs. Jobs of a list have neither errors nor columns.
func (s *server) listJobs(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	filter, err := jobFilter(r.URL.Query())
	if err != nil {
		return nil, err
	}
	imports, err := s.Store.Imports(r.Context(), r.key.WorkspaceID, filter, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, imports, showJobOfList), nil
}

// jobFilters are the query parameters that filter jobs.
var jobFilters = []string{"kind", "status", "singles"}

func jobFilter(q url.Values) (store.ImportFilter, error) {
	f := store.ImportFilter{Kind: importer.Kind(q.Get("kind")), Status: store.Status(q.Get("status"))}
	if q.Has("kind") && !slices.Contains(importer.Kinds(), f.Kind) {
		return f, newError("validation_error", "kind must be one of %s", joined(importer.Kinds())).of("kind")
	}
	if q.Has("status") && !slices.Contains(store.Statuses(), f.Status) {
		return f, newError("validation_error", "status must be one of %s", joined(store.Statuses())).of("status")
	}
	var err error
	f.Singles, err = boolean(q, "singles", false)
	return f, err
}

// joined lists values for a message.
func joined[T ~string](values []T) string {
	texts := make([]string, len(values))
	for n, v := range values {
		texts[n] = string(v)
	}
	return strings.Join(texts, ", ")
}

// readJob answers GET /v1/import/jobs/{id}.
func (s *server) readJob(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return s.jobAnswer(r.Context(), i, http.StatusOK)
}

// importOfPath returns the import with the id of the path, in the workspace of the key.
func (s *server) importOfPath(r *request) (store.Import, error) {
	id, err := importIDOfPath(r)
	if err != nil {
		return store.Import{}, err
	}
	i, err := s.Store.Import(r.Context(), r.key.WorkspaceID, id)
	if errors.Is(err, store.ErrNotFound) {
		return i, errNotFound("import job")
	}
	return i, err
}

func importIDOfPath(r *request) (uuid.UUID, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return id, errNotFound("import job")
	}
	return id, nil
}

// jobAnswer returns an answer with the job and its lists.
func (s *server) jobAnswer(ctx context.Context, i store.Import, status int) (*answer, error) {
	job, err := s.wholeJob(ctx, i)
	if err != nil {
		return nil, err
	}
	return data(status, job).with("Location", jobPath(i.ID)), nil
}

// wholeJob returns the job with its first dead letters and, after an undo, the tasks that were
// kept.
func (s *server) wholeJob(ctx context.Context, i store.Import) (jobJSON, error) {
	job := showJob(i)
	job.Adjusted, job.Implausible = i.Adjusted.Counts(), i.Adjusted.Implausible()
	for _, n := range i.Adjusted.Notes() {
		job.File.Notes, job.File.Remarks = append(job.File.Notes, n.In(words)), append(job.File.Remarks, n)
	}
	if err := s.addSkipped(ctx, i, &job); err != nil {
		return job, err
	}
	job.NotImported = i.Layout.ColumnsNotImported(words)
	if i.RetryID != uuid.Nil {
		m, jobs, err := s.Store.Retried(ctx, i)
		if err != nil {
			return job, err
		}
		job.RetriedRejects = &retriedJSON{i.RetryID, jobs, m.Rows, m.Created, m.Updated, m.Skipped, m.Rejected, m.Pending}
	}
	job.Errors = []rowErrorJSON{}
	dead, err := s.Store.FirstDeadLetters(ctx, i, maxJobErrors)
	if err != nil {
		return job, err
	}
	for _, d := range dead {
		job.Errors = append(job.Errors, rowErrorJSON{RowNumber: d.Row, Code: d.Code(), Reason: d.Reason, Field: d.Field,
			Message: d.In(words), remedyJSON: showRemedy(d.Message, d.Remedy)})
	}
	if i.Status == store.Undone {
		kept, count, err := s.Store.KeptTasks(ctx, i, maxKeptIDs)
		if err != nil {
			return job, err
		}
		job.KeptIDs, job.KeptCount = &kept, &count
	}
	return job, nil
}

// addSkipped adds the first skipped rows, and a note about those that differ from what they repeat.
func (s *server) addSkipped(ctx context.Context, i store.Import, job *jobJSON) error {
	if i.Skipped == 0 {
		return nil
	}
	rows, err := s.Store.SkippedRows(ctx, i, 0, maxJobErrors)
	if err != nil {
		return err
	}
	for _, row := range rows {
		job.SkippedRows = append(job.SkippedRows, row.SkippedRow)
	}
	different, err := s.Store.DifferentRows(ctx, i)
	if note, ok := different.Note(); ok {
		job.File.Notes, job.File.Remarks = append(job.File.Notes, note.In(words)), append(job.File.Remarks, note)
	}
	return err
}

func jobPath(id uuid.UUID) string { return "/v1/import/jobs/" + id.String() }
