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

	"taskport/internal/web"
)

// answer is what a handler gives back: a page, a way to another page, or a stream.
type answer struct {
	status   int
	view     string // the template of a page
	title    string
	data     any
	redirect string
	header   map[string]string
	stream   func(w *web.SlowWriter) error
	said     string // that the next page tells the operator
}

// frame is what a page's template gets.
type frame struct {
	Title string
	View  string
	In    *session
	Token string
	Said  string
	Data  any
	Path  string
}

// Workspace names the workspace.
func (f frame) Workspace() string { return f.In.name }

// Hint tells which key is signed in.
func (f frame) Hint() string { return f.In.key.Name + " · " + f.In.key.Hint + "…" }

// Writes reports whether the key may do more than look: there is a kind of which it may import.
func (f frame) Writes() bool { return len(kindsOf(f.In.key)) > 0 }

// Under reports whether the page belongs to a part of the console.
func (f frame) Under(part string) bool { return strings.HasPrefix(f.Path, Prefix+part) }

func redirect(to string) *answer { return &answer{status: http.StatusSeeOther, redirect: to} }

// saying lets the next page tell the operator what was done.
func (a *answer) saying(text string) *answer {
	a.said = text
	return a
}

// What was done is told once, by the page that follows; it waits in a cookie for that.
const (
	saidCookie = "taskport_said"
	saidTTL    = time.Minute
	maxSaid    = 1000
)

// said returns what the last action has to say, once.
func said(r *request) string {
	c, err := r.Cookie(saidCookie)
	if err != nil {
		return ""
	}
	dropCookie(r.writer, r.Request, saidCookie)
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return ""
	}
	return string(text)
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
				base64.RawURLEncoding.EncodeToString([]byte(a.said[:min(len(a.said), maxSaid)])), saidTTL)
		}
		http.Redirect(r.writer, r.Request, a.redirect, a.status)
	default:
		s.writePage(r, a)
	}
}

// errorPage says what went wrong, and what to do.
type errorPage struct{ Title, Message, Back string }

// failure returns the page of an error. What is no fault of the operator's goes to the log.
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

// writePage renders the whole page before the first byte is sent, so that none ends in the middle.
func (s *server) writePage(r *request, a *answer) {
	f := frame{Title: a.title, View: a.view, In: r.in, Token: r.token, Data: a.data, Path: r.URL.Path}
	if r.in != nil {
		f.Said = said(r)
	}
	var page bytes.Buffer
	if err := s.pages[a.view].ExecuteTemplate(&page, "layout", f); err != nil {
		s.Logger.ErrorContext(r.Context(), "page not rendered", slog.String("view", a.view), slog.Any("error", err))
		http.Error(r.writer, "something went wrong on our side; the log has the cause", http.StatusInternalServerError)
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

// writeStream sends a stream. One that breaks is cut off, so that the client notices.
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
