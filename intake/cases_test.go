package intake_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taskport/store"
)

// sharedCase is the outcome of files of ../shared/cases, each in a workspace of its own.
type sharedCase struct {
	files  string // separated by spaces
	before string // kind:file of what is loaded before
	kind   string // tasks if empty
	query  string
	want   [3]int   // created, skipped, rejected; updated count as created
	says   []string // in the answer or the tasks
	status int      // of a refusal; then says is in its message
}

// weekBefore are the tasks with which the files of the same rows are compared.
const weekBefore = "tasks:c20_first.csv"

var sharedCases = []sharedCase{
	{files: "c01_asana.csv", want: [3]int{3, 0, 0}, says: []string{`"completed"`, `"Completed At" says whether`}},
	{files: "c01b_asana_sheet.csv", want: [3]int{2, 0, 0}, says: []string{"1 line above the header skipped"}},
	{files: "c02_ticktick.csv", want: [3]int{0, 0, 3},
		says: []string{"status has unknown values", "kept in custom_fields"}},
	{files: "c03_connections.csv", kind: "contacts", want: [3]int{4, 0, 0},
		says: []string{"URL, Position, Connected On"}},
	{files: "c03_tasks.csv", before: "contacts:c03_connections.csv", want: [3]int{3, 0, 1}},
	{files: "c05_outlook.csv", kind: "contacts", want: [3]int{2, 0, 0}, says: []string{"19 columns not imported"}},
	{files: "c06_odoo.csv", want: [3]int{0, 0, 3}, says: []string{"kept in custom_fields: Customer"}},
	{files: "c06b_company_person.csv", want: [3]int{0, 0, 6}, says: []string{"unresolved_reference"}},
	{files: "c07_entities.csv", want: [3]int{4, 0, 0}, says: []string{"cells with HTML such as"}},
	{files: "c07b_html.csv", want: [3]int{4, 0, 0}, says: []string{"cells with HTML such as"}},
	{files: "c08_cp1250.csv", want: [3]int{2, 0, 0}, says: []string{"windows-1250 detected", "Wysłać"}},
	{files: "c08_cp1251.csv", want: [3]int{2, 0, 0}, says: []string{"windows-1251 detected", "Позвонить"}},
	{files: "c08_cp1251_names.csv", want: [3]int{1, 0, 0}, says: []string{"windows-1251 detected", "Позвонить"}},
	{files: "c08_gbk.csv", want: [3]int{2, 0, 0}, says: []string{"gb18030 detected", "发送报价单"}},
	{files: "c08_macroman.csv", want: [3]int{2, 0, 0}, says: []string{"macintosh detected", "Müller"}},
	{files: "c08_sjis.csv", want: [3]int{2, 0, 0}, says: []string{"shift_jis detected", "見積書を送る"}},
	{files: "c10_backslash.csv", want: [3]int{1, 0, 2}, says: []string{"after its closing quote"}},
	{files: "c10b_backslash_end.csv", want: [3]int{2, 0, 0}},
	{files: "c10c_backslash_shift.csv", want: [3]int{1, 0, 1}},
	{files: "c11_wrapped.csv c11b_wrapped_semis.csv c11c_wrapped_rows_only.csv", status: http.StatusBadRequest,
		says: []string{"each line is a single quoted field"}},
	{files: "c13_furigana.xlsx c13b_furigana_inline.xlsx c36c_prefixed.xlsx", want: [3]int{1, 0, 0},
		says: []string{"見積を送る"}},
	{files: "c15_a_s.xlsx c15_b_s_v.xlsx c15_c_n.xlsx c15_d_b.xlsx c15_e_str.xlsx c15_f_d.xlsx c15_g_e.xlsx " +
		"c15_h_inline.xlsx c15_i_inline_is.xlsx c15_j_n_v.xlsx c15_k_s_v_selfclosed.xlsx c15_typed_empty.xlsx",
		want: [3]int{2, 0, 0}},
	{files: "c17_nan.csv", want: [3]int{4, 0, 0}, says: []string{`"not_an_id":3`}},
	{files: "c17b_nan_id.csv", want: [3]int{12, 0, 0}, says: []string{`"not_an_id":12`}},
	{files: "c17c_dir_nan.csv", kind: "contacts", want: [3]int{4, 0, 0}, says: []string{`"not_an_id":4`}},
	{files: "c17d_comp.csv", kind: "companies", want: [3]int{2, 0, 0}, says: []string{`"not_an_id":2`}},
	{files: "c17e_backslash_n.csv", want: [3]int{2, 0, 0}, says: []string{`"not_an_id":2`}},
	{files: "c18_case_ids.csv c19_ids.csv", want: [3]int{2, 0, 0}},
	{files: "c19b_float_ids.csv", before: "tasks:c19_ids.csv", query: "&on_same_file=all",
		want: [3]int{1, 2, 0}, says: []string{`"cleaned":`}},
	{files: "c20_first.csv", want: [3]int{20, 0, 0}},
	{files: "c20_again_plus_one.csv", before: weekBefore, status: http.StatusConflict,
		says: []string{"20 rows of 21", "1 new"}},
	{files: "c20b_less_one.csv", before: weekBefore, status: http.StatusConflict,
		says: []string{"19 rows of 19", "0 new"}},
	{files: "c20c_reordered.csv c20e_columns_moved.csv c20f_header_renamed.csv c20h_semicolons.csv " +
		"c20i_extra_column.csv c20j_crlf_bom.csv", before: weekBefore,
		status: http.StatusConflict, says: []string{"20 rows of 20", "0 new"}},
	{files: "c20d_one_cell.csv", before: weekBefore, status: http.StatusConflict,
		says: []string{"19 rows of 20", "1 new"}},
	{files: "c20_again_plus_one.csv", before: weekBefore, query: "&on_same_file=new", want: [3]int{1, 20, 0}},
	{files: "c21_jira.csv", status: http.StatusBadRequest, says: []string{"no column feeds title"}},
	{files: "c21b_dates.csv", want: [3]int{11, 0, 1}, says: []string{"2026-03-05T09:15:00Z"}},
	{files: "c22_epoch.csv", want: [3]int{2, 0, 0}, says: []string{"milliseconds since 1970", "2026-04-14T09:00:00Z"}},
	{files: "c22b_epoch_s.csv", want: [3]int{2, 0, 0}, says: []string{"seconds since 1970", "2026-04-15T09:00:00Z"}},
	{files: "c23_contacts.csv", kind: "contacts", want: [3]int{3, 0, 0}},
	{files: "c23_tasks.csv", before: "contacts:c23_contacts.csv", want: [3]int{2, 0, 1},
		says: []string{"ambiguous_reference"}},
	{files: "c23b_name_email_one_cell.csv", before: "contacts:c23_contacts.csv", want: [3]int{6, 0, 0}},
	{files: "c24_first.csv", want: [3]int{2, 0, 0}},
	{files: "c24_update.csv", before: "tasks:c24_first.csv", query: "&on_duplicate=update", want: [3]int{2, 0, 0}},
	{files: "c25_mongo.ndjson", want: [3]int{1, 0, 4}, says: []string{"is an object or a list"}},
	{files: "c26_frappe.csv c27_todoist.csv", status: http.StatusBadRequest, says: []string{"no column feeds title"}},
	{files: "c29_contacts.csv c32_contacts.csv", kind: "contacts", want: [3]int{5, 0, 0}},
	{files: "c31_dst.csv", query: "&timezone=America/New_York", want: [3]int{4, 0, 0},
		says: []string{"2026-03-08T07:30:00Z"}},
	{files: "c33_equals.csv", want: [3]int{3, 0, 0}, says: []string{`"title":"Send"`}},
	{files: "c33b_equals_quoted.csv", want: [3]int{2, 0, 0}, says: []string{`"title":"Send again"`}},
	{files: "c33c_plain.csv", before: "tasks:c33b_equals_quoted.csv", want: [3]int{0, 1, 0}},
	{files: "c33d_apostrophe.csv", want: [3]int{2, 0, 0},
		says: []string{"the apostrophe before each cell", `"title":"Mail"`}},
	{files: "c33e_apostrophe_nodate.csv", want: [3]int{1, 0, 0}, says: []string{"the apostrophe before each cell"}},
	{files: "c33f_equals_tsv.tsv", want: [3]int{1, 0, 0}, says: []string{`"title":"Ring"`}},
	{files: "c34_space_quote.csv", want: [3]int{3, 0, 0}, says: []string{`"description":"four, pallets"`}},
	{files: "c34b_quotes_kept.csv", want: [3]int{2, 0, 0}, says: []string{`"description":"four pallets"`}},
	{files: "c35_bool.csv", want: [3]int{3, 0, 0}, says: []string{`"status":"completed"`}},
	{files: "c35b_done_yes.csv c35c_isclosed.csv c35e_progress.csv c35f_checked.csv", want: [3]int{2, 0, 0},
		says: []string{`"status":"completed"`, `"status":"open"`}},
	// Whether TRUE means completed or active is asked: a status that is guessed is worse.
	{files: "c35d_status_bool.csv", want: [3]int{0, 0, 2}, says: []string{"status has unknown values"}},
	{files: "c36_strict.xlsx c36b_abs_target.xlsx c40_two_boms.csv c40c_bom_first_data.csv c40d_bom_quoted.csv " +
		"c40e_bom_sep.csv c41_wrapped_header.csv c41b_header_star.csv", want: [3]int{1, 0, 0}},
	{files: "c37_shared_email.csv", kind: "contacts", want: [3]int{4, 0, 0}, says: []string{`"shared":2`}},
	{files: "c37_tasks.csv", before: "contacts:c37_shared_email.csv", want: [3]int{4, 0, 0}},
	{files: "c37b_first.csv", kind: "contacts", want: [3]int{1, 0, 0}},
	{files: "c37b_second.csv", kind: "contacts", before: "contacts:c37b_first.csv", query: "&on_duplicate=update",
		want: [3]int{1, 0, 0}, says: []string{`"shared":1`}},
	{files: "c37b_task.csv", before: "contacts:c37b_first.csv contacts:c37b_second.csv", want: [3]int{1, 0, 0}},
	{files: "c37b_task2.csv", before: "contacts:c37b_first.csv contacts:c37b_second.csv", want: [3]int{2, 0, 0}},
	{files: "c38_iso_forms.csv", want: [3]int{3, 0, 7}},
	{files: "c38b_compact.csv", want: [3]int{2, 0, 0}, says: []string{`"due_date":"2026-03-05"`}},
	{files: "c38c_comma.csv", want: [3]int{2, 0, 0}},
	{files: "c40b_bom_in_middle.csv", want: [3]int{2, 0, 1}, says: []string{"the header again"}},
	{files: "c46_space_after_quote.csv", want: [3]int{2, 0, 0}},
}

// looseCases are judged apart: their outcome depends on names or has several sides.
var looseCases = map[string]string{
	"c29_tasks.csv": "contacts:c29_contacts.csv", "c32_tasks.csv": "contacts:c32_contacts.csv",
	"c42_merged_contact.xlsx": "", "c42c_grouped.csv": "", "c45_two_header_lines.csv": "",
}

// TestUglyFilesOfTheCases loads every file over the API, lets a worker work on it, and holds its
// outcome.
func TestUglyFilesOfTheCases(t *testing.T) {
	const dir = "../../shared/cases/"
	all, _ := filepath.Glob(dir + "c[0-9]*")
	if len(all) == 0 {
		t.Skip("the cases are not here")
	}
	a := setup(t)
	read := func(name string) string {
		text, err := os.ReadFile(dir + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	workspaces := 0
	prepare := func(name, before string) *api {
		b := *a
		workspaces++
		b.workspace, b.key = a.newWorkspace(fmt.Sprint(name, workspaces), store.Permissions()...)
		b.load("companies", read("dir/companies.csv"))
		b.load("contacts", read("dir/contacts.csv"))
		for _, one := range strings.Fields(before) {
			if kind, file, _ := strings.Cut(one, ":"); file != "" {
				b.load(kind, read(file))
			}
		}
		return &b
	}
	send := func(b *api, kind, name, query string) (reply, string) {
		r := b.do("POST", "/v1/import/"+kind+"?file_name="+name+query, read(name), "Content-Type",
			"application/octet-stream")
		if r.status != http.StatusOK {
			return r, r.raw
		}
		said := r.raw
		if kind == "tasks" {
			said += b.do("GET", "/v1/tasks?include=custom_fields&import_id="+fmt.Sprint(r.get("data.job_id")), "").raw
		}
		return r, strings.ReplaceAll(strings.ReplaceAll(said, `": `, `":`), `\"`, `"`)
	}
	seen := map[string]bool{}
	for _, c := range sharedCases {
		for _, name := range strings.Fields(c.files) {
			seen[name] = true
			kind := c.kind
			if kind == "" {
				kind = "tasks"
			}
			r, said := send(prepare(name, c.before), kind, name, c.query)
			if c.status != 0 && r.status != c.status || c.status == 0 && r.status != http.StatusOK {
				t.Errorf("%s: %d %s", name, r.status, r.raw)
				continue
			}
			count := func(what string) int {
				n, _ := r.get("data." + what + "_count").(float64)
				return int(n)
			}
			got := [3]int{count("created") + count("updated"), count("skipped"), count("rejected")}
			if got != c.want {
				t.Errorf("%s: created, skipped, rejected: %v, want %v: %s", name, got, c.want, r.raw)
			}
			for _, says := range c.says {
				if !strings.Contains(said, says) {
					t.Errorf("%s: want %q in %s", name, says, said)
				}
			}
		}
	}
	for name, before := range looseCases {
		seen[name] = true
		r, said := send(prepare(name, before), "tasks", name, "")
		switch name {
		case "c29_tasks.csv": // suffixes: a generation is not another, and what follows a name does not count
			for _, wrong := range []string{`"title":"want ambiguous"`, `"title":"want reject`} {
				if strings.Contains(said, wrong) {
					t.Errorf("%s: %s was linked: %s", name, wrong, said)
				}
			}
			for _, right := range []string{`"title":"want Jr"`, `"title":"want Sr"`, `"title":"want Rosalind"`} {
				if !strings.Contains(said, right) {
					t.Errorf("%s: %s was not linked: %s", name, right, said)
				}
			}
		case "c42_merged_contact.xlsx":
			if !strings.Contains(said, "merged cell") {
				t.Errorf("%s: nothing is said of merged cells: %s", name, said)
			}
		case "c42c_grouped.csv":
			if !strings.Contains(said, "is empty in 2 of 3 rows") {
				t.Errorf("%s: nothing is said of groups: %s", name, said)
			}
		default:
			if r.status != http.StatusOK || r.get("data.created_count") == 0.0 {
				t.Errorf("%s: %d %s", name, r.status, r.raw)
			}
		}
	}
	for _, path := range all {
		if name := filepath.Base(path); !seen[name] {
			t.Errorf("%s has no outcome here", name)
		}
	}
}
