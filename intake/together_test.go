package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// Tasks created at the same time are written together. Each request gets the same answer as alone:
// one task for each external_id and each Idempotency-Key, no task in another workspace, and errors
// only for its own fault.
func TestTasksCreatedAtTheSameTime(t *testing.T) {
	a := setup(t)
	for _, w := range []*api{a, a.other} {
		w.load("contacts", "external_id,full_name\nc1,Hans Müller\n")
	}
	const requests = 120
	replies := make([]reply, requests)
	var work sync.WaitGroup
	for n := range requests {
		work.Go(func() {
			who, body, headers := a, map[string]string{"title": fmt.Sprintf("plain %d", n), "contact_name": "Hans Müller"},
				[]string(nil)
			switch n % 6 {
			case 1: // twenty requests, four external ids
				body["title"], body["external_id"] = "external", fmt.Sprintf("E%d", n/6%4)
			case 2: // twenty requests, four keys, each with the same body
				body["title"] = fmt.Sprintf("key %d", n/6%4)
				headers = []string{"Idempotency-Key", fmt.Sprintf("k%d", n/6%4)}
			case 3:
				body["contact_name"] = "Nobody At All"
			case 4:
				who = a.other
			case 5: // both at once
				body["title"], body["external_id"] = fmt.Sprintf("both %d", n), fmt.Sprintf("B%d", n)
				headers = []string{"Idempotency-Key", fmt.Sprintf("b%d", n)}
			}
			replies[n] = who.do("POST", "/v1/tasks", jsonOf(t, body), headers...)
		})
	}
	work.Wait()
	for n, r := range replies {
		want := []int{http.StatusCreated}
		switch n % 6 {
		case 1:
			want = []int{http.StatusCreated, http.StatusOK}
		case 2:
			want = []int{http.StatusCreated, http.StatusConflict} // in progress
		case 3:
			want = []int{http.StatusBadRequest}
		}
		if r.status != want[0] && r.status != want[len(want)-1] {
			t.Errorf("request %d: status %d, want %v: %s", n, r.status, want, r.raw)
		}
	}
	counts := map[string]int{}
	for page := 1; page <= 2; page++ {
		for _, task := range a.do("GET", fmt.Sprintf("/v1/tasks?per_page=100&page=%d", page), "").json["data"].([]any) {
			title, _, _ := strings.Cut(task.(map[string]any)["title"].(string), " ")
			counts[title]++
		}
	}
	if want := (map[string]int{"plain": 20, "external": 4, "key": 4, "both": 20}); fmt.Sprint(counts) != fmt.Sprint(want) {
		t.Errorf("the workspace has %v, want %v", counts, want)
	}
	if got := len(a.other.do("GET", "/v1/tasks?per_page=100", "").json["data"].([]any)); got != 20 {
		t.Errorf("the other workspace has %d tasks, want 20", got)
	}
	// A key repeats its first answer.
	for n := 5; n < requests; n += 6 {
		again := a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": fmt.Sprintf("both %d", n),
			"external_id": fmt.Sprintf("B%d", n), "contact_name": "Hans Müller"}), "Idempotency-Key", fmt.Sprintf("b%d", n))
		if again.raw != replies[n].raw || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("request %d again: %s, want %s", n, again.raw, replies[n].raw)
		}
	}
}
