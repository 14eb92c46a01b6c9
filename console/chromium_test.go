package console_test

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"taskport/internal/embedded"
	"taskport/internal/embedded/testservices"
)

// browserTime is the time limit of a browser test.
const browserTime = 90 * time.Second

// chromium is the browser of all tests; each test uses its own profile.
var chromium struct {
	sync.Mutex
	ctx    context.Context //nolint:containedctx // it is the browser, which all tests share
	cancel []func()
	dir    string
}

func startBrowser(t *testing.T, b embedded.Browser) context.Context {
	t.Helper()
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx != nil {
		return chromium.ctx
	}
	dir, err := os.MkdirTemp("", "taskport-chromium-") //nolint:usetesting // it outlives the test
	if err != nil {
		t.Fatal(err)
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(b.Program), chromedp.Env(b.Env...),
		chromedp.UserDataDir(dir), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.NoFirstRun, chromedp.NoDefaultBrowserCheck}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update",
		"disable-sync", "disable-default-apps", "disable-extensions", "disable-dev-shm-usage", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	allocator, endAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(allocator)
	if err := chromedp.Do(ctx); err != nil {
		end()
		endAllocator()
		t.Fatalf("start Chromium: %v", err)
	}
	chromium.ctx, chromium.dir = ctx, dir //nolint:fatcontext // it is set once
	chromium.cancel = []func(){end, endAllocator}
	return ctx
}

func stopBrowser() {
	for _, end := range chromium.cancel {
		end()
	}
	if chromium.dir != "" {
		_ = os.RemoveAll(chromium.dir)
	}
}

// tab opens a window with cookies of its own. All that a test does in it takes browserTime at most.
func tab(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(longTab(t), browserTime)
	t.Cleanup(cancel)
	return ctx
}

// longTab opens such a window for a test that bounds each of its steps.
func longTab(t *testing.T) context.Context {
	t.Helper()
	ctx, closeTab := chromedp.NewContext(startBrowser(t, testservices.Browser(t)), chromedp.WithNewBrowserContext())
	t.Cleanup(closeTab)
	must(t, ctx, chromedp.Navigate("about:blank")) // the window closes with the context that opened it
	return ctx
}
