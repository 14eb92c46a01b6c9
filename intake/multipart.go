package intake

import (
	"errors"
	"io"
	"mime"
	"net/url"

	"taskport/importer"
)

// maxFormField bounds an option of a form, in bytes.
const maxFormField = 1 << 20

// formFile reads a form (multipart/form-data, RFC 7578) up to its file: the fields before it are options and win over query parameters.
// The file is streamed, so it has to be the last part.
func (s *server) formFile(r *request, q url.Values) (io.Reader, importer.Format, error) {
	body, err := s.unpacked(r, s.MaxUpload)
	if err != nil {
		return nil, "", err
	}
	r.Body = io.NopCloser(body)
	form, err := r.MultipartReader()
	if err != nil {
		return nil, "", newError("unsupported_media_type", "the form cannot be read: %v", err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return nil, "", newError("validation_error", "the form has no file; send one as its last part, called file").of("file")
		}
		if err != nil {
			return nil, "", bodyError(r, newError("validation_error", "the form breaks off or is malformed; nothing was kept, send it again"))
		}
		if part.FileName() == "" && part.FormName() != "file" {
			value, err := io.ReadAll(io.LimitReader(part, maxFormField))
			if err != nil {
				return nil, "", bodyError(r, err)
			}
			q.Set(part.FormName(), string(value))
			if err := checkOptions(q); err != nil {
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
		return part, format, err
	}
}

// partFormat tells the format of a form's file by its type, or by its ending where the type says nothing.
func partFormat(contentType, name string) (format importer.Format, charset string, err error) {
	t, params, err := mime.ParseMediaType(contentType)
	if err == nil && bodyFormats[t] != "" {
		return bodyFormats[t], params["charset"], nil
	}
	if format, _, known := importer.FormatByName(name); known {
		return format, params["charset"], nil
	}
	if t == "application/json" {
		return importer.JSON, "", nil
	}
	if _, packed := bodyFormats[t]; packed && t != "application/octet-stream" {
		return "", "", nil
	}
	return "", "", newError("unsupported_media_type", "the file of the form must be CSV, NDJSON, JSON or .xlsx, perhaps packed, by its Content-Type or its ending").of("file")
}
