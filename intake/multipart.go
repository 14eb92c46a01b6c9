package intake

import (
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/url"
	"strconv"

	"taskport/importer/file"
)

// maxFormField bounds an option of a form, in bytes.
const maxFormField = 1 << 20

// formFile reads a form (multipart/form-data, RFC 7578) up to its file: the fields before it are
// options and win over query parameters. The file is streamed, so it has to be the last part; that
// it is shows only at its end.
func (s *server) formFile(r *request, q url.Values) (io.Reader, file.Format, error) {
	body, err := s.unpacked(r, s.MaxUpload)
	if err != nil {
		return nil, "", err
	}
	r.Body = io.NopCloser(body)
	form, err := r.MultipartReader()
	if err != nil {
		return nil, "", newError("unsupported_media_type", "the form cannot be read: %v", err)
	}
	given := map[string]bool{}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, "", newError("validation_error", "the form has no file; send one as its last part, called file").of(
				"file")
		}
		if err != nil {
			return nil, "", bodyError(r, newError("validation_error",
				"the form breaks off or is malformed; nothing was kept, send it again"))
		}
		if part.FileName() == "" && part.FormName() != "file" {
			value, err := io.ReadAll(io.LimitReader(part, maxFormField))
			if err != nil {
				return nil, "", bodyError(r, err)
			}
			if err := setOption(q, part.FormName(), string(value), given); err != nil {
				return nil, "", err
			}
			continue
		}
		if q.Get("file_name") == "" {
			q.Set("file_name", part.FileName())
		}
		format, charset, err := partFormat(part.Header.Get("Content-Type"), part.FileName())
		if charset != "" && q.Get("encoding") == "" {
			q.Set("encoding", charset)
		}
		return &lastPart{form: form, part: part}, format, err
	}
}

// setOption puts an option of a form in the place of that of the address; given are those that the
// form had before.
func setOption(q url.Values, name, value string, given map[string]bool) error {
	if given[name] {
		return newError("validation_error", "%s is given twice; give it once", name).of(name)
	}
	given[name] = true
	q.Set(name, value)
	return checkOptions(q)
}

// lastPart is the file of a form. Where anything follows it, reading it fails at its end: an option
// would come too late, and a second file would be lost.
type lastPart struct {
	form *multipart.Reader
	part io.Reader
	end  error
}

func (l *lastPart) Read(p []byte) (int, error) {
	if l.end != nil {
		return 0, l.end
	}
	n, err := l.part.Read(p)
	if errors.Is(err, io.EOF) {
		l.end = l.nothingFollows()
		err = l.end
	}
	return n, err
}

// nothingFollows returns io.EOF where the form ends here.
func (l *lastPart) nothingFollows() error {
	next, err := l.form.NextPart()
	switch {
	case errors.Is(err, io.EOF): // also where the mark of the last boundary is missing
		return io.EOF
	case err != nil:
		return newError("validation_error", "the form breaks off or is malformed; nothing was kept, send it again")
	}
	return newError("validation_error", "%s stands behind the file of the form, where it comes too late; nothing was "+
		"kept: send one file, as the last part, and the options before it",
		strconv.Quote(next.FormName())).of(next.FormName())
}

// partFormat tells the format of a form's file by its type, or by its ending where the type says
// nothing.
func partFormat(contentType, name string) (format file.Format, charset string, err error) {
	t, params, err := mime.ParseMediaType(contentType)
	if err == nil && bodyFormats[t] != "" {
		return bodyFormats[t], params["charset"], nil
	}
	if format, _, known := file.FormatByName(name); known {
		return format, params["charset"], nil
	}
	if t == "application/json" {
		return file.JSON, "", nil
	}
	if _, packed := bodyFormats[t]; packed && t != "application/octet-stream" {
		return "", "", nil
	}
	return "", "", newError("unsupported_media_type",
		"the file of the form must be CSV, NDJSON, JSON or .xlsx, perhaps packed, by its Content-Type or its ending").of(
		"file")
}
