package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// room is what a package may import.
type room struct {
	ours      []string // packages of this module
	libraries []string // of the guarded paths, or of all others where the room is pure
	pure      bool     // knows no network, database, file or clock that it could read on its own
}

// rooms has every package; tests are free. Arrows point one way: cmd → intake, console, worker →
// store → importer → file, dates, match; the doors do not import each other.
var rooms = map[string]room{
	"taskport/importer/match": {pure: true, libraries: []string{"github.com/mozillazg/go-pinyin",
		"github.com/xrash/smetrics", "golang.org/x/sys/cpu", "golang.org/x/text"}},
	"taskport/importer/dates":     {pure: true, libraries: []string{"time"}},
	"taskport/importer/file/xlsx": {pure: true, libraries: []string{"time"}},
	"taskport/importer/file/unpack": {pure: true, ours: []string{"taskport/importer/file/xlsx"},
		libraries: []string{"github.com/klauspost/compress"}},
	"taskport/importer/file": {pure: true, ours: []string{"taskport/importer/file/unpack", "taskport/importer/file/xlsx"},
		libraries: []string{"github.com/cespare/xxhash", "golang.org/x/text"}},
	"taskport/importer": {pure: true, ours: []string{"taskport/importer/dates", "taskport/importer/file",
		"taskport/importer/file/xlsx", "taskport/importer/match"},
		libraries: []string{"time", "github.com/cespare/xxhash", "github.com/gocarina/gocsv", "github.com/google/uuid",
			"golang.org/x/text"}},
	"taskport/importer/check": {pure: true, ours: []string{"taskport/importer", "taskport/importer/file",
		"taskport/importer/file/xlsx", "taskport/importer/match"},
		libraries: []string{"time", "github.com/google/uuid"}},
	"taskport/internal/batch": {},
	"taskport/internal/web": {ours: []string{"taskport/store", "taskport/internal/spool", "taskport/internal/batch",
		"taskport/internal/failpoint", "taskport/importer", "taskport/importer/file"},
		libraries: []string{"net/http", "github.com/redis/go-redis", "github.com/go-redis/redis_rate"}},
	"taskport/internal/failpoint": {},
	"taskport/internal/spool":     {ours: []string{"taskport/importer/file/xlsx", "taskport/store"}},
	"taskport/store": {ours: []string{"taskport/importer", "taskport/importer/dates", "taskport/importer/file",
		"taskport/importer/match", "taskport/internal/batch", "taskport/internal/failpoint"},
		libraries: []string{"database/sql", "github.com/jackc/pgx", "github.com/pressly/goose"}},
	"taskport/worker/queue": {ours: []string{"taskport/store"}, libraries: []string{"github.com/prometheus",
		"github.com/hibiken/asynq", "github.com/redis/go-redis"}},
	"taskport/worker": {ours: []string{"taskport/worker/queue", "taskport/store", "taskport/internal/failpoint",
		"taskport/importer"},
		libraries: []string{"net/http", "github.com/prometheus", "go.opentelemetry.io", "github.com/hibiken/asynq",
			"github.com/redis/go-redis"}},
	"taskport/intake": {ours: []string{"taskport/store", "taskport/internal/web", "taskport/internal/spool",
		"taskport/internal/batch", "taskport/internal/failpoint", "taskport/importer", "taskport/importer/dates",
		"taskport/importer/file",
		"taskport/importer/file/unpack"},
		libraries: []string{"net/http", "github.com/prometheus", "go.opentelemetry.io"}},
	"taskport/console": {ours: []string{"taskport/store", "taskport/internal/web", "taskport/internal/spool",
		"taskport/importer", "taskport/importer/dates", "taskport/importer/file"}, libraries: []string{"net/http"}},
	"taskport/cmd/taskport": {
		ours: []string{"taskport/console", "taskport/intake", "taskport/worker", "taskport/worker/queue", "taskport/store",
			"taskport/importer", "taskport/importer/check", "taskport/importer/dates", "taskport/importer/file",
			"taskport/importer/file/xlsx",
			"taskport/internal/embedded", "taskport/internal/spool", "taskport/internal/web", "taskport"},
		libraries: []string{"net/http", "github.com/redis/go-redis", "github.com/jackc/pgx", "github.com/spf13",
			"github.com/schollz/progressbar",
			"github.com/prometheus", "go.opentelemetry.io", "golang.org/x/net/netutil"}},
	"taskport/internal/embedded": {libraries: []string{"github.com/jackc/pgx", "github.com/redis/go-redis",
		"github.com/alicebob/miniredis"}},

	// The measurement is outside: it compares the program with other means, such as one job a row.
	"taskport/cmd/bench": {ours: []string{"taskport/internal/embedded", "taskport/store", "taskport/worker/queue",
		"taskport"},
		libraries: []string{"net/http", "github.com/jackc/pgx", "github.com/hibiken/asynq"}},

	// So does the torture: it builds the program, and looks at the database behind its back.
	"taskport/cmd/torture": {ours: []string{"taskport/internal/embedded", "taskport/store", "taskport/internal/failpoint"},
		libraries: []string{"net/http", "github.com/jackc/pgx", "github.com/redis/go-redis"}},

	// What serves tests and people at work on the program; no room of the program itself may import
	// it.
	"taskport/internal/embedded/testservices": {ours: []string{"taskport/internal/embedded"},
		libraries: []string{"github.com/redis/go-redis"}},
	"taskport/store/storetest": {ours: []string{"taskport/store", "taskport/internal/embedded/testservices"},
		libraries: []string{"github.com/jackc/pgx"}},
	"taskport/internal/sample":   {},
	"taskport/internal/markdown": {},
	"taskport/internal/words":    {ours: []string{"taskport/internal/markdown"}},

	// The top of the tree, which embeds testdata.
	"taskport": {pure: true},
}

// guarded are the packages that only some rooms may know, each with all that is below it.
var guarded = []string{
	"net/http", "database/sql", "github.com/jackc/pgx", "github.com/pressly/goose", "github.com/hibiken/asynq",
	"github.com/redis/go-redis",
	"github.com/prometheus", "go.opentelemetry.io", "github.com/go-redis/redis_rate", "github.com/alicebob/miniredis",
	"github.com/spf13/cobra", "github.com/schollz/progressbar",
}

// world are the packages of the standard library that a pure room may not know.
var world = []string{"database/sql", "log", "net", "os", "plugin", "runtime", "syscall", "testing", "time"}

type listedPackage struct {
	ImportPath string
	Imports    []string // of its files that are not tests
}

func TestArrows(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen[p.ImportPath] = true
		if _, known := rooms[p.ImportPath]; !known {
			t.Errorf("%s has no room in the table", p.ImportPath)
		}
		for _, bad := range badArrows(p) {
			t.Errorf("%s must not import %s", p.ImportPath, bad)
		}
	}
	for path := range rooms {
		if !seen[path] {
			t.Errorf("the table has a room %s, which is gone", path)
		}
	}
}

func TestBadArrowsAreFound(t *testing.T) {
	t.Parallel()
	for _, arrow := range [][2]string{
		{"taskport/importer", "taskport/store"},
		{"taskport/importer", "os"},
		{"taskport/importer", "net/netip"},
		{"taskport/importer", "github.com/klauspost/compress/zstd"},
		{"taskport/importer", "taskport/importer/check"},
		{"taskport/importer", "taskport/importer/file/unpack"},
		{"taskport/importer/file", "taskport/importer"},
		{"taskport/importer/file", "taskport/importer/dates"},
		{"taskport/importer/dates", "taskport/importer/match"},
		{"taskport/importer/check", "taskport/store"},
		{"taskport/importer/file/unpack", "os"},
		{"taskport/importer/file/xlsx", "taskport/importer"},
		{"taskport/importer/match", "taskport/importer"},
		{"taskport/importer/match", "time"},
		{"taskport/store", "taskport/worker/queue"},
		{"taskport/store", "taskport/store/storetest"},
		{"taskport/store", "github.com/hibiken/asynq"},
		{"taskport/worker", "taskport/intake"},
		{"taskport/worker", "github.com/jackc/pgx/v5"},
		{"taskport/intake", "taskport/worker/queue"},
		{"taskport/intake", "taskport/importer/match"},
		{"taskport/intake", "github.com/jackc/pgx/v5/pgxpool"},
		{"taskport/console", "taskport/intake"},
		{"taskport/console", "taskport/worker/queue"},
		{"taskport/intake", "taskport/console"},
		{"taskport/internal/web", "taskport/intake"},
		{"taskport/internal/web", "taskport/worker/queue"},
		{"taskport/store", "taskport/internal/web"},
		{"taskport/cmd/taskport", "github.com/hibiken/asynq"},
		{"taskport/util", "taskport/store"},
		{"taskport/store", "taskport"},
	} {
		bad := badArrows(listedPackage{ImportPath: arrow[0], Imports: []string{"fmt", arrow[1]}})
		if len(bad) != 1 || bad[0] != arrow[1] {
			t.Errorf("%s → %s: got %v", arrow[0], arrow[1], bad)
		}
	}
}

func badArrows(p listedPackage) []string {
	var bad []string
	for _, to := range p.Imports {
		if !rooms[p.ImportPath].mayImport(to) {
			bad = append(bad, to)
		}
	}
	return bad
}

func (r room) mayImport(path string) bool {
	switch {
	case under(path, []string{"taskport"}):
		return slices.Contains(r.ours, path)
	case under(path, r.libraries):
		return true
	case r.pure:
		return !under(path, world) && !strings.Contains(path, ".") // only paths outside the standard library have a dot
	default:
		return !under(path, guarded)
	}
}

func under(path string, roots []string) bool {
	for _, root := range roots {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}
