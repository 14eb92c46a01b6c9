package console_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"taskport/console"
)

// orphans returns a file of n rows that are rejected for lack of a parent.
func orphans(n int) string {
	var b strings.Builder
	b.WriteString("title\n")
	for row := range n {
		fmt.Fprintf(&b, "Task %d\n", row+1)
	}
	return b.String()
}

var actions, skips = regexp.MustCompile(`id="decide" action="([^"]+)"`), regexp.MustCompile(`data-skip href="([^"]+)"`)

// action returns the path that the decision of the page is sent to.
func (p page) action() string { return p.first(actions) }

func (p page) first(of *regexp.Regexp) string {
	p.t.Helper()
	m := of.FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatalf("%s leads nowhere: %s", p.path, p.body)
	}
	return html(m[1])
}

// The links and forms of the pages keep the filter and the order by groups.
func TestWalkFollowsItsLinks(t *testing.T) {
	s := setup(t)
	path := s.open()
	dead := s.get(firstEntry(s.get(path+"?reason=ambiguous_reference&q=fischer"))).has(http.StatusOK, "Row 4")
	if second := s.get(dead.first(skips)).has(http.StatusOK,
		"Row 5"); s.get(second.first(skips)).path != path+"?q=fischer&reason=ambiguous_reference" {
		t.Errorf("behind the last row of a filter follows %s", s.get(second.first(skips)).path)
	}
	dead = s.get(firstEntry(s.get(path+"/groups"))).has(http.StatusOK, "Row 4")
	s.get(dead.first(skips)).has(http.StatusOK, "Row 6")
	s.send(dead, dead.action(), "version", version(dead), "choose", dead.choice("South AG"), "all",
		"1").has(http.StatusOK, "2 rows decided", "Row 6")
}

var upLinks = regexp.MustCompile(`data-up href="([^"]+)"`)

// up returns the path of the list that the page links to.
func (p page) up() string { return p.first(upLinks) }

// After a row, with a decision or without, an operator returns to the same place in the list.
func TestPlaceInTheListIsKept(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "alone.csv", orphans(70))
	second := s.get(path+"?reason=orphan&after=50").has(http.StatusOK, `id="row-51"`, "From the first row on")
	dead := s.get(firstEntry(second)).has(http.StatusOK, "Row 51")
	if got, want := dead.up(), path+"?after=50&reason=orphan#row-51"; got != want {
		t.Errorf("the list is at %s, want %s", got, want)
	}
	found := s.get(dead.path + "&find=hans")
	next := s.send(found, found.action(), "version", version(found), "choose", found.choice("North Ltd")).has(
		http.StatusOK, "1 row decided", "Row 52")
	if got, want := next.up(), path+"?after=50&reason=orphan#row-52"; got != want {
		t.Errorf("after a decision the list is at %s, want %s", got, want)
	}
	if last := s.get(rowPath(path, 70) + "/skip?after=50&reason=orphan"); last.path != path+"?reason=orphan" {
		t.Errorf("behind the last row follows %s", last.path)
	}
	s.get(path+"?after=70").has(http.StatusOK, "No further rejected row", "From the first row on")
	groups := s.get(path + "/groups")
	if got := s.get(firstEntry(groups)).up(); got != path+"/groups#row-1" || !strings.Contains(groups.body, `id="row-1"`) {
		t.Errorf("the groups are at %s", got)
	}
	// The page of a row that was imported meanwhile links back too.
	if got := s.get(dead.path).has(http.StatusNotFound,
		"Row 51 is not a rejected row").up(); got != path+"?after=50&reason=orphan#row-51" {
		t.Errorf("the list is at %s", got)
	}
}

// Groups beyond those cached are counted, and so are the rows of a small group.
func TestGroupsBeyondThoseKeptAreCounted(t *testing.T) {
	s := setup(t)
	s.signIn()
	var b strings.Builder
	b.WriteString("title,contact_name\n")
	const names = 1002
	for row := range 3 * names {
		if row < 3*names-1 { // the last name has two rows only
			fmt.Fprintf(&b, "Task,Qx%d Zzyv%d\n", row%names, row%names)
		}
	}
	path := s.imported("tasks", "unknown.csv", b.String())
	s.get(path).has(http.StatusOK, "1,002 decisions")
	s.get(path+"/groups").has(http.StatusOK, "802 further groups", "upload the contacts")
	s.get(rowPath(path, names)).has(http.StatusOK, "Apply to all 2 rows")
	s.get("/console/upload?kind=contacts").has(http.StatusOK, `<option value="contacts" selected>`)
}

// A form that is sent after the end of the session leads back to its page with the typed values.
func TestFormAfterTheEndOfTheSession(t *testing.T) {
	var ahead atomic.Int64
	s := setup(t, func(c *console.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	path := s.open()
	ctx := tab(t)
	enter(t, ctx, s.operator)
	must(t, ctx, chromedp.Navigate(s.server.URL+rowPath(path, 7)+"?reason=invalid_value"), says("due_date must be"),
		shortcut("e"), press("2026-04-01"))
	ahead.Store(int64(13 * time.Hour))
	must(t, ctx, press("\r"), says("Your session has ended, so nothing was done"))
	must(t, ctx, chromedp.SendKeys(chromedp.CSS("#key"), s.key+"\r"), says("due_date must be"))
	if at := ask[string](t, ctx, `location.pathname + location.search`); at != rowPath(path, 7)+"?reason=invalid_value" {
		t.Errorf("signing in leads to %s", at)
	}
	if typed := ask[string](t, ctx, `document.querySelector('[data-edit]').value`); typed != "2026-04-01" {
		t.Errorf("the field holds %q", typed)
	}
	must(t, ctx, shortcut("e"), press("\r"), says("1 row decided: 1 created."))
	if kept := ask[string](t, ctx, `JSON.stringify(sessionStorage)`); strings.Contains(kept, "2026-04-01") {
		t.Errorf("what was sent is kept: %s", kept)
	}
	// Signing out deletes the drafts.
	must(t, ctx, chromedp.Navigate(s.server.URL+rowPath(path, 6)), says("Zebulon"), shortcut("e"), press("half a name"),
		chromedp.Click(chromedp.CSS(".who form button")), says("API key"))
	if kept := ask[string](t, ctx, `JSON.stringify(sessionStorage)`); kept != "{}" {
		t.Errorf("after signing out the drafts are %s", kept)
	}
}

// A sign-in redirects only to pages of the console.
func TestUnsentFormLeadsToNoOtherSite(t *testing.T) {
	s := setup(t)
	for from, want := range map[string]string{"https://elsewhere.example/console/aliases": "", "": "", s.server.URL +
		"/console/aliases?q=x": "/console/aliases?q=x", s.server.URL + "/v1/tasks": ""} {
		req, err := http.NewRequestWithContext(context.Background(), http.MethodPost,
			s.server.URL+"/console/aliases/remove", strings.NewReader("id=1"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if from != "" {
			req.Header.Set("Referer", from)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		to, err := resp.Location()
		if err != nil || to.Path != "/console/signin" || to.Query().Get("next") != want {
			t.Errorf("from %q it leads to %s (%v)", from, to, err)
		}
	}
}

// The page of an import shows its end without a reload while a control has the focus.
func TestEndIsShownToBusyOperator(t *testing.T) {
	s := setup(t)
	ctx := tab(t)
	s.signIn()
	s.load("contacts", people)
	enter(t, ctx, s.operator)
	staged := s.upload("tasks", "tasks.csv", mixed).path
	must(t, ctx, chromedp.Navigate(s.server.URL+staged), says("Import 8 rows"))
	release := s.held()
	must(t, ctx, chromedp.Click(chromedp.CSS("button[value=import]")), says("0 of 8 rows"),
		chromedp.Focus(chromedp.CSS("#q")), press("half a wo"))
	release()
	must(t, ctx, says("The import has ended."))
	if typed := ask[string](t, ctx, `document.querySelector('#q').value`); typed != "half a wo" {
		t.Errorf("the field holds %q", typed)
	}
}

// A key that is held down decides once, not on the next page too.
func TestHeldKeyDecidesOnce(t *testing.T) {
	s := setup(t)
	path := s.open()
	ctx := tab(t)
	enter(t, ctx, s.operator)
	must(t, ctx, chromedp.Navigate(s.server.URL+rowPath(path, 4)), says("Candidates for"), shortcut("1"),
		says("1 row decided: 1 created."), says("Row 5"))
	must(t, ctx, chromedp.Evaluate[chromedp.Void](
		`void document.addEventListener('click', (event) => {
			event.preventDefault();
			window.pressed = event.target.outerHTML;
		}, true)`), held("1"), held("s"), held("u"))
	if pressed := ask[string](t, ctx, `window.pressed ?? ''`); pressed != "" {
		t.Errorf("a held key presses %s", pressed)
	}
	must(t, ctx, chromedp.Reload(), says("Row 5"))
	must(t, ctx, shortcut("1"), says("1 row decided: 1 created."), says("Row 6"))
}

// held sends the event of a key that is held down.
func held(key string) step {
	repeated := true
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, input.DispatchKeyEvent,
			input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyDown, Key: key, Text: key, AutoRepeat: &repeated})
		return chromedp.Void{}, err
	}
}
