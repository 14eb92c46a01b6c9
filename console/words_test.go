package console_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"taskport/importer"
)

// The API's description, and the members of an import's options in it.
var (
	members    = regexp.MustCompile(`(?m)^ +([a-z]+(?:_[a-z]+)+):`)
	importBody = regexp.MustCompile(
		`(?ms)^    ImportRequest:\n.*?\n      properties:\n(.*?)\n      additionalProperties`)
	importMember = regexp.MustCompile(`(?m)^        ([a-z_]+):`)
)

// Parts of a page: those that nobody reads, text of files, attributes that are read out, and all
// other tags.
var (
	hiddenParts = regexp.MustCompile(`(?s)<(script|style)\b.*?</(script|style)>|<bdi>.*?</bdi>`)
	readOut     = regexp.MustCompile(`\b(?:title|alt|aria-label|placeholder)="([^"]*)"`)
	tags        = regexp.MustCompile(`(?s)<[^>]*>`)
	flags       = regexp.MustCompile(`(?:^|[^-\w])--[a-z][a-z-]*`)
	snakeWords  = regexp.MustCompile(`\b[a-z]+(?:_[a-z]+)+\b`)
)

// foreign returns a function that finds, in a page, the words of other faces: flags of the command
// line, and members of the API that are not fields of rows.
var foreign = sync.OnceValue(func() func(page string) []string {
	api, err := os.ReadFile("../intake/openapi.yaml")
	if err != nil {
		panic(err)
	}
	ofAPI := map[string]bool{}
	for _, m := range members.FindAllStringSubmatch(string(api), -1) {
		ofAPI[m[1]] = true
	}
	for _, kind := range []importer.Kind{importer.Tasks, importer.Contacts, importer.Companies, importer.Deals,
		importer.Events} {
		for _, field := range importer.FieldsOf(kind) {
			delete(ofAPI, field)
		}
	}
	var options []string
	for _, m := range importMember.FindAllStringSubmatch(importBody.FindStringSubmatch(string(api))[1], -1) {
		options = append(options, m[1])
	}
	alike := strings.Join(options, "|")
	asOption := regexp.MustCompile(`\boptions? (?:` + alike + `)\b|\b(?:` + alike +
		`)(?:=| says? otherwise)|\b(?:values|mapping|compose|constants): `)
	return func(page string) []string {
		text := hiddenParts.ReplaceAllString(page, " ")
		for _, m := range readOut.FindAllStringSubmatch(text, -1) {
			text += " \n" + m[1]
		}
		text = html(tags.ReplaceAllString(text, " "))
		found := slices.Concat(flags.FindAllString(text, -1), asOption.FindAllString(text, -1))
		for _, word := range snakeWords.FindAllString(text, -1) {
			if ofAPI[word] {
				found = append(found, word)
			}
		}
		return found
	}
})

// speaksItsOwnWords fails where a page names a flag or a member of the API.
func (p page) speaksItsOwnWords() {
	p.t.Helper()
	if !strings.HasPrefix(p.header.Get("Content-Type"), "text/html") {
		return
	}
	if found := foreign()(p.body); len(found) > 0 {
		p.t.Errorf("%s: got the words of another face, %q", p.path, found)
	}
}

func TestForeignWordsAreFound(t *testing.T) {
	t.Parallel()
	for page, want := range map[string]string{
		`<p>say so with --date-order</p>`:                         " --date-order",
		`<label title="see on_company_mismatch">x</label>`:        "on_company_mismatch",
		`<p>the option values</p>`:                                "option values",
		`<p>mapping says otherwise</p>`:                           "mapping says otherwise",
		`<p>values: status: "x" cannot become "y"</p>`:            "values: ",
		`<p>import with on_duplicate=skip</p>`:                    "on_duplicate=,on_duplicate",
		`<input name="skip_lines"><script>let --x</script>job_id`: "job_id",
		`<p>choose contact_id, <bdi>job_id</bdi> and values</p>`:  "",
	} {
		if got := strings.Join(foreign()(page), ","); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%s: got %q, want %q", page, got, want)
		}
	}
}
