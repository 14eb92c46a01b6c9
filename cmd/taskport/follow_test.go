package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

func TestInterruptedFollowSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	for name, interrupt := range map[string]func(stop func()) http.HandlerFunc{
		"between two looks": func(stop func()) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				says(http.StatusOK, jobJSON("processing", 0))(w, r)
				stop()
			}
		},
		"during a look": func(stop func()) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) {
				stop()
				<-r.Context().Done()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			a := newAPI(t)
			look := interrupt(stop)
			a.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					look(w, r)
					return
				}
				a.serve(w, r)
			})
			p := a.client(t)
			r := p.within(ctx, false, "import", p.file("tasks.csv", tasksFile))
			want := "taskport: interrupted; the import goes on at the server, follow it with `taskport jobs " + jobID + "`\n"
			if r.code != exitFailed || r.out != "" || !strings.HasSuffix(r.err, want) {
				t.Errorf("%+v, want %s", r, want)
			}
		})
	}
}

func TestInterruptedUploadSaysWhereToLook(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{func(_ http.ResponseWriter, r *http.Request) {
		stop()
		<-r.Context().Done()
	}}
	p := a.client(t)
	r := p.within(ctx, false, "import", p.file("tasks.csv", tasksFile))
	want := "taskport: interrupted before the server confirmed the file, which it accepts whole or not at all; " +
		"`taskport jobs` shows whether it did\n"
	if r.code != exitFailed || r.out != "" || !strings.HasSuffix(r.err, want) {
		t.Errorf("%+v, want %s", r, want)
	}
}

func TestInterruptedWaitForTheServer(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	a := newAPI(t)
	a.lists = func(w http.ResponseWriter, r *http.Request) {
		fails(http.StatusServiceUnavailable, "unavailable", "", "Retry-After", "30")(w, r)
		stop()
	}
	if r := a.client(t).within(ctx, false, "jobs"); r.code != exitFailed || !strings.HasSuffix(r.err,
		"taskport: interrupted\n") {
		t.Errorf("%+v", r)
	}
}

func TestLosingSightOfAnImportSaysHowToGoOn(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			fails(http.StatusInternalServerError, "internal_error", "")(w, r)
			return
		}
		a.serve(w, r)
	})
	p := a.client(t)
	r := p.run("import", p.file("tasks.csv", tasksFile))
	if r.code != exitFailed || !strings.Contains(r.err, "`taskport jobs "+jobID+"`") || !strings.Contains(r.err,
		"(internal_error)") {
		t.Errorf("%+v", r)
	}
}
