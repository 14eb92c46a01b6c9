package intake

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// taskJSON is a task in the API: its id, and the fields of importer.Task.Answer, in a list perhaps
// without custom_fields.
type taskJSON struct {
	importer.Task
	short bool
}

// MarshalJSON implements json.Marshaler; an absent field is null.
func (t taskJSON) MarshalJSON() ([]byte, error) { return t.appendTo(nil), nil }

// appendTo appends the task. Each created task is answered with one, so it goes without the
// encoder, which would read its text once more.
func (t taskJSON) appendTo(to []byte) []byte {
	to = append(append(append(to, `{"id":"`...), t.ID.String()...), '"')
	for name, text := range t.Answer() {
		isCustom := name == importer.FieldCustomFields
		if isCustom && t.short {
			continue
		}
		to = append(append(append(to, `,"`...), name...), `":`...)
		switch {
		case isCustom:
			to = append(to, cmp.Or(text, "{}")...)
		case text == "":
			to = append(to, "null"...)
		default:
			to = appendText(to, text)
		}
	}
	return append(to, '}')
}

// appendText appends a text as JSON, like jsonAnswer without escaping HTML.
func appendText(to []byte, text string) []byte {
	isOdd := func(r rune) bool {
		return r < ' ' || r == '"' || r == '\\' || r == utf8.RuneError || r == '\u2028' || r == '\u2029'
	}
	if !strings.ContainsFunc(text, isOdd) {
		return append(append(append(to, '"'), text...), '"')
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(text) //nolint:errchkjson // a text can always be encoded
	return append(to, bytes.TrimSpace(b.Bytes())...)
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

func created(t importer.Task) *answer { return taskAnswer(http.StatusCreated, t) }

// known returns the answer with a task that already exists.
func known(t importer.Task) *answer { return taskAnswer(http.StatusOK, t) }

func taskAnswer(status int, t importer.Task) *answer {
	const usual = 1 << 10 // bytes
	body := taskJSON{Task: t}.appendTo(append(make([]byte, 0, usual), `{"data":`...))
	return (&answer{status: status, header: map[string]string{"Content-Type": jsonType},
		body: append(body, "}\n"...)}).with("Location", "/v1/tasks/"+t.ID.String())
}

// createTask answers POST /v1/tasks: the pipeline of a row, for one task.
func (s *server) createTask(r *request) (*answer, error) {
	if err := mediaType(r, "application/json"); err != nil {
		return nil, err
	}
	prefer, err := readPrefer(r.Header)
	if err != nil {
		return nil, err
	}
	options, err := queryOptions(r.URL.Query())
	if err != nil {
		return nil, err
	}
	if err := options.Check(importer.Tasks); err != nil {
		return nil, err
	}
	unpacked, err := s.unpacked(r, maxTaskBody)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(unpacked)
	if err != nil {
		return nil, bodyError(r, err)
	}
	object, err := importer.ReadObject(body)
	if err != nil {
		return nil, err
	}
	values, fault := importer.TaskValues(object)
	if fault != nil {
		return nil, fault
	}
	s.press(r.Context())
	if prefer.async {
		if _, fault := options.ReadTask(values, s.now()); fault != nil { // a worker would also accept the values of files
			return nil, fault
		}
		return s.createTaskLater(r, values, options, prefer)
	}
	return s.createTaskNow(r, values, options)
}

// maxLinkTries bounds the attempts to link a task while the directory changes or another request
// has the same external_id.
const maxLinkTries = 5

// createTaskNow links the task against the directory as of the lookup of the key. If the directory
// has changed since, the task is linked again before it is created or refused.
func (s *server) createTaskNow(r *request, values importer.Values, o importer.Options) (*answer, error) {
	version, taken := r.key.DirectoryVersion, false
	for try := 1; ; try++ {
		batch, fault := o.ReadTask(values, s.now())
		if fault != nil {
			return nil, fault
		}
		a, err := s.resolveTask(r, batch, o, version, try == 1, taken)
		taken = taken || errors.Is(err, store.ErrExists)
		again := errors.Is(err, store.ErrRetry) || errors.Is(err, store.ErrExists)
		_, refused := errors.AsType[*importer.Fault](err)
		doubtful := refused && try == 1
		if !again && !doubtful || try == maxLinkTries {
			return a, err
		}
		now, failed := s.Store.DirectoryVersion(r.Context(), r.key.WorkspaceID)
		if failed != nil {
			return nil, failed
		}
		if doubtful && now == version {
			return a, err
		}
		version = now
	}
}

// resolveTask resolves a task against the directory of a version or later, and creates it. With
// exactly, the directory must not have changed since. With taken, another task may have the
// external id.
func (s *server) resolveTask(r *request, batch *importer.Batch, o importer.Options, version int64, exactly,
	taken bool) (*answer, error) {
	ctx, workspace := r.Context(), r.key.WorkspaceID
	if err := batch.Resolve(ctx, s.Store.ResolverAt(workspace, version, taken), o); err != nil {
		return nil, err
	}
	if len(batch.Dead) > 0 {
		if err := s.Store.CompleteCandidates(ctx, workspace, batch.Dead[:1]); err != nil {
			return nil, err
		}
		return nil, &batch.Dead[0].Fault
	}
	t, outcome, err := s.Store.CreateTask(ctx, store.NewTask{Workspace: workspace, Batch: batch, Seen: version,
		Exactly: exactly, OnDuplicate: o.OnDuplicate, Idem: r.idem})
	if err != nil {
		return nil, err
	}
	if outcome == store.TaskCreated {
		return created(t), nil
	}
	return known(t), nil
}

// now returns the server's time in UTC, to the microsecond like the database.
func (s *server) now() time.Time { return s.Now().UTC().Truncate(time.Microsecond) }

// listTasks answers GET /v1/tasks.
func (s *server) listTasks(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	filter, err := taskFilter(r)
	if err != nil {
		return nil, err
	}
	tasks, err := s.Store.Tasks(r.Context(), r.key.WorkspaceID, filter, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, tasks, func(t importer.Task) taskJSON { return taskJSON{t, !filter.CustomFields} }), nil
}

// taskFilters are the query parameters that filter tasks or say what is shown of them. An empty one
// is refused: a client that has lost an id would get all tasks.
var taskFilters = []string{"status", "assignee_id", "contact_id", "company_id", "deal_id", "event_id", "import_id",
	"include"}

func taskFilter(r *request) (store.TaskFilter, error) {
	q := r.URL.Query()
	for _, name := range taskFilters {
		if q.Has(name) && q.Get(name) == "" {
			return store.TaskFilter{}, newError("validation_error",
				"%s is empty; give it a value, or leave it out to list all tasks", name).of(name)
		}
	}
	if include := q.Get("include"); include != "" && include != importer.FieldCustomFields {
		return store.TaskFilter{}, newError("validation_error", "include takes custom_fields, not %s",
			strconv.Quote(include)).of("include")
	}
	f := store.TaskFilter{CustomFields: q.Has("include"), Status: q.Get("status"), AssigneeID: q.Get("assignee_id")}
	if err := importer.CheckStatus(f.Status); err != nil {
		return f, err
	}
	if err := importer.CheckShort("assignee_id", f.AssigneeID); err != nil {
		return f, err
	}
	ids := map[string]*uuid.UUID{"contact_id": &f.ContactID, "company_id": &f.CompanyID, "deal_id": &f.DealID,
		"event_id": &f.EventID, "import_id": &f.ImportID}
	for name, id := range ids {
		text := q.Get(name)
		if text == "" {
			continue
		}
		var ok bool
		if *id, ok = importer.ParseID(text); !ok {
			return f, newError("validation_error", "%s must be a UUID", name).of(name)
		}
	}
	return f, nil
}

// readTask answers GET /v1/tasks/{id}.
func (s *server) readTask(r *request) (*answer, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return nil, errNotFound("task")
	}
	t, err := s.Store.Task(r.Context(), r.key.WorkspaceID, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNotFound("task")
	}
	if err != nil {
		return nil, err
	}
	return data(http.StatusOK, taskJSON{Task: t}), nil
}
