package console

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// wayBack returns where to go on from a page that failed: its row, the list in which the row stood
// when it stands there no more, or the import.
func wayBack(r *request, status int) string {
	id, err := idOfPath(r)
	if err != nil || r.in == nil || !strings.HasPrefix(r.URL.Path, importPath(id)+"/") {
		return ""
	}
	row, err := rowOfPath(r)
	switch gone := status == http.StatusNotFound || status == http.StatusConflict; {
	case err == nil && gone:
		return readWalk(r.URL.Query()).List(id, row)
	case err == nil:
		return deadLetterPath(id, row, readWalk(r.URL.Query()))
	case status == http.StatusNotFound:
		return ""
	}
	return importPath(id)
}

// pageError is an error as an operator sees it.
type pageError struct {
	status     int
	title      string
	message    string
	retryAfter int // seconds
}

func (e *pageError) Error() string { return e.message }

func refuse(status int, title, format string, args ...any) *pageError {
	return &pageError{status: status, title: title, message: fmt.Sprintf(format, args...)}
}

func errNotFound() *pageError {
	return refuse(http.StatusNotFound, "Not found", "There is no such page in this workspace.")
}

func errToken() *pageError {
	return refuse(http.StatusForbidden, "This form is out of date",
		"The form carries no token of your session, so nothing was done. Go back, reload the page, and send it again.")
}

func errPermission(p store.Permission) *pageError {
	return refuse(http.StatusForbidden, "Not permitted",
		"The key that you are signed in with lacks the permission %s. Nothing was done.", p)
}

func errTooMany(wait time.Duration) *pageError {
	seconds := web.Seconds(wait)
	e := refuse(http.StatusTooManyRequests, "Too many requests", "Wait %d seconds, then try again.", seconds)
	e.retryAfter = seconds
	return e
}

func errUnavailable() *pageError {
	e := refuse(http.StatusServiceUnavailable, "A part of the service is away",
		"The database does not answer for the moment. Reload the page in some seconds: what you sent may or may not "+
			"have been taken.")
	e.retryAfter = 2
	return e
}

// asPageError says of any error what an operator can do about it; what is internal stays in the
// log.
func asPageError(err error) *pageError {
	if page, ok := errors.AsType[*pageError](err); ok {
		return page
	}
	f := web.FailureOf(err)
	switch cause := f.Cause.(type) { //nolint:errorlint // FailureOf has unwrapped it
	case *importer.Fault:
		return refuse(f.Status(), "This cannot be done", "%s", cause.In(words))
	case *file.Error:
		return refuse(f.Status(), "The file cannot be read", "%s. Nothing was kept.", file.Words(words).Say(cause.Error(),
			cause.Remedy))
	case *store.StateError:
		return refuse(f.Status(), "Not possible now", "%s.", cause.Error())
	case *store.WorkbookError:
		return refuse(f.Status(), "No workbook can hold this", "The report is too large: %s. Take the report as CSV.",
			cause.Error())
	case *store.OutdatedError:
		return refuse(f.Status(), "The plan is outdated",
			"%s rows would now end elsewhere than the dry run has shown; upload the file again, and look at it anew.",
			grouped(int64(cause.Difference.Rows)))
	case *store.SameFileError:
		return refuse(f.Status(), "These rows were imported before",
			"Import %s brought them in on %s UTC; decide its rejected rows there, or undo it first.", cause.Earlier,
			moment(cause.At))
	case *web.TooLongError:
		return refuse(f.Status(), "The upload took too long",
			"It took longer than %s; nothing was kept. Send the file packed, or in parts.", cause.After)
	case *spool.TooLargeError:
		return refuse(f.Status(), "Too large", "At most %d bytes are taken; nothing was kept.", cause.Limit)
	case *spool.BusyError:
		e := refuse(f.Status(), "Too many uploads",
			"The uploads of this workspace that are under way take all the disk that they may. Wait until one of them has "+
				"ended, then send the file again.")
		if cause.Uploads > 0 {
			e.message = fmt.Sprintf("With this key %s under way, as many as it may have. Wait until one of them has ended, "+
				"then send the file again.", plural(cause.Uploads, "upload is", "uploads are"))
		}
		e.retryAfter = web.Seconds(cause.RetryAfter)
		return e
	case *store.PermissionError:
		return errPermission(cause.Permission)
	case *http.MaxBytesError:
		return refuse(f.Status(), "Too large", "At most %d bytes are taken; nothing was kept.", cause.Limit)
	}
	switch f.Code {
	case web.NotFound:
		return errNotFound()
	case web.Unavailable:
		return errUnavailable()
	case web.ValidationError:
		return refuse(f.Status(), "The upload broke off", "Nothing was kept; send it again.")
	}
	return refuse(http.StatusInternalServerError, "Something went wrong",
		"It went wrong on our side; the log has the cause.")
}

func (e *pageError) headers(h http.Header) {
	if e.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(e.retryAfter))
	}
}
