package web

import (
	"context"
	"errors"
	"io"
	"net/http"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/store"
)

// Code is an error code of the API.
type Code string

// The codes of the API.
const (
	ValidationError         Code = "validation_error"
	InsufficientPermissions Code = "insufficient_permissions"
	NotFound                Code = "not_found"
	NotAcceptable           Code = "not_acceptable"
	RequestInProgress       Code = "request_in_progress"
	Conflict                Code = "conflict"
	PayloadTooLarge         Code = "payload_too_large"
	RateLimited             Code = "rate_limited"
	InternalError           Code = "internal_error"
	Unavailable             Code = "unavailable"
)

// statuses has the HTTP status of each code.
var statuses = map[Code]int{
	ValidationError:          http.StatusBadRequest,
	"ambiguous_reference":    http.StatusBadRequest,
	"unresolved_reference":   http.StatusBadRequest,
	"invalid_key":            http.StatusUnauthorized,
	InsufficientPermissions:  http.StatusForbidden,
	NotFound:                 http.StatusNotFound,
	"method_not_allowed":     http.StatusMethodNotAllowed,
	NotAcceptable:            http.StatusNotAcceptable,
	RequestInProgress:        http.StatusConflict,
	Conflict:                 http.StatusConflict,
	PayloadTooLarge:          http.StatusRequestEntityTooLarge,
	"unsupported_media_type": http.StatusUnsupportedMediaType,
	"idempotency_key_reused": http.StatusUnprocessableEntity,
	RateLimited:              http.StatusTooManyRequests,
	InternalError:            http.StatusInternalServerError,
	Unavailable:              http.StatusServiceUnavailable,
}

// Status returns the HTTP status of a code; 0 for an unknown code.
func (c Code) Status() int { return statuses[c] }

// Failure is an error for a client: its code, and the error with the details. Each face makes its
// own text of it.
type Failure struct {
	Code  Code
	Cause error
}

// Status returns the HTTP status of the failure.
func (f Failure) Status() int { return f.Code.Status() }

// FailureOf classifies an error of importer, store or a request's body. The cause is the typed
// error where one has details: a *importer.Fault, *file.Error, *http.MaxBytesError, *TooLongError,
// *spool.TooLargeError, *spool.BusyError, *store.PermissionError, *store.StateError,
// *store.WorkbookError, *store.SameFileError or *store.OutdatedError.
func FailureOf(err error) Failure {
	for _, known := range []func(error) (Failure, bool){
		as(func(f *importer.Fault) Code { return Code(f.Code()) }),
		as(func(f *file.Error) Code {
			if f.TooLarge {
				return PayloadTooLarge
			}
			return ValidationError
		}),
		as(always[*http.MaxBytesError](PayloadTooLarge)),
		as(always[*TooLongError](ValidationError)),
		as(always[*spool.TooLargeError](PayloadTooLarge)),
		as(always[*spool.BusyError](RateLimited)),
		as(always[*store.PermissionError](InsufficientPermissions)),
		as(always[*store.StateError](Conflict)),
		as(always[*store.WorkbookError](NotAcceptable)),
		as(always[*store.SameFileError](Conflict)),
		as(always[*store.OutdatedError](Conflict)),
	} {
		if f, ok := known(err); ok {
			return f
		}
	}
	for _, known := range []struct {
		code Code
		errs []error
	}{
		{NotFound, []error{store.ErrNotFound}},
		{RequestInProgress, []error{store.ErrInProgress}},
		{Unavailable, []error{store.ErrUnavailable, store.ErrRetry, store.ErrExists, context.DeadlineExceeded}},
		{ValidationError, []error{io.ErrUnexpectedEOF, store.ErrBroken}}, // of a body that broke off
	} {
		for _, e := range known.errs {
			if errors.Is(err, e) {
				return Failure{known.code, e}
			}
		}
	}
	return Failure{InternalError, err}
}

// as returns a function that classifies an error by its type.
func as[E error](code func(E) Code) func(error) (Failure, bool) {
	return func(err error) (Failure, bool) {
		e, ok := errors.AsType[E](err)
		if !ok {
			return Failure{}, false
		}
		return Failure{code(e), e}, true
	}
}

func always[E error](c Code) func(E) Code { return func(E) Code { return c } }
