//go:build race

package intake_test

import (
	"net/http"
	"testing"
)

// underContract returns the transport as it is. The validators are not ours, and under the race
// detector they take minutes to compile and to run.
func underContract(_ *testing.T, next http.RoundTripper) http.RoundTripper { return next }
