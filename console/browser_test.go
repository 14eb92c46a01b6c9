package console_test

import (
	"context"
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"
)

type step = chromedp.Action[chromedp.Void]

// must does what a person does in a browser.
func must(t *testing.T, ctx context.Context, steps ...step) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		body, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
		t.Fatalf("%v; the page says: %.3000s", err, body)
	}
}

// says waits until the page says a text.
func says(text string) step {
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := chromedp.PollFunction[bool](`text => document.readyState === 'complete' && document.body.innerText.includes(text)`, chromedp.WithPollingArgs(text), chromedp.WithPollingTimeout(0))(ctx, t)
		if err != nil {
			err = fmt.Errorf("waiting for %q: %w", text, err)
		}
		return chromedp.Void{}, err
	}
}

// enter signs in.
func enter(t *testing.T, ctx context.Context, o *operator) {
	t.Helper()
	must(t, ctx, chromedp.Navigate(o.server.URL+"/console/signin"), chromedp.SendKeys(chromedp.CSS("#key"), o.key+"\r"), chromedp.WaitVisible(chromedp.CSS("header nav")))
}

var (
	entries  = regexp.MustCompile(`data-entry href="([^"]+)"`)
	choices  = regexp.MustCompile(`name="choose" value="([^"]+)"`)
	versions = regexp.MustCompile(`name="version" value="([^"]+)"`)
)

func firstEntry(p page) string {
	p.t.Helper()
	m := entries.FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatalf("%s lists nothing: %s", p.path, p.body)
	}
	return html(m[1])
}

func version(p page) string {
	p.t.Helper()
	m := versions.FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatalf("%s has no decision to take: %s", p.path, p.body)
	}
	return m[1]
}
