package intake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// listPage is the answer of a list.
type listPage struct {
	Data []json.RawMessage `json:"data"`
	Meta struct {
		Next  *string `json:"next_cursor"`
		Total *int    `json:"total"`
	} `json:"meta"`
}

func (a *api) listPage(t *testing.T, path string) (p listPage) {
	t.Helper()
	r := a.do("GET", path, "")
	if err := json.Unmarshal([]byte(r.raw), &p); err != nil || r.status != http.StatusOK {
		t.Fatalf("%s: %d %s (%v)", path, r.status, r.raw, err)
	}
	return p
}

// entries fills every list that does not begin empty, and returns an import and a webhook.
func (a *api) entries() (job, hook string) {
	a.load("companies", "name\nA\nB\nC\n")
	a.load("contacts", "full_name,email\nPeter Fischer,p@example.com\nHans Müller,h@example.com\nHans "+
		"Müller,i@example.com\n")
	a.load("deals", "title\nA\nB\nC\n")
	a.load("events", "title\nA\nB\nC\n")
	a.load("users", "name,assignee_id\nA,u1\nB,u2\nC,u3\n")
	peter := a.contact("Peter Fischer")
	for n := range 3 {
		hook, _ = a.do("POST", "/v1/webhooks", fmt.Sprintf(`{"url":"https://example.com/%d","events":["task.created"]}`,
			n)).get("data.id").(string)
		a.do("PUT", fmt.Sprintf("/v1/import/mappings/m%d", n), `{"mapping":{"Was":"title"}}`)
		a.do("POST", "/v1/aliases", fmt.Sprintf(`{"name":"Alias %d","contact_id":%q}`, n, peter))
		job = a.jobID(a.importTasks(fmt.Sprintf("title,contact_name,external_id\nA%[1]d,Hans Müller,\n"+
			"B%[1]d,Nobody %[1]d,\nC%[1]d,Peter Fischer,\nD%[1]d,Somebody,\nE%[1]d,Peter Fischer,\nF%[1]d,Peter Fischer,\n"+
			strings.Repeat("G%[1]d,Peter Fischer,g%[1]d\n", 4), n), ""))
	}
	for n := range 3 {
		a.do("POST", "/v1/tasks", fmt.Sprintf(`{"title":"T%d","contact_name":"Peter Fischer"}`, n))
	}
	return job, hook
}

// Every list, followed by its cursor, has the entries that it has by pages, each once.
func TestCursors(t *testing.T) {
	a := setup(t)
	job, hook := a.entries()
	for path := range describedLists(t) {
		t.Run(path, func(t *testing.T) {
			id := job
			if strings.Contains(path, "webhooks") {
				id = hook
			}
			path := strings.ReplaceAll(path, "{id}", id)
			all := a.listPage(t, path+"?page=1&per_page=100&total=true")
			if len(all.Data) < 3 {
				t.Fatalf("the list has %d entries, want more than a page", len(all.Data))
			}
			if all.Meta.Total == nil || *all.Meta.Total != len(all.Data) || all.Meta.Next != nil {
				t.Errorf("got the total %v and the cursor %v, want %d and none", all.Meta.Total, all.Meta.Next, len(all.Data))
			}
			var got []json.RawMessage
			for next := path + "?per_page=2"; next != "" && len(got) <= len(all.Data); {
				p := a.listPage(t, next)
				got = append(got, p.Data...)
				if next = ""; p.Meta.Next != nil {
					next = path + "?per_page=2&cursor=" + *p.Meta.Next
				}
			}
			if fmt.Sprintf("%s", got) != fmt.Sprintf("%s", all.Data) {
				t.Errorf("got by cursor %s, want %s", got, all.Data)
			}
			for _, wrong := range []string{"x", "eAB5AHo", "_w"} {
				a.do("GET", path+"?cursor="+wrong, "").wantError(http.StatusBadRequest, "validation_error", "cursor",
					"next_cursor")
			}
		})
	}
}
