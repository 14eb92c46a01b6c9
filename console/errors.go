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

// wayBack returns the path to continue at after an error: that of the row, of the list if the row
// has left it, or of the import.
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

// pageError is an error that the error page shows.
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
	return refuse(http.StatusNotFound, "Not found", "This workspace has no such page.")
}

func errToken() *pageError {
	return refuse(http.StatusForbidden, "This form is out of date",
		"The form lacks the token of your session, so nothing was done. Go back, reload the page, and send it again.")
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
	e := refuse(http.StatusServiceUnavailable, "The service is unavailable",
		"The database does not answer for the moment. "+
			"Reload the page in some seconds, and check whether your action was done.")
	e.retryAfter = 2
	return e
}

// asPageError returns the page error for any error. It hides the text of internal errors.
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
		return refuse(f.Status(), "Too large for a workbook", "The report is too large: %s. Download the report as CSV.",
			cause.Error())
	case *store.OutdatedError:
		return refuse(f.Status(), "The dry run is outdated",
			"%s rows would now have another outcome than the dry run showed. Upload the file again for a new dry run.",
			grouped(int64(cause.Difference.Rows)))
	case *store.SameFileError:
		return refuse(f.Status(), "These rows were imported before",
			"Of %d rows %d were imported, most of them by import %s on %s UTC; %d are new. Correct its rejected rows, "+
				"undo it, or upload the file again and choose what happens to rows that were imported before.", cause.Rows,
			cause.Imported, cause.Import, moment(cause.At), cause.New)
	case *web.TooLongError:
		return refuse(f.Status(), "The upload took too long",
			"It took longer than %s; nothing was kept. Compress the file, or split it.", cause.After)
	case *spool.TooLargeError:
		return refuse(f.Status(), "Too large", "The limit is %d bytes; nothing was kept.", cause.Limit)
	case *spool.BusyError:
		e := refuse(f.Status(), "Too many uploads",
			"The running uploads of this workspace have reached its limit of disk space. "+
				"Wait until one has ended, then send the file again.")
		if cause.Uploads > 0 {
			e.message = fmt.Sprintf("This key already has %s, its limit. Wait until one has ended, then send the file again.",
				plural(cause.Uploads, "running upload", "running uploads"))
		}
		e.retryAfter = web.Seconds(cause.RetryAfter)
		return e
	case *store.PermissionError:
		return errPermission(cause.Permission)
	case *http.MaxBytesError:
		return refuse(f.Status(), "Too large", "The limit is %d bytes; nothing was kept.", cause.Limit)
	}
	switch f.Code {
	case web.NotFound:
		return errNotFound()
	case web.Unavailable:
		return errUnavailable()
	case web.ValidationError:
		return refuse(f.Status(), "The upload was interrupted", "Nothing was kept; send it again.")
	default:
		return refuse(http.StatusInternalServerError, "Something went wrong",
			"The cause is in the log of the server.")
	}
}

func (e *pageError) headers(h http.Header) {
	if e.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(e.retryAfter))
	}
}
