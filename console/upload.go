package console

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// uploadKinds are the kinds of rows that a file may have, in the order of the form.
var uploadKinds = []importer.Kind{importer.Tasks, importer.Contacts, importer.Companies, importer.Deals,
	importer.Events, importer.Users}

// kindsOf returns the kinds that a key may upload.
func kindsOf(k store.Key) []importer.Kind {
	var kinds []importer.Kind
	for _, kind := range uploadKinds {
		if k.MayChange(kind) {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

const (
	maxField  = 64 << 10 // bytes of an option of the form
	maxFields = 30
)

// uploadPage is the upload form, with the imports that are not begun.
type uploadPage struct {
	Token  string
	Kind   importer.Kind // preselected
	Kinds  []importer.Kind
	Staged []store.Import
	Saved  []store.Mapping // mappings that can be used
}

func (s *server) showUpload(r *request) (*answer, error) {
	kinds := kindsOf(r.in.key)
	if len(kinds) == 0 {
		return nil, errPermission(store.WriteActivities)
	}
	staged, err := s.Store.StagedFiles(r.Context(), r.in.key.WorkspaceID)
	if err != nil {
		return nil, err
	}
	saved, err := s.savedMappings(r, kinds)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, view: "upload.html", title: "Upload", data: uploadPage{r.token,
		importer.Kind(r.URL.Query().Get("kind")), kinds, staged, saved}}, nil
}

// savedMappings returns the mappings of these kinds that are saved under a name.
func (s *server) savedMappings(r *request, kinds []importer.Kind) ([]store.Mapping, error) {
	all, err := s.Store.Mappings(r.Context(), r.in.key.WorkspaceID, "", store.Page{Number: 1, Size: 2 * store.MaxMappings})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all.Rows, func(m store.Mapping) bool {
		return m.Header != "" || !slices.Contains(kinds, m.Kind)
	}), nil
}

// upload stores a file, whole or not at all, and redirects to its preview. Nothing is inserted
// until the import is begun.
func (s *server) upload(r *request) (*answer, error) {
	if err := s.Store.CheckStagedLimit(r.Context(), r.in.key.WorkspaceID); err != nil {
		return nil, err
	}
	spooled, err := s.Spools.Begin(r.Context(), r.in.key.WorkspaceID, r.in.key.ID)
	if err != nil {
		return nil, err
	}
	defer spooled.Done()
	body := web.NewBody(r.writer, r.Request, s.MaxUpload+maxFields*maxField)
	defer body.Close()
	body.Within(s.Spools.Time())
	r.Body = io.NopCloser(body)
	form, err := r.MultipartReader()
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "The form cannot be read", "Choose a file, and send the form again.")
	}
	options, part, err := readUploadForm(form)
	if err != nil {
		return nil, body.Prefer(err)
	}
	if !r.carries(options.Get("csrf")) {
		return nil, errToken()
	}
	sent := &sentBytes{from: part}
	id, err := s.stage(r, options, part.FileName(), sent, spooled)
	if err != nil {
		return nil, body.Prefer(err)
	}
	s.keepFile(r, id, sent)
	to := redirect(Prefix + "upload/" + id.String())
	if name := options.Get("mapping"); name != "" {
		to.saying("Mapped as " + shown(name) + ", which is saved.")
	}
	return to, nil
}

// readUploadForm reads the options of the form. It returns the part of the file unread.
func readUploadForm(form *multipart.Reader) (url.Values, *multipart.Part, error) {
	options := url.Values{}
	for range maxFields {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, io.ErrUnexpectedEOF
		}
		if part.FormName() == "file" {
			return options, part, nil
		}
		value, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return nil, nil, err
		}
		options.Set(part.FormName(), string(value))
	}
	return nil, nil, refuse(http.StatusBadRequest, "No file", "The form has no file; choose one.")
}

// sentBytes reads a file and keeps what it has read, unless that is too much.
type sentBytes struct {
	from  io.Reader
	kept  []byte
	large bool
}

func (s *sentBytes) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	if s.large = s.large || len(s.kept)+n > store.MaxKeptFile; s.large {
		s.kept = nil
	} else {
		s.kept = append(s.kept, p[:n]...)
	}
	return n, err
}

// keepFile keeps a file as it was sent, so that it can be read in another way. Without it the
// upload only has to be repeated for that.
func (s *server) keepFile(r *request, id uuid.UUID, sent *sentBytes) {
	_, err := io.Copy(io.Discard, sent) // what follows the last record
	if err == nil && !sent.large {
		err = s.Store.KeepFile(r.Context(), r.in.key.WorkspaceID, id, sent.kept)
	}
	if err != nil {
		s.Logger.WarnContext(r.Context(), "upload not kept as it was sent", slog.Any("error", err))
	}
}

// readAgain stages a file that was uploaded once more, read in another way, in place of the first.
func (s *server) readAgain(r *request) (*answer, error) {
	i, _, err := s.stagedOfPath(r)
	if err != nil {
		return s.staleUpload(r, err)
	}
	data, err := s.Store.KeptFile(r.Context(), i.WorkspaceID, i.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusConflict, "The file is not kept", "Upload it again, and say how it is read.")
	}
	if err != nil {
		return nil, err
	}
	spooled, err := s.Spools.Begin(r.Context(), i.WorkspaceID, r.in.key.ID)
	if err != nil {
		return nil, err
	}
	defer spooled.Done()
	options := url.Values{"kind": {string(i.Kind)}}
	for _, name := range []string{"encoding", "delimiter", "sheet", "skip_lines", "no_header", "keep_placeholders"} {
		options.Set(name, r.PostFormValue(name))
	}
	id, err := s.stage(r, options, i.FileName, bytes.NewReader(data), spooled)
	if err != nil {
		return nil, err
	}
	s.keepFile(r, id, &sentBytes{from: bytes.NewReader(data)})
	if err := s.Store.Discard(r.Context(), i.WorkspaceID, i.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return redirect(Prefix + "upload/" + id.String()).saying("The file was read again."), nil
}

// stage stores a file as an import that is not begun.
func (s *server) stage(r *request, options url.Values, name string, from io.Reader,
	spooled *spool.Upload) (uuid.UUID, error) {
	kind := importer.Kind(options.Get("kind"))
	if kind == "" {
		kind = importer.Tasks
	}
	var saved *store.Mapping
	if named := options.Get("mapping"); named != "" {
		m, err := s.Store.Mapping(r.Context(), r.in.key.WorkspaceID, named)
		if errors.Is(err, store.ErrNotFound) {
			return uuid.Nil, refuse(http.StatusBadRequest, "No such mapping", "The mapping %s is gone; choose another one.",
				shown(named))
		}
		if err != nil {
			return uuid.Nil, err
		}
		kind, saved = m.Kind, &m
	}
	permission, ok := store.WritePermission(kind)
	if !ok {
		return uuid.Nil, refuse(http.StatusBadRequest, "What is in the file?",
			"Choose what the rows are: tasks, contacts, companies, deals, events or users.")
	}
	if err := r.in.key.Needs(permission); err != nil {
		return uuid.Nil, err
	}
	if name == "" {
		return uuid.Nil, refuse(http.StatusBadRequest, "No file", "The form has no file; choose one.")
	}
	if err := importer.CheckShort("the file's name", name); err != nil {
		return uuid.Nil, err
	}
	cut, err := cutOptions(options)
	if err != nil {
		return uuid.Nil, err
	}
	cut.ChunkRows, cut.MaxUnpacked, cut.HashRows = s.ChunkRows, s.MaxUpload, kind == importer.Tasks
	body := spooled.Body(from)
	cutter, err := importer.Open(file.Input{Name: name, From: body, Scratch: spooled.File}, cut, importer.Mapping{})
	if err != nil {
		return uuid.Nil, err
	}
	defer cutter.Close()
	choices := importer.Options{}
	if err := choices.Validate(); err != nil {
		return uuid.Nil, err
	}
	remembered, err := s.Store.RememberedMapping(r.Context(), r.in.key.WorkspaceID, kind,
		importer.HeaderKey(cutter.Layout()))
	if err != nil {
		return uuid.Nil, err
	}
	switch {
	case saved != nil:
		choices.Mapping, remembered = saved.Mapping, nil
	case remembered != nil:
		choices.Mapping = remembered.Mapping
	}
	seen, err := importer.Watch(cutter, kind, choices.Mapping)
	if err != nil && !isFault(err) {
		return uuid.Nil, err
	}
	var users *importer.Snapshot
	if kind == importer.Tasks {
		if users, err = s.Store.Users(r.Context(), r.in.key.WorkspaceID); err != nil {
			return uuid.Nil, err
		}
		if users.Users != nil && seen != nil {
			seen.WatchAssignees()
		}
	}
	chunks, err := web.ReadChunks(cutter, body)
	if err != nil {
		return uuid.Nil, err
	}
	made, err := s.Store.Stage(r.Context(), store.NewImport{WorkspaceID: r.in.key.WorkspaceID, Kind: kind,
		FileName: name, Options: choices, CreatedAt: s.Now(), Staged: true, Buffered: chunks.InMemory(),
		Users: users, By: r.actor()},
		func(keep func(file.Chunk) error) (importer.Layout, bool, error) {
			layout, compared, err := cutAll(chunks, kind, choices, seen, keep)
			if remembered != nil {
				layout.Remembered = &importer.Remembered{Name: remembered.Name, At: remembered.UpdatedAt}
			}
			return layout, compared, err
		})
	return made.ID, err
}

// cutOptions returns the options of the form that override what is detected in the file.
func cutOptions(options url.Values) (file.Options, error) {
	c := file.Options{HasHeader: options.Get("no_header") == "",
		Delimiter: file.DelimiterNamed(options.Get("delimiter")), Sheet: options.Get("sheet"),
		KeepPlaceholders: options.Get("keep_placeholders") != ""}
	var err error
	if c.Encoding, err = file.CheckEncoding(options.Get("encoding")); err != nil {
		return c, refuse(http.StatusBadRequest, "Unknown encoding", "%v.", err)
	}
	if c.SkipLines, err = file.ReadSkipLines(options.Get("skip_lines")); err != nil {
		return c, refuse(http.StatusBadRequest, "Lines above the header", "The number of lines above the header: %v.", err)
	}
	return c, nil
}

// cutAll passes all chunks of a file to keep, and returns the layout, and whether its rows are
// compared with those of earlier files. It ignores a faulty mapping, which the preview corrects.
func cutAll(chunks *web.Chunks, kind importer.Kind, choices importer.Options, seen *importer.Survey,
	keep func(file.Chunk) error) (importer.Layout, bool, error) {
	layout, compared, err := importer.CutAll(chunks.Next, chunks.Layout, kind, choices, seen, keep)
	if isFault(err) && layout.Columns != nil {
		err = nil
	}
	return layout, compared, err
}

func isFault(err error) bool {
	var fault *importer.Fault
	return errors.As(err, &fault)
}
