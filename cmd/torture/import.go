package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
)

// withTag puts the tag of an import into a text of its file.
func withTag(text, tag string) string { return strings.ReplaceAll(text, placeholder, tag) }

// scenario is what is done to an import besides importing it.
type scenario string

const (
	plain    scenario = "plain"
	cancel   scenario = "cancel"
	undo     scenario = "undo"
	decide   scenario = "decide"   // rejected rows are corrected and dismissed, and both is undone
	purge    scenario = "purge"    // what its file held is removed once it has ended
	poisoned scenario = "poisoned" // one of its chunks panics the decoder, whenever it is tried
)

// importRun is one import of a file.
type importRun struct {
	t        *torture
	file     *file
	tag      string
	scenario scenario
	id       uuid.UUID
	client   *client
	verdict  verdict
	end      time.Time // when the job was final for the first time
}

// took is how long the import took from its upload on.
func (r *importRun) took(begun time.Time) time.Duration { return r.end.Sub(begun) }

// importFile uploads a file, follows it to its end, and compares. An error says that it did not
// come to an end.
func (t *torture) importFile(ctx context.Context, f *file, number int, what scenario) (*importRun, error) {
	ctx, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	r := &importRun{t: t, file: f, tag: fmt.Sprintf("%06d", number), scenario: what, client: t.client(f.site)}
	// Files of torture share rows on purpose.
	q := url.Values{"on_duplicate": {f.onDuplicate}, "file_name": {f.name}, "on_same_file": {"all"}}
	a, err := r.client.ask(ctx, http.MethodPost, "/v1/import/tasks?"+q.Encode(), "text/csv", withTag(f.text, r.tag),
		"import-"+r.tag)
	if err != nil {
		return r, err
	}
	j, err := a.job()
	if err != nil {
		return r, fmt.Errorf("upload of %s: %w", f.name, err)
	}
	if r.id, err = uuid.Parse(j.ID); err != nil {
		return r, err
	}
	t.accepted(r)
	if what == cancel {
		if err := r.act(ctx, "cancel"); err != nil {
			return r, err
		}
	}
	cure := func() {}
	if what == poisoned {
		cure = t.poison(r.id, 1+(len(f.rows)-2)/chunkRows)
	}
	defer cure()
	if j, err = r.client.follow(ctx, j.ID); err != nil {
		return r, err
	}
	r.end = time.Now()
	return r, r.ended(ctx, j, cure)
}

// ended compares an import that has ended with its file, and continues its scenario.
func (r *importRun) ended(ctx context.Context, j job, cure func()) (err error) {
	if err := r.judge(ctx, j); err != nil {
		return err
	}
	if j.Status == "failed" && r.scenario == poisoned {
		cure()
		if j, err = r.retry(ctx, j); err != nil {
			return err
		}
		if err := r.judge(ctx, j); err != nil {
			return err
		}
	}
	meant := map[string]scenario{"cancelled": cancel, "failed": poisoned}
	if j.Status == "completed" {
		if err := r.report(ctx); err != nil {
			return err
		}
	} else if meant[j.Status] != r.scenario {
		return fmt.Errorf("import %s of %s is %s: %s", r.id, r.file.name, j.Status, j.Message)
	}
	switch {
	case r.scenario == undo:
		return r.undo(ctx)
	case r.scenario == purge && j.Status == "completed":
		return r.purge(ctx, j)
	case r.scenario == decide && j.Status == "completed":
		return r.decide(ctx)
	}
	return nil
}

// purge removes what the file held: the tasks and the counts stay, the dead letters go.
func (r *importRun) purge(ctx context.Context, before job) error {
	path := "/v1/import/jobs/" + r.id.String()
	a, err := r.client.ask(ctx, http.MethodDelete, path, "", "", "")
	if err != nil {
		return err
	}
	after, err := a.job()
	if err != nil {
		return fmt.Errorf("purge: %w", err)
	}
	if after.Created != before.Created || after.Rejected != before.Rejected || after.Total != before.Total {
		r.verdict.blame(&r.verdict.misplaced, 1, "the job counts %+v before and %+v after the purge", before, after)
	}
	var tasks, dead int
	err = eventually(ctx, func() error {
		return errors.Join(r.t.one(ctx, &tasks, `SELECT count(*) FROM tasks WHERE workspace_id = ANY ($2) AND import_id = $1`,
			r.id, r.t.workspaces()), r.t.one(ctx, &dead, `SELECT count(*) FROM dead_letters
			WHERE workspace_id = ANY ($2) AND import_id = $1`, r.id, r.t.workspaces()))
	})
	r.verdict.blame(&r.verdict.misplaced, dead, "%d dead letters of %s are left after a purge", dead, r.id)
	r.verdict.blame(&r.verdict.lost, before.Created-tasks, "%d of %d tasks of %s are left after a purge", tasks,
		before.Created, r.id)
	if err == nil {
		r.t.acted("purge")
	}
	return err
}

// decisions are about rows that most files have; each leaves no open dead letter of its reason.
var decisions = []struct{ action, reason, body string }{
	{"correct_all", "orphan", `{"reason": "orphan", "fields": {"company_name": "` + firms[0] + `"}}`},
	{"dismiss", "missing_title", `{"reason": "missing_title", "dismiss": true, "dismiss_reason": "a test"}`},
}

// decide decides about many rejected rows at once and takes it back; everything must be as before.
func (r *importRun) decide(ctx context.Context) error {
	for _, d := range decisions {
		path := "/v1/import/jobs/" + r.id.String() + "/rejects/resolve"
		a, err := r.client.ask(ctx, http.MethodPost, path, "application/json", d.body, d.action+"-"+r.tag)
		if err != nil {
			return err
		}
		if a.status == http.StatusNotFound {
			continue // the file has no such rows
		}
		if a.status >= http.StatusBadRequest {
			return fmt.Errorf("%s: %d %s: %s", d.action, a.status, a.code, a.body)
		}
		if _, err := r.client.follow(ctx, r.id.String()); err != nil {
			return err
		}
		var left int
		var decision uuid.UUID
		if err := eventually(ctx, func() error {
			if err := r.t.one(ctx, &decision, `SELECT id FROM audit WHERE import_id = $1 AND action = $2`, r.id,
				d.action); err != nil {
				return err
			}
			return r.t.one(ctx, &left, `SELECT count(*) FROM dead_letters WHERE import_id = $1 AND reason = $2
				AND dismissed_at IS NULL`, r.id, d.reason)
		}); err != nil {
			return err
		}
		r.verdict.blame(&r.verdict.misplaced, left, "%d rows of %s are left after %s", left, r.id, d.action)
		a, err = r.client.ask(ctx, http.MethodPost, "/v1/rejects/decisions/"+decision.String()+"/undo", "", "",
			"undo-"+d.action+"-"+r.tag)
		switch {
		case err != nil:
			return err
		case a.status < http.StatusBadRequest:
			r.t.acted(d.action + " and undo")
		case a.status != http.StatusConflict: // a first answer was lost
			return fmt.Errorf("undo of %s: %d %s: %s", d.action, a.status, a.code, a.body)
		}
		j, err := r.client.follow(ctx, r.id.String())
		if err != nil {
			return err
		}
		if err := r.judge(ctx, j); err != nil {
			return err
		}
		if err := r.report(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (r *importRun) judge(ctx context.Context, j job) error {
	var v verdict
	err := eventually(ctx, func() (err error) {
		v, err = r.t.check(ctx, r.file, r.id, r.tag, j)
		return err
	})
	r.verdict.add(v.losses)
	if r.verdict.first == "" {
		r.verdict.first = v.first
	}
	return err
}

// report compares the dead-letter report with that of the undisturbed run, byte for byte but for
// its id and its own tag.
func (r *importRun) report(ctx context.Context) error {
	a, err := r.client.ask(ctx, http.MethodGet, "/v1/import/jobs/"+r.id.String()+"/rejects?format=csv", "", "", "")
	if err != nil {
		return err
	}
	text := strings.ReplaceAll(strings.ReplaceAll(string(a.body), r.id.String(), "import"), r.tag, placeholder)
	if r.file.report == "" {
		r.file.report = text
	}
	if text != r.file.report {
		r.verdict.blame(&r.verdict.misplaced, 1, "the report of %s differs from that of the undisturbed run", r.id)
	}
	return nil
}

// act asks for a transition of the job. A 409 is not an error: the state did not allow it, perhaps
// because a first answer was lost.
func (r *importRun) act(ctx context.Context, action string) error {
	a, err := r.client.ask(ctx, http.MethodPost, "/v1/import/jobs/"+r.id.String()+"/"+action, "", "", action+"-"+r.tag)
	switch {
	case err != nil:
		return err
	case a.status >= http.StatusBadRequest && a.status != http.StatusConflict:
		return fmt.Errorf("%s: %d %s: %s", action, a.status, a.code, a.body)
	case a.status < http.StatusBadRequest:
		r.t.acted(action)
	}
	return nil
}

// retry continues a failed import and follows it.
func (r *importRun) retry(ctx context.Context, j job) (job, error) {
	if err := r.act(ctx, "retry"); err != nil {
		return j, err
	}
	return r.client.follow(ctx, r.id.String())
}

// undo takes back all tasks; none may be left.
func (r *importRun) undo(ctx context.Context) error {
	if err := r.act(ctx, "undo"); err != nil {
		return err
	}
	j, err := r.client.follow(ctx, r.id.String())
	if err != nil {
		return err
	}
	var left int
	if err := eventually(ctx, func() error {
		return r.t.one(ctx, &left, `SELECT count(*) FROM tasks
		WHERE import_id = $1`, r.id)
	}); err != nil {
		return err
	}
	if j.Status != "undone" {
		return fmt.Errorf("undo of %s left it %s", r.id, j.Status)
	}
	r.verdict.blame(&r.verdict.misplaced, left, "%d tasks of %s are left after undo", left, r.id)
	return nil
}

// draw chooses the scenario of an import.
func draw(rng *rand.Rand) scenario {
	switch n := rng.IntN(100); {
	case n < 8:
		return cancel
	case n < 16:
		return undo
	case n < 19:
		return poisoned
	case n < 31:
		return decide
	case n < 36:
		return purge
	}
	return plain
}
