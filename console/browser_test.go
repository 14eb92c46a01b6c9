package console_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

type step = chromedp.Action[chromedp.Void]

// must runs steps in a browser.
func must(t *testing.T, ctx context.Context, steps ...step) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		body, _ := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
		t.Fatalf("%v; the page says: %.3000s", err, body)
	}
}

// says waits until the page shows a text, across redirects and reloads.
func says(text string) step {
	expression := fmt.Sprintf(`document.readyState === 'complete' && document.body.innerText.includes(%q)`, text)
	return func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for {
			there, err := chromedp.Evaluate[bool](expression)(ctx, t)
			if err == nil && there {
				return chromedp.Void{}, nil
			}
			select { // the error may come from a page that is being left
			case <-ctx.Done():
				return chromedp.Void{}, fmt.Errorf("waiting for %q: %w", text, errors.Join(ctx.Err(), err))
			case <-time.After(lookAgain):
			}
		}
	}
}

const lookAgain = 20 * time.Millisecond

// enter signs in.
func enter(t *testing.T, ctx context.Context, o *operator) {
	t.Helper()
	must(t, ctx, chromedp.Navigate(o.server.URL+"/console/signin"), chromedp.SendKeys(chromedp.CSS("#key"), o.key+"\r"),
		chromedp.WaitVisible(chromedp.CSS("header nav")))
}

var (
	entries  = regexp.MustCompile(`data-entry[^>]* href="([^"]+)"`)
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
