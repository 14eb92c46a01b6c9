package intake_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taskport/intake"

	"taskport/internal/embedded/testservices"
)

func TestWebhookRegistration(t *testing.T) {
	a := setup(t)
	r := a.do("POST", "/v1/webhooks",
		`{"url": "https://receiver.example/hook?x=1", "events": ["task.created", "import.failed", "task.created"]}`,
		"Idempotency-Key", "hook")
	secret, _ := r.get("data.secret").(string)
	id, _ := r.get("data.id").(string)
	if r.status != http.StatusCreated || !strings.HasPrefix(secret, "whsec_") ||
		r.header.Get("Location") != "/v1/webhooks/"+id || len(r.get("data.events").([]any)) != 2 {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	a.forgetAnswer("hook")
	if again := a.do("POST", "/v1/webhooks",
		`{"url": "https://receiver.example/hook?x=1", "events": ["task.created", "import.failed", "task.created"]}`,
		"Idempotency-Key", "hook"); again.raw != r.raw {
		t.Errorf("after a crash: %s, before %s", again.raw, r.raw)
	}
	for _, path := range []string{"", "/" + id} {
		if shown := a.do("GET", "/v1/webhooks"+path, ""); shown.status != http.StatusOK || strings.Contains(shown.raw,
			"secret") {
			t.Errorf("%s shows %s", path, shown.raw)
		}
	}
	rotated := a.do("POST", "/v1/webhooks/"+id+"/rotate", "")
	if s := rotated.get("data.secret"); rotated.status != http.StatusOK || s == secret || s == nil {
		t.Errorf("rotated: %d %s", rotated.status, rotated.raw)
	}
	if n := a.query(`SELECT count(*) FROM webhooks`); n != 1 {
		t.Errorf("%d webhooks", n)
	}
	for body, field := range map[string]string{
		`{"url": "http://receiver.example", "events": ["task.created"]}`:           "url",
		`{"url": "ftp://receiver.example", "events": ["task.created"]}`:            "url",
		`{"url": "https://user:pw@receiver.example", "events": ["task.created"]}`:  "url",
		`{"url": "https://", "events": ["task.created"]}`:                          "url",
		`{"url": "https://receiver.example/#x", "events": ["task.created"]}`:       "url",
		`{"url": "https://receiver.example:99999", "events": ["task.created"]}`:    "url",
		`{"url": "https://receiver.example:0", "events": ["task.created"]}`:        "url",
		`{"url": "https://receiver.example", "events": []}`:                        "events",
		`{"url": "https://receiver.example", "events": ["task.updated"]}`:          "events",
		`{"url": "https://receiver.example"}`:                                      "events",
		`{"url": 5, "events": ["task.created"]}`:                                   "url",
		`{"url": "https://receiver.example", "events": ["task.created"], "to": 1}`: "to",
	} {
		a.do("POST", "/v1/webhooks", body).wantError(400, "validation_error", field, "")
	}
}

// The Standard Webhooks verifier in another language accepts our deliveries and rejects forgeries.
func TestSignatureIsThatOfStandardWebhooks(t *testing.T) {
	modules := filepath.Join(testservices.NPMInstall(t, "standardwebhooks@1.1.1"), "node_modules")
	a := setup(t, func(c *intake.Config) { c.PlainWebhooks = true })
	a.load("contacts", people)
	type received struct {
		Headers map[string]string `json:"headers"`
		Body    string            `json:"body"`
		Secret  string            `json:"secret"`
	}
	got := make(chan received, 1)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		headers := map[string]string{}
		for _, name := range []string{"webhook-id", "webhook-timestamp", "webhook-signature"} {
			headers[name] = r.Header.Get(name)
		}
		got <- received{Headers: headers, Body: string(body)}
	}))
	defer receiver.Close()
	hook := a.do("POST", "/v1/webhooks", `{"url": "`+receiver.URL+`", "events": ["task.created"]}`)
	task := a.do("POST", "/v1/tasks", taskBody)
	r := <-got
	r.Secret, _ = hook.get("data.secret").(string)
	id, _ := task.get("data.id").(string)
	if !strings.Contains(r.Body, id) || !strings.Contains(r.Body, `"type":"task.created"`) {
		t.Errorf("the task %s is not in %s", id, r.Body)
	}
	input, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	verify := exec.CommandContext(t.Context(), "node", "-e", `
		const { Webhook } = require("standardwebhooks");
		const got = JSON.parse(require("fs").readFileSync(0, "utf8"));
		const hook = new Webhook(got.secret);
		if (hook.verify(got.body, got.headers).type !== "task.created") throw new Error("another event");
		for (const [body, headers] of [[got.body + " ", got.headers], [got.body, { ...got.headers, "webhook-id": "other" }],
			[got.body, { ...got.headers, "webhook-timestamp": String(Number(got.headers["webhook-timestamp"]) + 1) }]]) {
			let taken = true;
			try { hook.verify(body, headers); } catch { taken = false; }
			if (taken) throw new Error("a forgery was taken");
		}
		console.log("verified");`)
	verify.Env = append(os.Environ(), "NODE_PATH="+modules)
	verify.Stdin = strings.NewReader(string(input))
	if out, err := verify.CombinedOutput(); err != nil || !strings.Contains(string(out), "verified") {
		t.Errorf("%v\n%s", err, out)
	}
}
