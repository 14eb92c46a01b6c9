package console

import (
	"bytes"
	"context"
	"encoding/base64"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/internal/web"
)

// answer is the answer of a handler: a page, a redirect, or a stream.
type answer struct {
	status   int
	view     string // the template of a page
	part     string // sends this part of the page alone
	title    string
	data     any
	redirect string
	header   map[string]string
	stream   func(w *web.SlowWriter) error
	said     string // a message that the next page shows
	undo     uuid.UUID
}

// frame is the data of a page's template.
type frame struct {
	Title string
	View  string
	In    *session
	Token string
	Said  string
	Undo  string // the decision that Said is about, if it can be undone
	Data  any
	Path  string
	Here  string // the path with its query
	Open  int    // open rejected rows of the workspace
}

// Workspace names the workspace.
func (f frame) Workspace() string { return f.In.name }

// Hint returns the name of the key that is signed in, and its hint.
func (f frame) Hint() string { return f.In.key.Name + " · " + f.In.key.Hint + "…" }

// Writes reports whether the key may import rows of any kind.
func (f frame) Writes() bool { return len(kindsOf(f.In.key)) > 0 }

// Under reports whether the page belongs to a part of the console.
func (f frame) Under(part string) bool { return strings.HasPrefix(f.Path, Prefix+part) }

func redirect(to string) *answer { return &answer{status: http.StatusSeeOther, redirect: to} }

// saying sets the message that the next page shows.
func (a *answer) saying(text string) *answer {
	a.said = text
	return a
}

// undoing lets the operator take back the decision that the message is about.
func (a *answer) undoing(decision uuid.UUID) *answer {
	a.undo = decision
	return a
}

// The message of an action travels in a cookie to the next page, which shows it once.
const (
	saidCookie = "taskport_said"
	saidTTL    = time.Minute
	maxSaid    = 1000
)

// said returns the message of the last action and the decision that it is about, and removes it.
func said(r *request) (text, decision string) {
	c, err := r.Cookie(saidCookie)
	if err != nil {
		return "", ""
	}
	dropCookie(r.writer, r.Request, saidCookie)
	all, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return "", ""
	}
	decision, text, _ = strings.Cut(string(all), "\n")
	return text, decision
}

// write sends an answer, or the page of an error.
func (s *server) write(r *request, a *answer, err error) {
	if err != nil {
		a = s.failure(r, err)
	}
	switch {
	case a.stream != nil:
		s.writeStream(r, a)
	case a.redirect != "":
		if a.said != "" {
			setCookie(r.writer, r.Request, saidCookie,
				base64.RawURLEncoding.EncodeToString([]byte(idText(a.undo)+"\n"+a.said[:min(len(a.said), maxSaid)])), saidTTL)
		}
		http.Redirect(r.writer, r.Request, a.redirect, a.status)
	default:
		s.writePage(r, a)
	}
}

// errorPage is the data of the error page.
type errorPage struct{ Title, Message, Back string }

// failure returns the page of an error. Errors of the service go to the log.
func (s *server) failure(r *request, err error) *answer {
	e := asPageError(err)
	if e.status >= http.StatusInternalServerError &&
		context.Cause(r.Context()) != context.Canceled { //nolint:errorlint // it is the cause itself
		s.Logger.ErrorContext(r.Context(), "page failed", slog.String("route", r.Pattern), slog.Any("error", err))
	}
	e.headers(r.writer.Header())
	return &answer{status: e.status, view: "error.html", title: e.title, data: errorPage{e.title, e.message,
		wayBack(r, e.status)}}
}

// writePage renders the whole page before it sends the first byte, so that no page is cut off.
func (s *server) writePage(r *request, a *answer) {
	f := frame{Title: a.title, View: a.view, In: r.in, Token: r.token, Data: a.data, Path: r.URL.Path,
		Here: r.URL.RequestURI()}
	if r.in != nil {
		f.Open = s.open(r)
	}
	part, data := "layout", any(f)
	if a.part != "" {
		part, data = a.part, a.data
		r.writer.Header().Set(partHeader, strconv.Itoa(f.Open))
	} else if r.in != nil {
		f.Said, f.Undo = said(r)
		data = f
	}
	var page bytes.Buffer
	if err := s.pages[a.view].ExecuteTemplate(&page, part, data); err != nil {
		s.Logger.ErrorContext(r.Context(), "page not rendered", slog.String("view", a.view), slog.Any("error", err))
		http.Error(r.writer, "something went wrong on the server; its log has the cause", http.StatusInternalServerError)
		return
	}
	h := r.writer.Header()
	for name, value := range a.header {
		h.Set(name, value)
	}
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Length", strconv.Itoa(page.Len()))
	r.writer.WriteHeader(a.status)
	w := web.NewSlowWriter(r.writer, web.Idle)
	defer w.Close()
	if _, err := w.Write(page.Bytes()); err == nil {
		_ = w.Flush() // while the deadline holds; the client is gone if this fails
	}
}

// partHeader marks a request for a part of a page, and its answer, in which it has the number of
// open rejected rows.
const partHeader = "Taskport-Part"

// open returns the number of open rejected rows for the navigation; 0 where it cannot be counted.
func (s *server) open(r *request) int {
	n, err := s.counts.openOf(r.Context(), s.Store, r.in.key.WorkspaceID)
	if err != nil {
		s.Logger.WarnContext(r.Context(), "inbox not counted", slog.Any("error", err))
	}
	return n
}

// writeStream sends a stream. After an error it cuts the connection, so that the client notices.
func (s *server) writeStream(r *request, a *answer) {
	h := r.writer.Header()
	for name, value := range a.header {
		h.Set(name, value)
	}
	r.writer.WriteHeader(a.status)
	if r.Method == http.MethodHead {
		return
	}
	w := web.NewSlowWriter(r.writer, web.Idle)
	defer w.Close()
	if err := a.stream(w); err != nil {
		if r.Context().Err() == nil {
			s.Logger.WarnContext(r.Context(), "answer cut off", slog.Any("error", err))
		}
		web.Cut()
	}
}
