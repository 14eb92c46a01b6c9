package console_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/jackc/pgx/v5"
)

// held blocks the writing of rejected rows until release is called, so that a test can watch an
// import run.
func (s *site) held() (release func()) {
	s.t.Helper()
	c, err := pgx.Connect(context.Background(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close(context.Background()) })
	if _, err := c.Exec(context.Background(), `BEGIN; LOCK TABLE dead_letters IN EXCLUSIVE MODE`); err != nil {
		s.t.Fatal(err)
	}
	return func() { _, _ = c.Exec(context.Background(), `COMMIT`) }
}

func onDisk(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// ask evaluates an expression in the page.
func ask[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// press types text; a line end is Enter.
func press(keys string) step { return chromedp.KeyEvent(keys) }

// shortcut presses a key as a keyboard does: a key that the page handles types nothing.
func shortcut(key string) step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for _, e := range []input.DispatchKeyEventParams{{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key},
			{Type: input.DispatchKeyEventTypeKeyUp, Key: key}} {
			if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, e); err != nil {
				return chromedp.Void{}, err
			}
		}
		return chromedp.Void{}, nil
	}
}

// A person imports a file with the mouse, and does all that follows with the keyboard.
func TestWalkInABrowser(t *testing.T) {
	s := setup(t)
	ctx := tab(t)
	s.signIn()
	s.load("contacts", people)
	enter(t, ctx, s.operator)
	// Upload, look at the first rows, begin, and watch.
	must(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{onDisk(t, "tasks.csv", mixed)}),
		chromedp.Click(chromedp.CSS("form[data-drop] button")), says("Show with this mapping"), says("Zebulon Quark"))
	if bad := ask[int](t, ctx, `document.querySelectorAll('td.bad').length`); bad != 1 {
		t.Errorf("%d values are marked", bad)
	}
	release := s.held()
	must(t, ctx, chromedp.Click(chromedp.CSS("button[value=import]")), says("0 of 8 rows"))
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`void (window.stayed = true)`))
	if state := ask[string](t, ctx, `document.querySelector('.badge').textContent`); state != "queued" &&
		state != "processing" {
		t.Errorf("the import is %s", state)
	}
	release()
	must(t, ctx, says("8 of 8 rows"), says("4 decisions"))
	// The largest group: a key chooses a candidate for all its rows, remembered.
	must(t, ctx, chromedp.Focus(chromedp.CSS(".actions a.main")), press("\r"), says("5 of 5 left"),
		chromedp.Click(chromedp.CSS(".kind a[href$=groups]")), says("All rows"), shortcut("j"),
		press("\r"), says("Apply to all 2 rows"), shortcut("r"))
	if !ask[bool](t, ctx, `['a', 'r'].every(key => document.querySelector('[data-key=' + key + ']').checked)`) {
		t.Error("the boxes are not ticked")
	}
	must(t, ctx, shortcut("1"), says("2 rows decided: 2 created."))
	// A value is edited in place; the draft survives a refresh.
	must(t, ctx, chromedp.Navigate(s.server.URL+s.deadLetterOf("invalid_value")), says("due_date must be"),
		shortcut("e"), press("2026-"), chromedp.Reload(), says("due_date must be"))
	if typed := ask[string](t, ctx, `document.querySelector('[data-edit]').value`); typed != "2026-" {
		t.Errorf("after a refresh the field holds %q", typed)
	}
	must(t, ctx, shortcut("e"), press("2026-04-01\r"), says("1 row decided: 1 created."))
	if typed := ask[string](t, ctx, `JSON.stringify(sessionStorage)`); strings.Contains(typed, "2026-04-01") {
		t.Errorf("what was sent is kept: %s", typed)
	}
	// Downloads.
	tasks := s.importNamed("tasks.csv")
	must(t, ctx, chromedp.Navigate(s.server.URL+tasks), says("Rejected rows"))
	for _, file := range []string{"rejects.csv", "rejects.xlsx", "results.csv"} {
		got := ask[string](t, ctx,
			`(async () => {
				const a = [...document.querySelectorAll('a[download]')].find(a => a.href.endsWith('`+file+`'));
				const r = await fetch(a.href);
				return r.status + ' ' + r.headers.get('Content-Disposition');
			})()`)
		if !strings.HasPrefix(got, "200 attachment") || !strings.Contains(got, file) {
			t.Errorf("%s: %s", file, got)
		}
	}
	// Help; then a search of the directory.
	must(t, ctx, shortcut("?"), chromedp.WaitVisible(chromedp.CSS("#keys[open]")), press("\x1b"),
		chromedp.WaitNotPresent(chromedp.CSS("#keys[open]")))
	must(t, ctx, chromedp.Navigate(s.server.URL+s.deadLetterOf("unresolved_reference")), says("Zebulon"), shortcut("/"),
		press("maria\r"), says("Found for"), shortcut("1"), says("1 row decided: 1 created."))
	// Undo, with the number of tasks.
	must(t, ctx, chromedp.Navigate(s.server.URL+tasks), says("Undo…"), chromedp.Focus(chromedp.CSS("a.danger")),
		press("\r"), says("This takes back 7 tasks"), chromedp.Focus(chromedp.CSS("main button.danger")), press("\r"),
		says("7 tasks were taken back"))
	if n := query[int](s, `SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d tasks are left", n)
	}
}

// deadLetterOf returns the page of the first dead letter with a reason.
func (s *site) deadLetterOf(reason string) string {
	s.t.Helper()
	id, row := query[string](s, `SELECT import_id::text FROM dead_letters WHERE reason = $1 ORDER BY row_number
		LIMIT 1`, reason), query[int](s, `SELECT row_number::int FROM dead_letters WHERE reason = $1 ORDER BY row_number
		LIMIT 1`, reason)
	return rowPath("/console/imports/"+id, row)
}

func (s *site) importNamed(name string) string {
	s.t.Helper()
	return "/console/imports/" + query[string](s, `SELECT id::text FROM imports WHERE file_name = $1`, name)
}

// Dropping a file anywhere on the page uploads it.
func TestDropAFile(t *testing.T) {
	s := setup(t)
	ctx := tab(t)
	enter(t, ctx, s.operator)
	must(t, ctx, says("or drop a file anywhere"), chromedp.Evaluate[chromedp.Void](`void (() => {
		const transfer = new DataTransfer();
		transfer.items.add(new File(["title,contact_name\nDropped,Ann\n"], "dropped.csv", {type: "text/csv"}));
		for (const kind of ["dragenter", "dragover", "drop"]) {
			const how = {dataTransfer: transfer, bubbles: true, cancelable: true};
			document.body.dispatchEvent(new DragEvent(kind, how));
		}
	})()`), says("dropped.csv"), says("Show with this mapping"))
}

// Without JavaScript every action works.
func TestWalkWithoutJavaScript(t *testing.T) {
	s := setup(t)
	ctx := tab(t)
	s.signIn()
	s.load("contacts", people)
	if _, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled,
		emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	enter(t, ctx, s.operator)
	must(t, ctx, chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{onDisk(t, "tasks.csv", mixed)}),
		chromedp.Click(chromedp.CSS("form[data-drop] button")), says("Show with this mapping"),
		chromedp.Click(chromedp.CSS("button[value=import]")), says("of 8 rows"))
	tasks := s.importNamed("tasks.csv")
	s.ended(tasks)
	must(t, ctx, chromedp.Navigate(s.server.URL+tasks+"/groups"), says("Peter Fischer"),
		chromedp.Click(chromedp.CSS(".group a")), says("Apply to all 2 rows"),
		chromedp.Click(chromedp.CSS("input[name=remember]")), chromedp.Click(chromedp.CSS(".choices button")),
		says("2 rows decided: 2 created."))
	must(t, ctx, chromedp.Navigate(s.server.URL+s.deadLetterOf("invalid_value")),
		chromedp.SetValue(chromedp.CSS("#field_due_date"), "2026-04-01"),
		chromedp.Click(chromedp.CSS("button.main[value=save]")), says("1 row decided: 1 created."))
	must(t, ctx, chromedp.Navigate(s.server.URL+s.deadLetterOf("unresolved_reference")),
		chromedp.Click(chromedp.CSS("details.create summary")), chromedp.Click(chromedp.CSS("button[value=create]")),
		says("1 row decided: 1 created."))
	must(t, ctx, chromedp.Navigate(s.server.URL+"/console/aliases"), says("Peter Fischer"),
		chromedp.Click(chromedp.CSS("td button.danger")), says("The alias was removed"))
	must(t, ctx, chromedp.Navigate(s.server.URL+tasks), chromedp.Click(chromedp.CSS("a.danger")),
		says("This takes back 7 tasks"), chromedp.Click(chromedp.CSS("main button.danger")), says("7 tasks were taken back"))
	must(t, ctx, chromedp.Click(chromedp.CSS(".who form button")), says("API key"))
}
