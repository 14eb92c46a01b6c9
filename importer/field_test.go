package importer

import (
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// A field of the table is everywhere where people and programs look for it, and nothing else is
// there. TestFieldsHaveColumns of store looks for its column.
func TestFieldsHaveTheirPlaces(t *testing.T) {
	t.Parallel()
	t.Run("in the struct", fieldsAreInTheStruct)
	t.Run("in the description of the API", fieldsAreDescribed)
	t.Run("in the documents", fieldsAreDocumented)
}

func fieldsAreInTheStruct(t *testing.T) {
	var d Draft
	var c Contact
	var e Company
	var it Item
	var u User
	placed := map[any]string{&d.ID: "id", &d.CreatedAt: fieldCreatedDate, &e.Key: fieldName, &it.Key: fieldTitle}
	for kind, specs := range fieldTable {
		for _, f := range specs {
			places := f.placesIn(&d, &c, &e, &it, &u)
			if len(places) != 1 {
				t.Errorf("%s of %s has %d places, want 1: correct its line in importer/field.go",
					f.name, kind, len(places))
			}
			for _, p := range places {
				if other := placed[p]; other != "" && other != f.name { // deals and events are one struct
					t.Errorf("%s and %s of %s share a place: correct their lines in importer/field.go",
						f.name, other, kind)
				}
				placed[p] = f.name
			}
		}
	}
	for _, of := range []any{&d.Task, &c, &e, &it, &u} {
		v := reflect.ValueOf(of).Elem()
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; name != "Source" && placed[v.Field(i).Addr().Interface()] == "" {
				t.Errorf("nothing fills %s.%s: add a line for it to the table in importer/field.go", v.Type(), name)
			}
		}
	}
}

func (f *fieldSpec) placesIn(d *Draft, c *Contact, e *Company, it *Item, u *User) []any {
	var all []any
	if f.text != nil {
		all = append(all, f.text(d))
	}
	if f.when != nil {
		all = append(all, f.when(d))
	}
	if f.id != nil {
		all = append(all, f.id(d))
	}
	if f.contact != nil {
		all = append(all, f.contact(c))
	}
	if f.company != nil {
		all = append(all, f.company(e))
	}
	if f.user != nil {
		all = append(all, f.user(u))
	}
	if f.item != nil {
		all = append(all, f.item(it))
	}
	return all
}

// A row with every field has every field in its task and in the answer.
func TestEveryFieldArrives(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	v := make(Values, len(taskFields))
	for i, f := range taskFields {
		switch {
		case f.words != nil:
			v[i] = f.words[1]
		case f.is == dateType:
			v[i] = "2026-04-0" + string(rune('1'+i%9))
		case f.is == recordType:
			v[i] = "0190a0b0-0000-7000-8000-00000000000" + string("0123456789abcdef"[i%16])
		case f.refers.by == byEmail:
			v[i] = "the@contact.example"
		case f.refers.by == byDomain:
			v[i] = "the.example"
		case f.is == objectType:
			v[i] = `{"the":"object"}`
		default:
			v[i] = "the " + f.name
		}
	}
	b, fault := ReadTask(v, now)
	if fault != nil {
		t.Fatalf("got %v, want a task", fault)
	}
	d := &b.Tasks[0]
	for i, f := range taskFields {
		if got := f.textOf(d); got != v[i] {
			t.Errorf("%s is %q, want %q: correct its line in importer/field.go", f.name, got, v[i])
		}
	}
	answered := map[string]string{}
	for name, text := range d.Answer() {
		answered[name] = text
	}
	for i, f := range taskFields {
		if name := f.answered(); name != "" && answered[name] != v[i] {
			t.Errorf("the answer has %q for %s, want %q", answered[name], name, v[i])
		}
	}
}

// answered returns the name of a field in an answer; empty for an omitted one.
func (f *fieldSpec) answered() string {
	switch f.answer {
	case noAnswer:
		return ""
	case "":
		return f.name
	}
	return f.answer
}

type describedSchema struct {
	Required   []string `yaml:"required"`
	Properties map[string]struct {
		MaxLength int   `yaml:"maxLength"`
		Enum      []any `yaml:"enum"`
	} `yaml:"properties"`
}

func fieldsAreDescribed(t *testing.T) {
	text, err := os.ReadFile("../intake/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var api struct {
		Components struct {
			Schemas map[string]yaml.Node `yaml:"schemas"`
		} `yaml:"components"`
	}
	if err := yaml.Unmarshal(text, &api); err != nil {
		t.Fatal(err)
	}
	var asked, answered describedSchema
	for name, to := range map[string]*describedSchema{"NewTask": &asked, "Task": &answered} {
		node := api.Components.Schemas[name]
		if err := node.Decode(to); err != nil {
			t.Fatal(err)
		}
	}
	answers := []string{"id"}
	for _, f := range taskFields {
		property, there := asked.Properties[f.name]
		switch {
		case !there:
			t.Errorf("NewTask lacks %s: add it to intake/openapi.yaml", f.name)
		case f.is != wordType && f.is != recordType && f.is != objectType && property.MaxLength != f.most():
			t.Errorf("maxLength of %s is %d in NewTask, want %d: correct it in intake/openapi.yaml",
				f.name, property.MaxLength, f.most())
		}
		for _, w := range f.words {
			if !slices.Contains(property.Enum, any(w)) {
				t.Errorf("enum of %s lacks %s in NewTask: add it to intake/openapi.yaml", f.name, w)
			}
		}
		if name := f.answered(); name != "" {
			answers = append(answers, name)
		}
	}
	for name := range asked.Properties {
		if position(Tasks, name) < 0 {
			t.Errorf("NewTask has %s, which is not a field of tasks: correct intake/openapi.yaml or importer/field.go", name)
		}
	}
	for _, name := range answers {
		if _, there := answered.Properties[name]; !there || !slices.Contains(answered.Required, name) {
			t.Errorf("Task lacks %s: add it to the properties and to required in intake/openapi.yaml", name)
		}
	}
	for name := range answered.Properties {
		if !slices.Contains(answers, name) {
			t.Errorf("Task has %s, which no answer has: correct intake/openapi.yaml or importer/field.go", name)
		}
	}
}

// inBackquotes matches the names of fields in a cell of a table.
var inBackquotes = regexp.MustCompile("`([a-z_]+)`")

func fieldsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../docs/fields.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[Kind][]string{}
	section := ""
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## ") {
			section = strings.TrimSpace(line)
		}
		cells := strings.Split(line, "|")
		if len(cells) < 4 {
			continue
		}
		switch section {
		case "## Which fields does a task have?":
			documented[Tasks] = append(documented[Tasks], namesIn(cells[1])...)
		case "## Which fields does the directory have?":
			for kind := range strings.SplitSeq(strings.TrimSpace(cells[1]), ", ") {
				documented[Kind(kind)] = append(documented[Kind(kind)], namesIn(cells[2])...)
			}
		}
	}
	for kind := range fieldTable {
		for _, field := range fields[kind] {
			if !slices.Contains(documented[kind], field) {
				t.Errorf("the fields of %s lack %s: add it to the table in docs/fields.md", kind, field)
			}
		}
		for _, name := range documented[kind] {
			if !slices.Contains(fields[kind], name) {
				t.Errorf("docs/fields.md has %s among the fields of %s: correct it or importer/field.go", name, kind)
			}
		}
	}
}

func namesIn(cell string) []string {
	var all []string
	for _, found := range inBackquotes.FindAllStringSubmatch(cell, -1) {
		all = append(all, found[1])
	}
	return all
}
