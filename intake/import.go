package intake

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/failpoint"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// upload is a file with the options of its import.
type upload struct {
	kind    importer.Kind
	name    string
	options importer.Options
	cut     file.Options
	file    io.Reader
	spooled *spool.Upload // nil for a file that is in memory
	// mappingName names the saved mapping that the options override.
	mappingName string
	loose       bool // the rows are objects of a request, not a file
	remember    bool // the mapping is remembered for files with the same header
	remembered  *importer.Remembered
}

// bodyFormats are the types of a file that is sent as the body itself.
var bodyFormats = map[string]file.Format{
	"text/csv":                  file.CSV,
	"text/tab-separated-values": file.CSV,
	"application/csv":           file.CSV,
	"application/x-ndjson":      file.NDJSON,
	"application/ndjson":        file.NDJSON,
	"application/jsonl":         file.NDJSON,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": file.XLSX,
	// These name at most the compression; the format is detected from the name and the bytes. Windows
	// calls a CSV application/vnd.ms-excel where Excel is installed.
	"application/vnd.ms-excel": "",
	"application/gzip":         "", "application/x-gzip": "", "application/zstd": "", "application/zip": "",
	"application/x-zip-compressed": "", "application/octet-stream": "",
}

// importOf returns the handler of POST /v1/import/…. It imports a whole file or nothing, and waits
// for the result of a small one.
func (s *server) importOf(kind importer.Kind) handler {
	return func(r *request) (*answer, error) {
		prefer, err := readPrefer(r.Header)
		if err != nil {
			return nil, err
		}
		if streamed, err := isStream(r, kind); err != nil || streamed {
			if err != nil {
				return nil, err
			}
			return s.streamTasks(r)
		}
		spooled, err := s.Spools.Begin(r.Context(), r.key.WorkspaceID, r.key.ID)
		if err != nil {
			return nil, err
		}
		defer spooled.Done()
		r.hurry(s.Spools.Time())
		u, err := s.readUpload(r, kind)
		if err != nil {
			return nil, bodyError(r, err)
		}
		u.spooled = spooled
		return s.stage(r, u, prefer)
	}
}

// hurry bounds the time that reading the whole body may take.
func (r *request) hurry(within time.Duration) {
	r.within = within
	for _, b := range r.bodies {
		b.Within(within)
	}
}

func (s *server) readUpload(r *request, kind importer.Kind) (upload, error) {
	t, charset, err := bodyType(r)
	if err != nil {
		return upload{}, err
	}
	isJSON, isForm := t == "" || t == "application/json", t == "multipart/form-data"
	format, ok := bodyFormats[t]
	if !ok && !isJSON && !isForm {
		return upload{}, newError("unsupported_media_type",
			"Content-Type must be application/json, text/csv, application/x-ndjson, that of an .xlsx, application/gzip, "+
				"application/zstd, application/zip, application/octet-stream or multipart/form-data")
	}
	q := r.URL.Query()
	u := upload{kind: kind}
	if isForm {
		if u.file, format, err = s.formFile(r, q); err != nil {
			return u, err
		}
	}
	u.name, u.mappingName = q.Get("file_name"), q.Get("mapping_name")
	if u.options, err = queryOptions(q); err != nil {
		return u, err
	}
	if whole, err := boolean(q, "atomic", true); err != nil {
		return u, err
	} else if !whole { // in a form
		return u, errNoStream()
	}
	if u.remember, err = boolean(q, "remember_mapping", false); err != nil {
		return u, err
	}
	if u.cut, err = queryCut(q, format, charset); err != nil || isForm {
		return u, err
	}
	if u.file, err = s.unpacked(r, s.MaxUpload); err != nil || !isJSON {
		return u, err
	}
	return u, s.readJSON(&u)
}

// isArrayFile reports whether the body is a JSON array, that is a file, instead of an object with
// rows.
func isArrayFile(body *bufio.Reader) bool {
	const enough = 512           // for the white space before it
	head, _ := body.Peek(enough) // an error repeats on the next read
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xEF\xBB\xBF")), " \t\r\n")
	return len(head) > 0 && head[0] == '['
}

// importJSON is the body of an import that is sent as JSON.
type importJSON struct {
	Rows              []json.RawMessage          `json:"rows"`
	CSV               *string                    `json:"csv"`
	HasHeader         bool                       `json:"has_header"`
	Delimiter         string                     `json:"delimiter"`
	SkipLines         *int                       `json:"skip_lines"`
	KeepPlaceholders  bool                       `json:"keep_placeholders"`
	FileName          string                     `json:"file_name"`
	DryRun            bool                       `json:"dry_run"`
	OnDuplicate       importer.OnDuplicate       `json:"on_duplicate"`
	OnCompanyMismatch importer.OnCompanyMismatch `json:"on_company_mismatch"`
	MappingName       string                     `json:"mapping_name"`
	importer.Mapping
	OnDuplicateRow importer.OnDuplicateRow `json:"on_duplicate_row"`
	OnSeveral      importer.OnSeveral      `json:"on_several"`
	OnSameFile     importer.OnSameFile     `json:"on_same_file"`
	Mirror         bool                    `json:"mirror"`
	MirrorMost     int                     `json:"mirror_most"`
	RetryRejects   bool                    `json:"retry_rejects"`
}

// readJSON parses an import in JSON; its members override query parameters. An array is a file.
func (s *server) readJSON(u *upload) error {
	from := bufio.NewReader(u.file)
	if isArrayFile(from) {
		u.file, u.cut.Format = from, file.JSON
		return nil
	}
	limit := min(maxJSONImport, s.MaxUpload)
	body, err := io.ReadAll(io.LimitReader(from, limit+1))
	if err != nil {
		return err
	}
	if int64(len(body)) > limit {
		return errTooLarge(limit)
	}
	in := importJSON{HasHeader: u.cut.HasHeader, Delimiter: u.cut.Delimiter, SkipLines: u.cut.SkipLines,
		KeepPlaceholders: u.cut.KeepPlaceholders, FileName: u.name, DryRun: u.options.DryRun, MappingName: u.mappingName,
		Mapping: u.options.Mapping, OnDuplicate: u.options.OnDuplicate, OnCompanyMismatch: u.options.OnCompanyMismatch,
		OnDuplicateRow: u.options.OnDuplicateRow, OnSeveral: u.options.OnSeveral, OnSameFile: u.options.OnSameFile,
		Mirror: u.options.Mirror, MirrorMost: u.options.MirrorMost, RetryRejects: u.options.RetryRejects}
	if err := importer.DecodeObject(body, &in, importTakes); err != nil {
		return err
	}
	u.name, u.mappingName = in.FileName, in.MappingName
	u.options = importer.Options{Mapping: in.Mapping, OnDuplicate: in.OnDuplicate,
		OnCompanyMismatch: in.OnCompanyMismatch, OnDuplicateRow: in.OnDuplicateRow, OnSeveral: in.OnSeveral,
		OnSameFile: in.OnSameFile, DryRun: in.DryRun, Mirror: in.Mirror, MirrorMost: in.MirrorMost,
		RetryRejects: in.RetryRejects}
	if err := u.options.Validate(); err != nil {
		return err
	}
	if err := file.CheckSkipLines(in.SkipLines); err != nil {
		return ofSkipLines(err)
	}
	switch {
	case (in.Rows == nil) == (in.CSV == nil):
		return newError("validation_error", "send either rows (an array of objects) or csv (a text), one of the two").of(
			"rows")
	case in.Rows != nil && len(in.Rows) == 0:
		return newError("validation_error", "rows is empty; send at least one row").of("rows")
	case in.CSV != nil:
		u.cut = file.Options{Format: file.CSV, HasHeader: in.HasHeader, Delimiter: file.DelimiterNamed(in.Delimiter),
			Encoding: textEncoding, SkipLines: in.SkipLines,
			KeepPlaceholders: in.KeepPlaceholders}
		u.file = strings.NewReader(*in.CSV)
		return nil
	}
	u.cut = file.Options{Format: file.NDJSON, Encoding: textEncoding, KeepPlaceholders: in.KeepPlaceholders}
	u.loose = true
	u.file, err = rowLines(in.Rows)
	return err
}

// textEncoding is the encoding of text within JSON.
const textEncoding = "utf-8"

// importTakes lists the members of an import's body, for messages.
const importTakes = "the body takes rows or csv, has_header, delimiter, skip_lines, keep_placeholders, mapping, " +
	"mapping_name, preset, values, constants, compose, date_order, timezone, keep_columns, on_unknown_assignee, " +
	"default_assignee, implausible_dates, file_name, dry_run, on_duplicate, on_duplicate_row, on_company_mismatch, " +
	"on_several, on_same_file, mirror, mirror_most and retry_rejects"

// rowLines returns the rows as NDJSON.
func rowLines(rows []json.RawMessage) (io.Reader, error) {
	var b bytes.Buffer
	for _, row := range rows {
		if err := json.Compact(&b, row); err != nil {
			return nil, err
		}
		b.WriteByte('\n')
	}
	return &b, nil
}

// stage stores the file, enqueues its first chunks and waits for the result as long as the client
// prefers.
func (s *server) stage(r *request, u upload, p preferences) (*answer, error) {
	made, err := s.takeIn(r, u)
	if err != nil {
		return nil, err
	}
	s.handover.Begin(r.Context(), made)
	return s.await(r, made, p), nil
}

// takeIn stores the whole file or nothing.
func (s *server) takeIn(r *request, u upload) (made store.Import, err error) {
	ctx := r.Context()
	if err := s.withMapping(ctx, r, &u); err != nil {
		return made, err
	}
	if err := u.options.Check(u.kind); err != nil {
		return made, err
	}
	if u.options.RetryRejects {
		if err := r.key.MayWrite(importer.Tasks); err != nil {
			return made, err
		}
	}
	if err := importer.CheckShort("file_name", u.name); err != nil {
		return made, err
	}
	if err := s.Queue.Ping(ctx); err != nil {
		s.Logger.WarnContext(ctx, "import refused", slog.Any("error", err))
		return made, errUnavailable()
	}
	if err := failpoint.At(ctx, failpoint.UploadBegun, uuid.Nil, 0); err != nil {
		return made, err
	}
	u.cut.ChunkRows, u.cut.MaxUnpacked, u.cut.HashRows = s.ChunkRows, s.MaxUpload, u.kind == importer.Tasks
	in, body := file.Input{Name: u.name, From: u.file}, (*spool.Body)(nil)
	if u.spooled != nil {
		defer u.spooled.Done()
		body = u.spooled.Body(u.file)
		in.From, in.Scratch = body, u.spooled.File
	}
	cutter, err := importer.Open(in, u.cut, u.options.Mapping)
	if err != nil {
		return made, bodyError(r, err)
	}
	defer cutter.Close()
	if err := s.recall(ctx, r.key.WorkspaceID, cutter.Layout(), &u); err != nil {
		return made, err
	}
	seen, err := importer.Watch(cutter, u.kind, u.options.Mapping)
	if err != nil {
		return made, err
	}
	var users *importer.Snapshot
	if u.kind == importer.Tasks {
		if users, err = s.Store.Users(ctx, r.key.WorkspaceID); err != nil {
			return made, err
		}
		if users.Users != nil {
			seen.WatchAssignees()
		}
	}
	chunks, err := web.ReadChunks(cutter, body)
	if err != nil {
		return made, bodyError(r, err)
	}
	made, err = s.Store.Stage(ctx, store.NewImport{WorkspaceID: r.key.WorkspaceID, Kind: u.kind, FileName: u.name,
		Options: u.options, CreatedAt: s.now(), Idempotency: r.idem, Trace: traceOf(ctx), Buffered: chunks.InMemory(),
		Remember: u.remember, Users: users, By: actorOf(r)},
		func(keep func(file.Chunk) error) (importer.Layout, bool, error) {
			return cutAll(chunks, u, seen, keep)
		})
	if err != nil {
		return made, bodyError(r, err)
	}
	return made, nil
}

// cutAll passes all chunks of a file to keep. It returns the layout, and whether the rows are
// compared with those of earlier files; those that are sent as objects are not.
func cutAll(chunks *web.Chunks, u upload, seen *importer.Survey,
	keep func(file.Chunk) error) (importer.Layout, bool, error) {
	layout, compared, err := importer.CutAll(chunks.Next, chunks.Layout, u.kind, u.options, seen, keep)
	layout.Remembered = u.remembered
	return layout, compared && !u.loose, err
}

// await waits for the import to end, as long as the client prefers, and returns the job.
func (s *server) await(r *request, i store.Import, p preferences) *answer {
	deadline := time.Now().Add(p.patience(i.Total))
	for pause := firstPoll; time.Now().Before(deadline) && r.Context().Err() == nil; pause = min(pause*3/2, longestPoll) {
		current, err := s.Store.Import(r.Context(), i.WorkspaceID, i.ID)
		if errors.Is(err, store.ErrUnavailable) {
			break
		}
		if err == nil && current.Status.Final() && s.retriesEnded(r.Context(), current) {
			status := http.StatusOK
			if i.Single {
				status = http.StatusAccepted // 200 is the answer of a task that exists
			}
			return s.finish(r, i, status, p)
		}
		select {
		case <-r.Context().Done():
		case <-s.Stopping:
			return s.finish(r, i, http.StatusAccepted, p)
		case <-time.After(min(pause, time.Until(deadline))):
		}
	}
	return s.finish(r, i, http.StatusAccepted, p)
}

// retriesEnded reports whether the rejected rows that an import has retried have their outcomes.
func (s *server) retriesEnded(ctx context.Context, i store.Import) bool {
	if i.RetryID == uuid.Nil {
		return true
	}
	m, _, err := s.Store.Retried(ctx, i)
	return err == nil && m.Pending == 0
}

const (
	firstPoll   = 10 * time.Millisecond
	longestPoll = 250 * time.Millisecond
)

// finish returns the job. The import is already stored, so this never fails: after an error the
// client would send the file again.
func (s *server) finish(r *request, i store.Import, status int, p preferences) *answer {
	a, err := s.currentJob(r, i.ID, status)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "job not read after its import was stored", slog.Any("error", err))
		a = data(http.StatusAccepted, showJob(i)).with("Location", jobPath(i.ID))
	}
	if len(p.applied) > 0 {
		a.with("Preference-Applied", strings.Join(p.applied, ", "))
	}
	return a
}

// currentJob returns the current state of an import.
func (s *server) currentJob(r *request, id uuid.UUID, status int) (*answer, error) {
	current, err := s.Store.Import(r.Context(), r.key.WorkspaceID, id)
	if err != nil {
		return nil, err
	}
	return s.jobAnswer(r.Context(), current, status)
}
