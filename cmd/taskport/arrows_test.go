package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// rooms lists what each package may import: of ours, and of the libraries that belong to one room. Whoever is not listed may import nothing.
// Arrows point one way: cmd → intake, worker → store → importer → match; the doors do not import each other. Tests are free.
var rooms = map[string]struct{ ours, libraries []string }{
	"taskport/importer/match":                     {},
	"taskport/importer":                           {ours: []string{"taskport/importer/match"}},
	"taskport/store":                              {ours: []string{"taskport/importer", "taskport/importer/match"}, libraries: []string{"jackc/pgx"}},
	"taskport/store/storetest":                    {ours: []string{"taskport/store", "taskport/cmd/taskport/embedded/testservices"}, libraries: []string{"jackc/pgx"}},
	"taskport/worker/queue":                       {ours: []string{"taskport/store"}, libraries: []string{"hibiken/asynq", "redis/go-redis"}},
	"taskport/worker":                             {ours: []string{"taskport/worker/queue", "taskport/store", "taskport/importer"}, libraries: []string{"hibiken/asynq", "redis/go-redis"}},
	"taskport/intake":                             {ours: []string{"taskport/store", "taskport/importer"}, libraries: []string{"redis/go-redis", "go-redis/redis_rate"}},
	"taskport/cmd/taskport/embedded":              {libraries: []string{"jackc/pgx", "redis/go-redis", "alicebob/miniredis"}},
	"taskport/cmd/taskport/embedded/testservices": {ours: []string{"taskport/cmd/taskport/embedded"}},
	"taskport/cmd/taskport":                       {ours: []string{"taskport/"}, libraries: []string{"redis/go-redis", "jackc/pgx"}},
	"taskport/testdata":                           {},
	"taskport/testdata/generate":                  {},
}

// guarded are the libraries that only their rooms may know.
var guarded = []string{"jackc/pgx", "hibiken/asynq", "redis/go-redis", "go-redis/redis_rate", "alicebob/miniredis", "net/http", "database/sql"}

// speaksHTTP are the packages whose business net/http is.
var speaksHTTP = map[string]bool{"taskport/intake": true, "taskport/cmd/taskport": true}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestArrows(t *testing.T) {
	t.Parallel()
	list := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", "./...", "./testdata", "./testdata/generate")
	list.Dir = "../.."
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	seen := 0
	for {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		seen++
		for _, bad := range badArrows(p) {
			t.Errorf("%s must not import %s", p.ImportPath, bad)
		}
	}
	if seen != len(rooms) {
		t.Errorf("%d packages, %d rooms in the table", seen, len(rooms))
	}
}

func TestBadArrowsAreFound(t *testing.T) {
	t.Parallel()
	for from, to := range map[string]string{
		"taskport/importer": "taskport/store", "taskport/intake": "taskport/worker", "taskport/worker": "github.com/jackc/pgx/v5",
		"taskport/store": "github.com/hibiken/asynq", "taskport/importer/match": "net/http", "taskport/util": "taskport/store",
	} {
		if len(badArrows(listedPackage{ImportPath: from, Imports: []string{"fmt", to}})) != 1 {
			t.Errorf("%s → %s was not found", from, to)
		}
	}
}

func badArrows(p listedPackage) []string {
	room := rooms[p.ImportPath]
	var bad []string
	for _, to := range p.Imports {
		allowed := room.libraries
		if strings.HasPrefix(to, "taskport/") {
			allowed = room.ours
		} else if !containsAny(to, guarded) || to == "net/http" && speaksHTTP[p.ImportPath] {
			continue
		}
		if !containsAny(to, allowed) {
			bad = append(bad, to)
		}
	}
	return bad
}

func containsAny(path string, parts []string) bool {
	for _, part := range parts {
		if path == part || strings.Contains(path, part) && (strings.HasSuffix(part, "/") || !strings.HasPrefix(part, "taskport/")) {
			return true
		}
	}
	return false
}
