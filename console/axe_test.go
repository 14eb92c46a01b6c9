package console_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"taskport/internal/embedded/testservices"
)

// violation is a finding of axe-core.
type violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

const runAxe = `(async () => (await axe.run()).violations.map(v => ({
	id: v.id, impact: v.impact, help: v.help,
	nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + ' ' + (n.any[0]?.message ?? '')),
})))()`

// No page has a serious finding of axe-core, light or dark, wide or narrow.
func TestAccessibility(t *testing.T) {
	installed := testservices.NPMInstall(t, "axe-core@4.11.0")
	axe, err := os.ReadFile(filepath.Join(installed, "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	s := setup(t)
	window := longTab(t)
	step := func(do func(ctx context.Context)) {
		ctx, cancel := context.WithTimeout(window, browserTime)
		defer cancel()
		do(ctx)
	}
	importPath, staged := s.inhabit()
	dead := s.get(rowPath(importPath, 4))
	s.send(dead, dead.path, "version", version(dead), "choose", dead.choice("South AG"), "remember", "1")
	query[int](s, `WITH c AS (UPDATE chunks SET state = 'parked', last_error = 'the disk was full' WHERE import_id = $1
		RETURNING 1) SELECT count(*) FROM c`, idIn(s.imported("tasks", "parked.csv", mixed)))
	query[int](s, `WITH i AS (UPDATE imports SET status = 'failed', error = 'rows could not be processed'
		WHERE file_name = 'parked.csv' RETURNING 1) SELECT count(*) FROM i`)
	look := func(path string) {
		t.Helper()
		step(func(ctx context.Context) {
			must(t, ctx, chromedp.Navigate(s.server.URL+path), chromedp.WaitReady(chromedp.CSS("main")))
			inspect(t, ctx, path, string(axe))
		})
	}
	look("/console/signin")
	step(func(ctx context.Context) { enter(t, ctx, s.operator) })
	pages := []string{"/console/imports", "/console/imports?state=failed", "/console/upload", staged, importPath,
		importPath + "?q=nothing", importPath + "/undo", importPath + "/groups", rowPath(importPath, 5),
		rowPath(importPath, 6), rowPath(importPath, 7),
		rowPath(importPath, 8), rowPath(importPath, 6) + "?find=maria", "/console/inbox", "/console/inbox/sure",
		"/console/inbox/rows?reason=orphan", "/console/aliases", "/console/queues",
		"/console/audit", "/console/nothing"}
	for _, dress := range []struct {
		scheme string
		width  int64
	}{{"light", 1280}, {"dark", 1280}, {"light", 390}, {"dark", 390}} {
		step(func(ctx context.Context) { dressed(t, ctx, dress.scheme, dress.width) })
		for _, path := range pages {
			look(path)
		}
	}
	step(func(ctx context.Context) {
		must(t, ctx, shortcut("?"), chromedp.WaitVisible(chromedp.CSS("#keys[open]")))
		inspect(t, ctx, "the help", string(axe))
	})
}

func dressed(t *testing.T, ctx context.Context, scheme string, width int64) {
	t.Helper()
	const height = 800
	dress(t, ctx, scheme, width, height)
}

// inspect runs axe-core in the page.
func inspect(t *testing.T, ctx context.Context, path, axe string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axe+";void 0")); err != nil {
		t.Fatal(err)
	}
	for _, v := range ask[[]violation](t, ctx, runAxe) {
		if v.Impact == "serious" || v.Impact == "critical" {
			t.Errorf("%s: %s (%s): %s: %q", path, v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
	if wide := ask[bool](t, ctx, `document.documentElement.scrollWidth > document.documentElement.clientWidth`); wide {
		t.Errorf("%s is wider than its window", path)
	}
}
