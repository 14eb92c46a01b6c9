package testservices

import (
	"context"
	"sync"
	"testing"

	"taskport/internal/embedded"
)

// browser is searched once per test process.
var browser = sync.OnceValues(func() (embedded.Browser, error) {
	return embedded.FindBrowser(context.Background(),
		note)
})

// Browser returns a Chromium. If none can be found or fetched, the test is skipped.
func Browser(t testing.TB) embedded.Browser {
	t.Helper()
	if testing.Short() {
		t.Skip("tests in a browser are left out of short runs")
	}
	b, err := browser()
	if err != nil {
		t.Skipf("the pages cannot be looked at: %v", err)
	}
	return b
}
