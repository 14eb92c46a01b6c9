package console_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"taskport/console"
)

// Nothing that is typed into a line of the inbox is lost: neither while the server is restarted,
// nor when the session ends, nor when a colleague was faster.
func TestNothingTypedIsLost(t *testing.T) {
	var ahead atomic.Int64
	s := setup(t, func(c *console.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	})
	ctx := tab(t)
	s.open()
	enter(t, ctx, s.operator)
	const field = `[...document.querySelectorAll('[data-line]')].find((line) =>
		line.elements.name.value === 'Zebulon Quark').querySelector('[data-edit]')`
	typed := func(after string) {
		t.Helper()
		if got := ask[string](t, ctx, field+`.value`); got != "Hans Müller" {
			t.Fatalf("after %s the field holds %q", after, got)
		}
	}
	must(t, ctx, chromedp.Navigate(s.server.URL+"/console/inbox"), says("5 of 5 left"),
		chromedp.Evaluate[chromedp.Void](`void `+field+`.focus()`), press("Hans Müller"))
	start := s.stopped()
	must(t, ctx, press("\r"), says("The connection to the server is lost. What you have typed is kept"))
	typed("a lost connection")
	start()
	ahead.Store(int64(13 * time.Hour))
	must(t, ctx, press("\r"), says("Your session has ended, so nothing was done"),
		chromedp.SendKeys(chromedp.CSS("#key"), s.key+"\r"), says("5 of 5 left"))
	typed("the end of the session")
	colleague := s.colleague("Bo", "activities:read", "activities:write").signIn()
	p := colleague.get("/console/inbox")
	colleague.send(p, "/console/inbox", append(p.line("Zebulon Quark", ""), "do", "dismiss")...).has(http.StatusOK)
	must(t, ctx, chromedp.Evaluate[chromedp.Void](`void `+field+`.focus()`), press("\r"), says("a colleague has decided"))
	typed("the decision of a colleague")
}
