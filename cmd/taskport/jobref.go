package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

// lastJob names the job that this user has started last, from this machine, with the same server
// and key; without one, the newest job of the workspace.
const lastJob = "@last"

// jobHelp is the part of a command's help about its argument JOB.
const jobHelp = "JOB is the id of a job, an unambiguous beginning of it, or @last: the job that you started last\n" +
	"from this machine with this server and key or, without one, the newest job of the workspace."

// jobBeginning is what may be the beginning of an id. Anything else goes to the server as it is.
var jobBeginning = regexp.MustCompile(`^[0-9A-Fa-f-]{1,35}$`)

// jobNamed returns the id of the job that a person has named.
func (c *client) jobNamed(ctx context.Context, name string) (string, error) {
	switch {
	case name == lastJob:
		return c.lastJob(ctx)
	case uuid.Validate(name) == nil || !jobBeginning.MatchString(name):
		return name, nil
	}
	return c.jobBeginningWith(ctx, strings.ToLower(name))
}

// lastJob returns the job that @last names, and notes which one it is: what happens to it should
// not be a surprise.
func (c *client) lastJob(ctx context.Context) (string, error) {
	if text, err := os.ReadFile(c.lastPath); err == nil && uuid.Validate(string(text)) == nil {
		c.say("@last is job %s", text)
		return string(text), nil
	}
	jobs, _, err := c.jobs(ctx, url.Values{"per_page": {"1"}})
	if err != nil {
		return "", err
	}
	if len(jobs) == 0 {
		return "", errors.New("the workspace has no job yet; `taskport import FILE` makes one")
	}
	c.say("@last is job %s, the newest of the workspace%s", jobs[0].JobID, jobs[0].ofFile())
	return jobs[0].JobID, nil
}

// started remembers a job for @last. Where that is not possible, @last is the newest of the
// workspace, and says so.
func (c *client) started(id string) {
	const private, mine = 0o700, 0o600
	if c.lastPath != "" && os.MkdirAll(filepath.Dir(c.lastPath), private) == nil {
		_ = os.WriteFile(c.lastPath, []byte(id), mine)
	}
}

// lastPath returns the file that remembers the last job with a server and key; empty where the user
// has no directory.
func (e *environment) lastPath(server, key string) string {
	dir := e.getenv("XDG_STATE_HOME")
	if dir == "" && e.getenv("HOME") != "" {
		dir = filepath.Join(e.getenv("HOME"), ".local", "state")
	}
	if dir == "" {
		dir = e.getenv("LOCALAPPDATA") // on Windows
	}
	if dir == "" {
		return ""
	}
	const enough = 8
	sum := sha256.Sum256([]byte(server + "\n" + key))
	return filepath.Join(dir, "taskport", "last-"+hex.EncodeToString(sum[:enough]))
}

func (c *client) say(format string, args ...any) {
	if c.note != nil {
		c.note(format, args...)
	}
}

// jobs returns a page of the list of jobs, and the whole answer.
func (c *client) jobs(ctx context.Context, query url.Values) ([]job, json.RawMessage, error) {
	raw, err := c.get(ctx, "/v1/import/jobs", query)
	if err != nil {
		return nil, nil, err
	}
	var answer struct {
		Data []job `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return nil, nil, fmt.Errorf("the answer is not a list of jobs; check --server: %w", err)
	}
	return answer.Data, raw, nil
}

// eachJob passes the jobs of a list to use, the newest first, until it reports false.
func (c *client) eachJob(ctx context.Context, query url.Values, use func(job) bool) error {
	const perPage = 100
	query.Set("per_page", strconv.Itoa(perPage))
	for page := 1; ; page++ {
		query.Set("page", strconv.Itoa(page))
		jobs, _, err := c.jobs(ctx, query)
		if err != nil {
			return err
		}
		for _, j := range jobs {
			if !use(j) {
				return nil
			}
		}
		if len(jobs) < perPage {
			return nil
		}
	}
}

// jobBeginningWith returns the id of the only job whose id begins so. Ids sort by their time, and
// the lists begin with the newest: an older one than the beginning ends the search.
func (c *client) jobBeginningWith(ctx context.Context, beginning string) (string, error) {
	var found []job
	seen := map[string]bool{}
	for _, query := range []url.Values{{}, {"singles": {"true"}}} {
		err := c.eachJob(ctx, query, func(j job) bool {
			if strings.HasPrefix(j.JobID, beginning) && !seen[j.JobID] {
				seen[j.JobID] = true
				found = append(found, j)
			}
			return strings.HasPrefix(j.JobID, beginning) || j.JobID > beginning
		})
		if err != nil {
			return "", err
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no job has an id that begins with %q; `taskport jobs` lists them", beginning)
	case 1:
		return found[0].JobID, nil
	}
	const shown = 10
	text := fmt.Sprintf("%q is the beginning of %s jobs; name one of them with more of its id:", beginning,
		grouped(len(found)))
	for n, j := range found {
		if n == shown {
			text += fmt.Sprintf("\n  and %s more", grouped(len(found)-shown))
			break
		}
		text += fmt.Sprintf("\n  %s  %s, %s%s", oneLine(j.JobID), j.Kind, j.state(), j.ofFile())
	}
	return "", errors.New(text)
}

// ofFile returns the name of the file, after a comma; nothing without one.
func (j job) ofFile() string {
	if j.FileName == "" {
		return ""
	}
	return ", " + oneLine(j.FileName)
}

// jobOrAll returns the check of the arguments of a command that takes a job, or --all.
func jobOrAll(all *bool) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		switch {
		case *all && len(args) > 0:
			return errors.New("name a job, or --all, not both")
		case !*all && len(args) != 1:
			return fmt.Errorf("name one job (its id, a beginning of it, or @last), or --all; %d were named", len(args))
		}
		return nil
	}
}

// oneJob is the check of the arguments of a command that takes one job.
func oneJob(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("name one job (its id, a beginning of it, or @last); %d were named", len(args))
	}
	return nil
}

// shorten replaces the ids of jobs by beginnings that differ from each other, for a table on a
// terminal. Elsewhere ids stay whole.
func (e *environment) shorten(ids []string) {
	const least, step = 13, 5 // the time of an id, and a further group of it
	if !e.outIsTerminal {
		return
	}
	for length := least; ; length += step {
		short, distinct := map[string]string{}, true
		for _, id := range ids {
			beginning := id[:min(length, len(id))]
			if other, taken := short[beginning]; taken && other != id {
				distinct = false
			}
			short[beginning] = id
		}
		if !distinct {
			continue
		}
		for n, id := range ids {
			ids[n] = id[:min(length, len(id))]
		}
		return
	}
}
