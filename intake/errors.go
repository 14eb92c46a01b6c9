package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// apiError is an error as the API returns it.
type apiError struct {
	status  int
	header  map[string]string
	Code    web.Code `json:"code"`
	Message string   `json:"message"`
	remedyJSON
	Field      string               `json:"field,omitempty"`
	Line       int                  `json:"line,omitempty"`
	Reason     string               `json:"reason,omitempty"`
	Candidates []importer.Candidate `json:"candidates,omitempty"`
	Details    *importer.Details    `json:"details,omitempty"`
	Difference *importer.Difference `json:"difference,omitempty"` // from what a dry run has shown
	JobID      *uuid.UUID           `json:"job_id,omitempty"`     // of the import that had most of the rows
	SameFile   *importer.SameFile   `json:"same_file,omitempty"`  // how many rows were imported before
}

func (e *apiError) Error() string { return e.Message }

func newError(code web.Code, format string, args ...any) *apiError {
	return &apiError{status: code.Status(), Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *apiError) with(header, value string) *apiError {
	if e.header == nil {
		e.header = map[string]string{}
	}
	e.header[header] = value
	return e
}

func (e *apiError) of(field string) *apiError {
	e.Field = field
	return e
}

func errKey(why string) *apiError {
	return newError("invalid_key", "%s; send a live key as Authorization: Bearer wbk_…", why).with("WWW-Authenticate",
		"Bearer")
}

func errNoSuchPath(path string) *apiError {
	if bare := strings.TrimRight(path, "/"); bare != path && bare != "" {
		return newError("not_found", "there is nothing at %s; leave out what follows %s", strconv.Quote(path),
			strconv.Quote(bare))
	}
	return newError("not_found", "there is nothing at %s; the API begins at /v1/, and /docs shows it", strconv.Quote(path))
}

func errNotFound(what string) *apiError {
	return newError("not_found", "there is no such %s in this workspace", what)
}

func errMethod(allow string) *apiError {
	return newError("method_not_allowed", "this path takes %s", allow).with("Allow", allow)
}

// errUnavailable does not claim that nothing was done: the answer to a write may have been lost.
func errUnavailable() *apiError {
	const retryAfter = 2
	return newError("unavailable", "a part of the service is away for the moment; try again in %d seconds, with the "+
		"same Idempotency-Key if there was one", retryAfter).
		with("Retry-After", strconv.Itoa(retryAfter))
}

// errStopping also ends the connection, so that the client's next request goes to another process.
func errStopping() *apiError {
	return newError("unavailable", "this process is being stopped; nothing was done, try again in 1 second").with(
		"Retry-After", "1").with("Connection", "close")
}

func errRateLimited(after time.Duration) *apiError {
	seconds := web.Seconds(after)
	return newError("rate_limited", "too many requests; wait %d seconds", seconds).with("Retry-After",
		strconv.Itoa(seconds))
}

func errTooLarge(limit int64) *apiError {
	return newError("payload_too_large",
		"the body is larger than %d bytes; nothing was kept; split it, or send a file as text/csv or application/x-ndjson",
		limit)
}

// failure returns the answer for any error. Errors of the server are logged and not shown to the
// client.
func (s *server) failure(ctx context.Context, err error) *answer {
	if errors.Is(context.Cause(ctx), store.ErrUnavailable) {
		err = fmt.Errorf("%w: %w", store.ErrUnavailable, err) // what failed is only that the wait was ended
	}
	e := asAPIError(err)
	seenIn(ctx).code = string(e.Code)
	// a client that has gone receives no answer
	if e.status >= http.StatusInternalServerError && ctx.Err() == nil {
		s.Logger.ErrorContext(ctx, "request failed", slog.String("id", seenIn(ctx).id), slog.Any("error", err))
	}
	return jsonAnswer(e.status, map[string]any{"error": e}).withHeaders(e.header)
}

// asAPIError returns the API's error for any error.
func asAPIError(err error) *apiError {
	if api, ok := errors.AsType[*apiError](err); ok {
		return api
	}
	if errors.Is(err, store.ErrCursor) {
		return errCursor()
	}
	f := web.FailureOf(err)
	switch cause := f.Cause.(type) { //nolint:errorlint // FailureOf has unwrapped it
	case *importer.Fault:
		return faultError(cause)
	case *file.Error:
		return fileError(f.Code, cause)
	case *web.TooLongError:
		return newError(f.Code, "the upload took longer than %s, which is the longest that one may take; nothing was "+
			"kept: send it packed, or in parts", cause.After)
	case *spool.TooLargeError:
		return errTooLarge(cause.Limit)
	case *spool.BusyError:
		return newError(f.Code, "%s; wait until one of them has ended, then send this again",
			cause.Error()).with("Retry-After", strconv.Itoa(web.Seconds(cause.RetryAfter)))
	case *store.PermissionError:
		return newError(f.Code, "Missing %s permission", cause.Permission)
	case *http.MaxBytesError:
		return errTooLarge(cause.Limit)
	case *store.WorkbookError:
		return newError(f.Code, "%s; take the report as CSV, which has no such limit", cause.Error())
	case *store.SameFileError:
		remedy := file.Remedy{Code: importer.RemedySameFile}
		e := newError(f.Code, "%s", file.Words(words).Say(cause.Error(), remedy))
		e.remedyJSON = showRemedy(cause.Error(), remedy)
		e.JobID, e.SameFile = &cause.Import, &cause.SameFile
		return e
	case *store.OutdatedError:
		e := newError(f.Code, "%s", cause.Error())
		e.Difference = &cause.Difference
		return e
	case *store.StateError:
		return newError(f.Code, "%s", cause.Error())
	}
	switch f.Code {
	case web.NotFound:
		return errNotFound("record")
	case web.RequestInProgress:
		return newError(f.Code, "the first request with this Idempotency-Key is still running; try again later")
	case web.Unavailable:
		return errUnavailable()
	case web.ValidationError:
		return newError(f.Code, "the body broke off before its end; nothing was kept, send it again")
	default:
		return newError(web.InternalError, "something went wrong on our side; nothing was done, and the request id tells "+
			"us where")
	}
}

// faultError returns the API's error for a rejected row. Its reason is set only for names, where
// the code alone does not identify it.
func faultError(f *importer.Fault) *apiError {
	e := newError(web.Code(f.Code()), "%s", f.In(words)).of(f.Field)
	e.remedyJSON = showRemedy(f.Message, f.Remedy)
	e.Candidates, e.Details = f.Candidates, f.Details
	if f.Details != nil {
		e.Reason = string(f.Reason)
	}
	return e
}

func fileError(code web.Code, f *file.Error) *apiError {
	e := newError(code, "%s", file.Words(words).Say(f.Error(), f.Remedy)).of(f.Field)
	e.remedyJSON = showRemedy(f.Error(), f.Remedy)
	e.Line = f.Line
	return e
}
