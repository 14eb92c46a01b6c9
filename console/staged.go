package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taskport/importer"
	"taskport/importer/dates"
	"taskport/importer/file"
	"taskport/store"
)

// previewRows is how many rows a preview shows.
const previewRows = 20

// stagedPage is an import that was uploaded and not begun: its mapping, proposed or chosen, and a
// preview of the first rows.
type stagedPage struct {
	store.Import
	Token    string
	Reading  string
	Expected []string // notes about what went as it should
	Notes    []string
	Fields   []string
	Columns  []mappedColumn
	Rows     []importer.PreviewRow
	Bad      int                  // cells that will not parse
	Wrong    string               // why the mapping is refused
	Blocked  bool                 // nothing can be imported with the mapping
	Earlier  *store.SameFileError // the earlier import of the same file; nil if none
	Choices  importer.Options
	Preset   string        // of the values; empty if none
	Hidden   int           // columns that are not shown
	Looks    importer.Kind // what the file looks like instead; empty if it looks like what it is
	Retries  bool          // the rejected rows that the records resolve may be retried
	Words    []unknownValue
	Kept     bool // the file can be read in another way
}

// unknownValue is an unknown value of an enum field, with the meaning that the operator chose.
type unknownValue struct {
	importer.UnknownValue
	Field   string
	Name    string   // of the control in the form
	Means   string   // as chosen; empty if nothing is chosen
	Allowed []string // empty for an assignee, who may be any user
}

// Duplicates returns the choices for a repeated external_id.
func (stagedPage) Duplicates() []importer.OnDuplicate {
	return []importer.OnDuplicate{importer.DuplicateSkip, importer.DuplicateUpdate, importer.DuplicateReject}
}

// mappedColumn is a column with the field that it feeds.
type mappedColumn struct {
	Index int
	Name  string
	Field string
}

// mostColumns is how many columns a page shows.
const mostColumns = 200

func (s *server) showStaged(r *request) (*answer, error) {
	i, first, err := s.stagedOfPath(r)
	if err != nil {
		return s.staleUpload(r, err)
	}
	i.Options.RetryRejects = s.mayRetry(r, i)
	of := importer.Proposal(i.Kind, i.Layout)
	if id, ok := importer.ParseID(r.URL.Query().Get("from")); ok { // begins with the mapping of its dry run
		from, err := s.Store.Import(r.Context(), i.WorkspaceID, id)
		if err != nil {
			return nil, err
		}
		if chosen := importer.Proposal(from.Kind, from.Layout); from.Kind == i.Kind && len(chosen) == len(of) {
			of = chosen
		}
	}
	return s.preview(r, i, first, of, i.Options, nil, nil, http.StatusOK)
}

// runAgain stages the file of a dry run once more, and redirects to the choice of its mapping.
func (s *server) runAgain(r *request) (*answer, error) {
	id, err := idOfPath(r)
	if err != nil {
		return nil, err
	}
	fresh, err := s.Store.Restage(r.Context(), r.in.key.WorkspaceID, id, s.Now())
	if err != nil {
		return nil, err
	}
	return redirect(Prefix + "upload/" + fresh.String() + "?from=" + id.String()), nil
}

// looksLike returns the kind that a file looks like, if that is another one than was chosen: its
// columns lack what that needs, or more of them feed fields.
func looksLike(i store.Import, of []string) importer.Kind {
	fed := func(of []string) (n int) {
		for _, field := range of {
			if field != "" && field != importer.Kept {
				n++
			}
		}
		return n
	}
	best, most := importer.Kind(""), fed(of)+1
	if _, err := importer.NewRowReader(i.Kind, i.Layout, importer.Mapping{}); err != nil {
		most = 0
	}
	for _, kind := range importer.Kinds() {
		if kind == i.Kind {
			continue
		}
		layout := i.Layout
		layout.Preset, layout.Sources = "", nil
		if _, err := importer.NewRowReader(kind, layout, importer.Mapping{}); err != nil {
			continue
		}
		if n := fed(importer.Proposal(kind, layout)); n > most {
			best, most = kind, n
		}
	}
	return best
}

// mayRetry reports whether the import can retry the rejected rows that its records resolve.
func (s *server) mayRetry(r *request, i store.Import) bool {
	return i.Kind != importer.Tasks && r.in.key.MayChange(importer.Tasks)
}

func (s *server) stagedOfPath(r *request) (store.Import, file.Chunk, error) {
	id, err := idOfPath(r)
	if err != nil {
		return store.Import{}, file.Chunk{}, err
	}
	return s.Store.StagedFile(r.Context(), r.in.key.WorkspaceID, id)
}

// staleUpload redirects from an upload that was begun meanwhile to its import.
func (s *server) staleUpload(r *request, err error) (*answer, error) {
	if !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return redirect(importPath(i.ID)).saying("This import was begun already."), nil
}

// preview returns the page with the first rows under a mapping; of holds the field of each column.
// Earlier is the earlier import of the same file, and refused says why the choices cannot be
// carried out; nil if there is none.
func (s *server) preview(r *request, i store.Import, first file.Chunk, of []string, choices importer.Options,
	earlier *store.SameFileError, refused *importer.Fault, status int) (*answer, error) {
	p := stagedPage{Import: i, Earlier: earlier, Token: r.token, Reading: i.Layout.Reading(words).String(),
		Fields: importer.FieldsOf(i.Kind), Choices: choices, Preset: i.Layout.Preset, Hidden: max(len(of)-mostColumns, 0),
		Retries: s.mayRetry(r, i), Looks: looksLike(i, of)}
	for n, name := range i.Layout.Columns[:min(len(of), mostColumns)] {
		p.Columns = append(p.Columns, mappedColumn{Index: n, Name: name, Field: of[n]})
	}
	p.Expected, p.Notes = notesOf(i.Layout.AllNotes())
	kept, err := s.Store.IsFileKept(r.Context(), i.WorkspaceID, i.ID)
	if err != nil {
		return nil, err
	}
	p.Kept = kept
	reader, err := readerOf(i, of, choices)
	var fault *importer.Fault
	switch {
	case errors.As(err, &fault):
		p.Wrong, p.Blocked = fault.In(words), true
		p.Rows = rawRows(i.Layout, first)
	case err != nil:
		return nil, err
	default:
		p.Rows = reader.Preview(first, previewRows, s.Now(), words).Rows
		p.Expected, p.Notes = notesOf(reader.Answered(nil).AllNotes()) // the unknown values have their own controls
		if p.Words, err = s.unknownValues(r.Context(), i, first, of, choices); err != nil {
			return nil, err
		}
		if refused != nil {
			p.Wrong = refused.In(words)
		}
	}
	for n, row := range p.Rows {
		for _, c := range row.Cells {
			if c.Problem != "" {
				p.Bad++
			}
		}
		p.Rows[n].Cells = row.Cells[:min(len(row.Cells), mostColumns)]
	}
	return &answer{status: status, view: "staged.html", title: "Upload " + shown(i.FileName), data: p}, nil
}

// rawRows returns the first rows as they are in the file.
func rawRows(layout importer.Layout, first file.Chunk) []importer.PreviewRow {
	var rows []importer.PreviewRow
	for rec := range file.Decode(layout.Layout, first) {
		if len(rows) == previewRows {
			break
		}
		row := importer.PreviewRow{Row: rec.Row, Line: rec.Line, Cells: make([]importer.PreviewCell, len(layout.Columns)),
			Problem: rec.Problem}
		for n, cell := range rec.Cells {
			if n < len(row.Cells) {
				row.Cells[n].Text = cell
			}
		}
		rows = append(rows, row)
	}
	return rows
}

// readerOf returns the reader of the rows under a mapping; of holds the field of each column. An
// invalid mapping is an *importer.Fault.
func readerOf(i store.Import, of []string, choices importer.Options) (*importer.RowReader, error) {
	layout := i.Layout
	if choices.Preset == importer.NoPreset {
		layout.Preset = ""
	}
	fed, err := layout.Fed(i.Kind, of, choices.DateOrder)
	if err != nil {
		return nil, err
	}
	return importer.NewRowReader(i.Kind, fed, choices.Mapping)
}

// beginStaged previews, checks, imports or discards an upload, as the pressed button says.
func (s *server) beginStaged(r *request) (*answer, error) {
	i, first, err := s.stagedOfPath(r)
	if err != nil {
		return s.staleUpload(r, err)
	}
	do := r.PostFormValue("do")
	if do == "discard" {
		if err := s.Store.Discard(r.Context(), i.WorkspaceID, i.ID); err != nil {
			return nil, err
		}
		return redirect(Prefix + "imports").saying(fmt.Sprintf("%s was discarded.", shown(i.FileName))), nil
	}
	if used := i.Layout.Remembered; do == "forget" && used != nil {
		err := s.Store.DeleteMapping(r.Context(), i.WorkspaceID, used.Name)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		return redirect(Prefix + "upload/" + i.ID.String()).saying(
			"The mapping is forgotten. This upload still has it; the next file with this header will not."), nil
	}
	of := chosenFields(i, r.PostForm)
	choices, err := readChoices(r.PostForm)
	if err != nil {
		return nil, err
	}
	choices.Constants, choices.Timezone = i.Options.Constants, i.Options.Timezone // of a saved mapping
	choices.Values = keptMeanings(choices.Values, i.Options.Values, r.PostForm)
	choices.DefaultAssignee = i.Options.DefaultAssignee
	choices.DryRun = do == "check"
	choices.RetryRejects = r.PostFormValue("retry_rejects") != "" && s.mayRetry(r, i) && !choices.DryRun
	reader, err := readerOf(i, of, choices)
	if do == "preview" || err != nil {
		status := http.StatusOK
		if err != nil && do != "preview" {
			status = http.StatusBadRequest
		}
		return s.preview(r, i, first, of, choices, nil, nil, status)
	}
	unknown, err := s.unknownOf(r.Context(), i, first, of, choices)
	if err != nil {
		return nil, err
	}
	var remember *store.Mapping
	if m, ok := i.Layout.MappingOf(i.Kind, of, choices.Mapping); ok && do == "import" {
		remember = &store.Mapping{Kind: i.Kind, Mapping: m}
	}
	begun, err := s.Store.Begin(r.Context(), i.WorkspaceID, i.ID, reader.Answered(unknown), choices,
		remember, r.actor(), s.Now())
	var same *store.SameFileError
	if errors.As(err, &same) {
		return s.preview(r, i, first, of, choices, same, nil, http.StatusConflict)
	}
	var refused *importer.Fault
	if errors.As(err, &refused) {
		return s.preview(r, i, first, of, choices, nil, refused, http.StatusBadRequest)
	}
	if err != nil {
		return s.afterBegin(r, err)
	}
	s.handover.Begin(r.Context(), begun)
	return redirect(importPath(begun.ID)), nil
}

// afterBegin redirects to the import if another operator has begun the upload meanwhile.
func (s *server) afterBegin(r *request, err error) (*answer, error) {
	var state *store.StateError
	if !errors.As(err, &state) {
		return nil, err
	}
	return s.staleUpload(r, store.ErrNotFound)
}

// chosenFields returns the field of each column: the chosen one, or the proposed one if the form
// lacks the column.
func chosenFields(i store.Import, form url.Values) []string {
	of := importer.Proposal(i.Kind, i.Layout)
	known := importer.FieldsOf(i.Kind)
	for n := range of {
		name := "column_" + strconv.Itoa(n)
		if !form.Has(name) {
			continue
		}
		if of[n] = form.Get(name); of[n] != importer.Kept && !slices.Contains(known, of[n]) {
			of[n] = ""
		}
	}
	return of
}

// meansPrefix begins the name of a control for an unknown value; the field and the value follow.
const meansPrefix = "means:"

// unknownOf returns the values of each field that are unknown without the operator's choices.
func (s *server) unknownOf(ctx context.Context, i store.Import, first file.Chunk, of []string,
	choices importer.Options) (map[string][]importer.UnknownValue, error) {
	choices.Values = nil
	reader, err := readerOf(i, of, choices)
	if err != nil {
		return nil, err
	}
	unknown := reader.UnknownWords(i.Layout, first)
	layout := i.Layout
	if i.Kind == importer.Tasks && !reader.SameAssignees(i.Layout) {
		layout = importer.Layout{Assignees: reader.AssigneesOf(first)}
		if err := s.Store.DecideAssignees(ctx, i.WorkspaceID, &layout, importer.Mapping{}); err != nil {
			return nil, err
		}
	}
	if asked := layout.Unknown[importer.Assignee]; len(asked) > 0 {
		unknown[importer.Assignee] = asked
	}
	return unknown, nil
}

// unknownValues returns the unknown values in the order of the fields, with the chosen meanings.
func (s *server) unknownValues(ctx context.Context, i store.Import, first file.Chunk, of []string,
	choices importer.Options) ([]unknownValue, error) {
	unknown, err := s.unknownOf(ctx, i, first, of, choices)
	if err != nil {
		return nil, err
	}
	var all []unknownValue
	for _, field := range slices.Concat(importer.FieldsOf(i.Kind), []string{importer.Assignee}) {
		for _, u := range unknown[field] {
			w := unknownValue{UnknownValue: u, Field: field, Name: meansPrefix + field + ":" + u.Value,
				Allowed: importer.Meanings(i.Kind, field)}
			if meant, said := choices.Values[field][u.Value]; said {
				w.Means = cmp.Or(meant, importer.NoMeaning)
			}
			all = append(all, w)
		}
	}
	return all, nil
}

// keptMeanings adds to the chosen meanings those of a saved mapping that the form has no control
// for.
func keptMeanings(chosen, saved map[string]map[string]string, form url.Values) map[string]map[string]string {
	for field, meanings := range saved {
		for value, means := range meanings {
			if form.Has(meansPrefix + field + ":" + value) {
				continue
			}
			if chosen[field] == nil {
				chosen[field] = map[string]string{}
			}
			chosen[field][value] = means
		}
	}
	return chosen
}

// readMeanings returns the chosen meanings of unknown values, by field and value.
func readMeanings(form url.Values) map[string]map[string]string {
	values := map[string]map[string]string{}
	for name := range form {
		field, word, isMeaning := strings.Cut(strings.TrimPrefix(name, meansPrefix), ":")
		meant := form.Get(name)
		if !strings.HasPrefix(name, meansPrefix) || !isMeaning || meant == "" {
			continue
		}
		if values[field] == nil {
			values[field] = map[string]string{}
		}
		values[field][word] = importer.Meant(meant)
	}
	return values
}

func readChoices(form url.Values) (importer.Options, error) {
	o := importer.Options{OnDuplicate: importer.OnDuplicate(form.Get("on_duplicate")),
		OnCompanyMismatch: importer.OnCompanyMismatch(form.Get("on_company_mismatch")),
		OnSeveral:         importer.OnSeveral(form.Get("on_several")),
		OnSameFile:        importer.OnSameFile(form.Get("on_same_file"))}
	if form.Get("preset") == importer.NoPreset {
		o.Preset = importer.NoPreset
	}
	o.DateOrder = dates.Order(form.Get("date_order"))
	o.OnUnknownAssignee = importer.OnUnknownAssignee(form.Get("on_unknown_assignee"))
	o.ImplausibleDates = importer.ImplausibleDates(form.Get("implausible_dates"))
	o.Values = readMeanings(form)
	if err := o.Check(importer.Tasks); err != nil {
		return o, err
	}
	return o, o.Validate()
}
