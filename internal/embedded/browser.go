package embedded

import (
	"context"
	"path/filepath"
	"strings"
)

// chromium is not a service, but is found, fetched and installed as one. The program itself
// precedes the system's script on $PATH, because a fetched script would not find the program.
var chromium = service{
	name: "Chromium", programs: []string{"chromium"},
	folders: []string{"/usr/lib/chromium", "/usr/bin"},
	packages: map[string]string{"apt-get": "chromium", "dnf": "chromium", "yum": "chromium", "zypper": "chromium",
		"apk": "chromium", "pacman": "chromium",
		"brew": "chromium"},
}

// Browser is a Chromium that tests can start.
type Browser struct {
	Program string
	Env     []string // in addition to that of the process
}

// FindBrowser looks for Chromium. If there is none, it fetches or installs it with the machine's
// package manager, with a note.
func FindBrowser(ctx context.Context, note func(string)) (Browser, error) {
	b, err := chromium.find(ctx, true, note)
	if err != nil {
		return Browser{}, err
	}
	found := Browser{Program: filepath.Join(b.folder, chromium.programs[0])}
	if len(b.libraries) > 0 {
		found.Env = []string{"LD_LIBRARY_PATH=" + strings.Join(b.libraries, ":")}
	}
	return found, nil
}
