package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// selectionFlags select dead letters by what is wrong with them.
type selectionFlags struct{ reason, field, name, company string }

func (f *selectionFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.reason, "reason", "", "only rows rejected for this reason: "+choices(reasonNames()))
	cmd.Flags().StringVar(&f.field, "field", "", "only rows rejected for this field, such as contact_name")
	cmd.Flags().StringVar(&f.name, "name", "", "only rows in which this name, or other value, is at fault")
	cmd.Flags().StringVar(&f.company, "company", "",
		"only rows whose contact is named with this company; empty for rows without a company")
}

// query returns the flags as parameters of a list.
func (f *selectionFlags) query(cmd *cobra.Command) (url.Values, error) {
	if err := among("--reason", f.reason, reasonNames()); err != nil {
		return nil, misuse(err)
	}
	q := url.Values{}
	for name, value := range map[string]string{"reason": f.reason, "field": f.field, "name": f.name} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if cmd.Flags().Changed("company") {
		q.Set("company", f.company)
	}
	return q, nil
}

// decisionFlags are the flags of the commands that decide about dead letters.
type decisionFlags struct {
	client clientFlags
	which  selectionFlags
	rows   []int
	all    bool
	asJSON bool
}

func (f *decisionFlags) add(cmd *cobra.Command, env *environment) {
	f.client.add(cmd, env)
	f.which.add(cmd)
	cmd.Flags().IntSliceVar(&f.rows, "row", nil, "number of a row, repeated or with commas; needs JOB")
	cmd.Flags().BoolVar(&f.all, "all", false, "in all imports, instead of JOB")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the answer of the API")
}

// selection returns the members of a decision that select its rows. It refuses a decision without
// a selection: nobody means all rows by leaving it out.
func (f *decisionFlags) selection(cmd *cobra.Command) (map[string]any, error) {
	query, err := f.which.query(cmd)
	if err != nil {
		return nil, err
	}
	body := map[string]any{}
	for name := range query {
		body[name] = query.Get(name)
	}
	switch {
	case len(f.rows) > 0 && f.all:
		return nil, misusef("--row is a row of one job; name the job instead of --all")
	case len(f.rows) > 0 && len(body) > 0:
		return nil, misusef("choose rows by --row, or by --reason, --field, --name and --company, not both")
	case len(f.rows) > 0:
		body["rows"] = f.rows
	case f.which.reason == "" && f.which.name == "":
		return nil, misusef("choose the rows with --row, --reason or --name; `taskport rejects` shows them")
	}
	return body, nil
}

// decide sends a decision and prints its outcome.
func (f *decisionFlags) decide(ctx context.Context, env *environment, args []string, body map[string]any) error {
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	path := "/v1/rejects/resolve"
	if !f.all {
		id, err := c.jobNamed(ctx, args[0])
		if err != nil {
			return err
		}
		path = "/v1/import/jobs/" + url.PathEscape(id) + "/rejects/resolve"
		if _, dismisses := body["dismiss"]; len(f.rows) == 1 && !dismisses { // its answer shows the outcome of the row
			path = strings.TrimSuffix(path, "resolve") + strconv.Itoa(f.rows[0])
			delete(body, "rows")
		}
	}
	raw, err := c.post(ctx, path, body)
	if err != nil {
		return err
	}
	switch {
	case f.asJSON:
		_, err = env.out.Write(raw)
		return err
	case f.all:
		return printResolved(env, raw)
	}
	j, err := readJob(raw)
	if err != nil {
		return err
	}
	noteDecision(env, j.DecisionID)
	if j.Corrected != nil {
		return j.Corrected.print(env, j.JobID)
	}
	fmt.Fprintf(env.out, "%s rejected: %s dismissed, %s open\n", rowsText(j.Rejected), grouped(j.Dismissed),
		grouped(j.open()))
	return nil
}

// post sends a JSON object and returns the answer.
func (c *client) post(ctx context.Context, path string, body any) (json.RawMessage, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	resp, err := c.do(ctx, call{method: http.MethodPost, path: path,
		header: map[string]string{"Content-Type": "application/json"},
		body:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }})
	if err != nil {
		return nil, err
	}
	return readBody(resp)
}

// corrected is the outcome of a correction.
type corrected struct {
	Rows     int       `json:"row_count"`
	Created  int       `json:"created_count"`
	Updated  int       `json:"updated_count"`
	Skipped  int       `json:"skipped_count"`
	Rejected int       `json:"rejected_count"`
	Pending  int       `json:"pending_count"`
	Row      int       `json:"row_number,omitempty"` // these only for a single row
	Outcome  string    `json:"outcome,omitempty"`
	ID       string    `json:"id,omitempty"`
	Reject   *rowError `json:"reject,omitempty"`
}

// print prints the outcome of a correction; the exit code is that of an import of these rows.
func (m *corrected) print(env *environment, jobID string) error {
	out := &foldedLines{env.out, env.outWidth}
	switch {
	case m.Row == 0:
		fmt.Fprintf(out, "%s corrected: %s created, %s updated, %s skipped, %s rejected again\n", rowsText(m.Rows),
			grouped(m.Created), grouped(m.Updated), grouped(m.Skipped), grouped(m.Rejected))
	case m.Reject != nil:
		fmt.Fprintf(out, "row %d: rejected again: %s: %s\n", m.Row, m.Reject.Reason, oneLine(m.Reject.text()))
	case m.ID != "":
		fmt.Fprintf(out, "row %d: %s %s\n", m.Row, oneLine(m.Outcome), oneLine(m.ID))
	default:
		fmt.Fprintf(out, "row %d: %s\n", m.Row, oneLine(m.Outcome))
	}
	if m.Pending > 0 {
		env.note("%s to come; `taskport jobs %s --watch` follows them", rowsText(m.Pending), jobID)
	}
	if m.Rejected > 0 {
		return &exitError{code: exitRejected}
	}
	return nil
}

// printResolved prints how many rows a decision has reached, by job.
func printResolved(env *environment, raw json.RawMessage) error {
	var answer struct {
		Data struct {
			DecisionID string `json:"decision_id"`
			Rows       int    `json:"row_count"`
			Jobs       []struct {
				JobID string `json:"job_id"`
				Rows  int    `json:"row_count"`
			} `json:"jobs"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not that of a decision; check --server: %w", err)
	}
	noteDecision(env, answer.Data.DecisionID)
	rows := [][]string{{"JOB", "ROWS"}}
	for _, j := range answer.Data.Jobs {
		rows = append(rows, []string{oneLine(j.JobID), grouped(j.Rows)})
	}
	return writeTable(env.out, rows)
}

func newCorrectCommand(env *environment) *cobra.Command {
	var f decisionFlags
	var set []string
	var contact, company string
	var remember bool
	cmd := &cobra.Command{Use: "correct JOB|--all", Short: "Correct rejected rows, and retry them",
		Long: "Correct rejected rows with new values or a chosen record, and retry them. The file stays as it is.\n" +
			"Choose rows by --row, or all that share a reason or a name; --all corrects them in all imports.\n\n" + jobHelp +
			exitCodes("the rows are in, or to come", "some rows are rejected again", "nothing was corrected"),
		Example: "  taskport correct @last --row 17 --set due_date=2026-03-01\n" +
			"  taskport correct @last --name 'the boss' --field contact_name --remember \\\n" +
			"      --contact-id 0198c5a1-7b3e-7000-8000-000000000001\n" +
			"  taskport correct --all --reason orphan --set company_name='Acme GmbH'",
		Args: jobOrAll(&f.all),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := f.selection(cmd)
			if err != nil {
				return err
			}
			fields := map[string]string{}
			for _, s := range set {
				field, value, ok := strings.Cut(s, "=")
				if !ok || field == "" {
					return misusef("--set takes field=VALUE, not %q", s)
				}
				fields[field] = value
			}
			if len(fields) > 0 {
				body["fields"] = fields
			}
			for name, id := range map[string]string{"contact_id": contact, "company_id": company} {
				if id != "" {
					body[name] = id
				}
			}
			switch {
			case len(fields) == 0 && contact == "" && company == "":
				return misusef("say what is right, with --set, --contact-id or --company-id")
			case remember && f.which.name == "":
				return misusef("--remember ties a name to the record; choose the rows with --name")
			case remember:
				body["remember"] = true
			}
			return f.decide(cmd.Context(), env, args, body)
		}}
	f.add(cmd, env)
	cmd.Flags().StringArrayVar(&set, "set", nil, "a new value, as field=VALUE, repeated; an empty one clears the field")
	cmd.Flags().StringVar(&contact, "contact-id", "", "id of the contact that is meant")
	cmd.Flags().StringVar(&company, "company-id", "", "id of the company that is meant")
	cmd.Flags().BoolVar(&remember, "remember", false, "keep the name as an alias of the record")
	return cmd
}

func newDismissCommand(env *environment) *cobra.Command {
	var f decisionFlags
	var message string
	var restore bool
	cmd := &cobra.Command{Use: "dismiss JOB|--all", Short: "Close rejected rows that nobody will correct",
		Long: "Close rejected rows that nobody will correct, such as totals, with a reason; --restore opens them again.\n" +
			"Both are in the audit.\n\n" + jobHelp,
		Example: "  taskport dismiss @last --row 17,20 --message 'totals of the old system'\n" +
			"  taskport dismiss --all --reason orphan --message 'nobody needs them'\n" +
			"  taskport dismiss @last --row 17 --restore",
		Args: jobOrAll(&f.all),
		RunE: func(cmd *cobra.Command, args []string) error {
			body, err := f.selection(cmd)
			if err != nil {
				return err
			}
			if message == "" && !restore {
				return misuse(errors.New("say with --message why the rows are dismissed; the audit keeps it"))
			}
			body["dismiss"] = !restore
			if message != "" {
				body["dismiss_reason"] = message
			}
			return f.decide(cmd.Context(), env, args, body)
		}}
	f.add(cmd, env)
	cmd.Flags().StringVarP(&message, "message", "m", "", "why the rows are dismissed, or opened again")
	cmd.Flags().BoolVar(&restore, "restore", false, "open dismissed rows again")
	return cmd
}
