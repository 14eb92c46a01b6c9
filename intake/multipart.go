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

// formFile reads a form (multipart/form-data, RFC 7578) up to its file. The fields before the file
// are options that override query parameters. The file is streamed, so it must be the last part;
// this is checked at its end.
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

// setOption replaces an option of the query by one of the form; given holds the earlier options of
// the form.
func setOption(q url.Values, name, value string, given map[string]bool) error {
	if given[name] {
		return newError("validation_error", "%s is given twice; give it once", name).of(name)
	}
	given[name] = true
	q.Set(name, value)
	return checkOptions(q)
}

// lastPart is the file of a form. If another part follows, reading fails at the end of the file:
// an option would be too late, and a second file would be lost.
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

// nothingFollows returns io.EOF if the form ends here, otherwise an error.
func (l *lastPart) nothingFollows() error {
	next, err := l.form.NextPart()
	switch {
	case errors.Is(err, io.EOF): // also without the closing mark of the last boundary
		return io.EOF
	case err != nil:
		return newError("validation_error", "the form breaks off or is malformed; nothing was kept, send it again")
	}
	return newError("validation_error", "%s follows the file of the form, which is too late; nothing was kept: "+
		"send one file, as the last part, and the options before it",
		strconv.Quote(next.FormName())).of(next.FormName())
}

// partFormat returns the format of a form's file by its media type, or else by the extension of
// its name. An empty format is detected from the bytes.
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
