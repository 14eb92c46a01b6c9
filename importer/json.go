package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"taskport/importer/file"
)

// jsonSpace is the white space of RFC 8259; utf8Mark is the byte order mark that some programs
// write.
const jsonSpace = " \t\r\n"

var utf8Mark = []byte("\xEF\xBB\xBF")

// ReadObject parses a body that is one JSON object. The values share its memory. The error is a
// *Fault with the position of the problem.
func ReadObject(body []byte) (map[string]json.RawMessage, error) {
	body = bytes.TrimPrefix(body, utf8Mark)
	if !utf8.Valid(body) {
		return nil, bodyFault("the body is not valid UTF-8; JSON must be (RFC 8259, section 8.1)")
	}
	if bytes.HasPrefix(bytes.TrimLeft(body, jsonSpace), []byte("{")) && json.Valid(body) {
		return members(body)
	}
	return nil, notAnObject(body)
}

// members returns the members of a valid object. It refuses a repeated member, since either value
// may be meant.
func members(object []byte) (map[string]json.RawMessage, error) {
	all := map[string]json.RawMessage{}
	for name, value := range file.Members(object) {
		if _, twice := all[name]; twice {
			return nil, &Fault{Reason: InvalidValue, Field: name, Message: fmt.Sprintf("%s is given twice; give it once",
				shown(name))}
		}
		all[name] = value
	}
	return all, nil
}

// notAnObject returns the reason why a body is not one JSON object.
func notAnObject(body []byte) *Fault {
	if len(bytes.TrimSpace(body)) == 0 {
		return bodyFault("the body is empty; send a JSON object")
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	var object map[string]json.RawMessage
	if err := dec.Decode(&object); err != nil {
		return jsonFault(err, len(body))
	}
	if object == nil {
		return bodyFault("the body is null; send a JSON object")
	}
	return bodyFault("the body goes on after the JSON object, at byte %d; send one object", dec.InputOffset())
}

func jsonFault(err error, size int) *Fault {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return bodyFault("the body is not valid JSON at byte %d: %s", syntax.Offset, syntax.Error())
	case errors.As(err, &kind):
		return bodyFault("the body must be a JSON object, not a JSON %s", kind.Value)
	}
	return bodyFault("the body breaks off at byte %d in the middle of the JSON", size)
}

func bodyFault(format string, args ...any) *Fault {
	return &Fault{Reason: InvalidValue, Message: fmt.Sprintf(format, args...)}
}

// TaskValues returns the fields of a single task from a JSON object. Each must be a string, or null
// when absent; custom_fields is an object of strings. Unknown members are ignored.
func TaskValues(object map[string]json.RawMessage) (Values, *Fault) {
	v := make(Values, len(fields[Tasks]))
	for i, field := range fields[Tasks] {
		raw, ok := object[field]
		if !ok {
			continue
		}
		switch {
		case taskFields[i].is == objectType && raw[0] == '{':
			var fault *Fault
			if v[i], fault = textObject(field, string(raw)); fault != nil {
				return nil, fault
			}
		case taskFields[i].is == objectType && raw[0] == '"':
			return nil, notTextObject(field, string(raw))
		case raw[0] == '"':
			v[i] = file.Unescape(string(raw[1 : len(raw)-1]))
		case string(raw) != "null":
			return nil, &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf("%s must be a string, not %s", field,
				shown(string(raw)))}
		}
	}
	return v, nil
}

// AddReference adds the references of a task as a row of their own, in the words of the API, so
// that Resolve finds what the task would be linked to. Fields that are not references do not
// matter. The fault is that of the caller: a member that is not a field of a task, or not a string.
// What a task would be refused for becomes a dead letter; but a reference to an assignee alone
// needs no parent.
func (b *Batch) AddReference(row int, object map[string]json.RawMessage, on OnSeveral, now time.Time) *Fault {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if specOf(Tasks, name) == nil {
			return &Fault{Reason: InvalidValue, Field: name, Message: fmt.Sprintf("unknown field %s; choose one of %s",
				shown(name), strings.Join(fields[Tasks], ", "))}
		}
	}
	v, fault := TaskValues(object)
	if fault != nil {
		return fault
	}
	for i := range taskFields {
		if taskFields[i].refers.by == "" {
			v[i] = ""
		}
	}
	v[position(Tasks, fieldTitle)] = "-" // a task needs one
	src := Source{Row: row}
	d := Draft{Source: src, Rules: map[Kind]string{}}
	fault = d.validate(v, false, now)
	if fault == nil {
		fault = d.oneContact(on)
	}
	if fault != nil && (fault.Reason != Orphan || !d.saysAssignee()) {
		b.Reject(src, fault)
		return nil
	}
	b.Tasks = append(b.Tasks, d)
	return nil
}

// Links returns the fields of a task that hold the id of a record, as they are called in answers,
// with the id and the rule that has found it; both are empty without a record.
func (d *Draft) Links() iter.Seq2[string, [2]string] {
	return func(yield func(string, [2]string) bool) {
		for i := range taskFields {
			f := &taskFields[i]
			if f.refers.by != byID {
				continue
			}
			id := f.textOf(d)
			rule := ""
			if id != "" {
				rule = cmp.Or(d.Rules[f.refers.kind], string(byID))
			}
			if !yield(cmp.Or(f.answer, f.name), [2]string{id, rule}) {
				return
			}
		}
	}
}

// TaskLine returns the fields of a single task as a row of NDJSON.
func TaskLine(v Values) []byte {
	var line []byte
	for i, field := range fields[Tasks] {
		if v[i] == "" {
			continue
		}
		line = append(appendText(append(line, ','), field), ':')
		if taskFields[i].is == objectType {
			line = append(line, v[i]...)
		} else {
			line = appendText(line, v[i])
		}
	}
	return []byte(cmp.Or(asObject(line), "{}"))
}

// textObject returns a JSON object of text without white space, with its members in their order;
// empty without a member. A member that is null is left out.
func textObject(field, text string) (string, *Fault) {
	if !json.Valid([]byte(text)) || text[0] != '{' {
		return "", notTextObject(field, text)
	}
	all, seen := []byte{}, map[string]bool{}
	for name, value := range file.Members([]byte(text)) {
		switch {
		case seen[name]:
			return "", ofMember(field, name, "is given twice; give it once")
		case !storable(name):
			return "", ofMember(field, name, "contains a NUL character, which text cannot hold; remove it")
		case string(value) == "null":
			continue
		case value[0] != '"':
			return "", ofMember(field, name, "must be a string, not "+shown(string(value)))
		}
		seen[name] = true
		member := file.Unescape(string(value[1 : len(value)-1]))
		if !storable(member) {
			return "", ofMember(field, name, "contains a NUL character, which text cannot hold; remove it")
		}
		all = appendText(append(appendText(append(all, ','), name), ':'), member)
	}
	return asObject(all), nil
}

// asObject returns members, each after a comma, as an object; empty without a member.
func asObject(members []byte) string {
	if len(members) == 0 {
		return ""
	}
	return string(object(members))
}

// object makes an object of members, at least one and each after a comma, in their memory.
func object(members []byte) []byte {
	members[0] = '{'
	return append(members, '}')
}

func notTextObject(field, text string) *Fault {
	return &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf(
		"%s must be a JSON object of strings such as {\"Budget\": \"900\"}, not %s", field, shown(text))}
}

func ofMember(field, name, problem string) *Fault {
	return &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf("%s: %s %s", field, shown(name), problem)}
}

// appendText appends a text as a JSON string that the database can hold: what is not UTF-8, and a
// NUL, becomes U+FFFD.
func appendText(to []byte, text string) []byte {
	if !storable(text) {
		text = strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
	}
	return appendStorable(to, text)
}

// appendStorable is appendText for a text that is storable.
func appendStorable(to []byte, text string) []byte {
	const hex = "0123456789abcdef"
	to = append(to, '"')
	from := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			to = append(to, '\\', c)
		case '\n':
			to = append(to, `\n`...)
		default:
			to = append(to, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(append(to, text[from:]...), '"')
}

// memberSigns are the characters in the names of members.
const memberSigns = "abcdefghijklmnopqrstuvwxyz_"

// DecodeObject parses a body that is one JSON object into a struct. The error is a *Fault that
// names the wrong, unknown or repeated member, so that a misspelt one does not go unnoticed; takes
// lists the members for its message.
func DecodeObject(body []byte, into any, takes string) error {
	object, err := ReadObject(body)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if strings.Trim(name, memberSigns) != "" { // encoding/json ignores case
			return unknownMember(name, takes)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, utf8Mark)))
	dec.DisallowUnknownFields()
	err = dec.Decode(into)
	var wrong *json.UnmarshalTypeError
	var fault *Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return fault
	case errors.As(err, &wrong):
		return wrongKind(wrong, object)
	}
	quoted, _ := strings.CutPrefix(err.Error(), "json: unknown field ")
	if name, unquoted := strconv.Unquote(quoted); unquoted == nil {
		return unknownMember(name, takes)
	}
	return bodyFault("%s", strings.TrimPrefix(err.Error(), "json: "))
}

func unknownMember(name, takes string) *Fault {
	return &Fault{Reason: InvalidValue, Field: name, Message: fmt.Sprintf("unknown field %s; %s", shown(name), takes)}
}

// wrongKind returns the fault of a member of the wrong type. encoding/json puts an embedded struct
// before its name.
func wrongKind(wrong *json.UnmarshalTypeError, object map[string]json.RawMessage) *Fault {
	field := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
	of, kind := field, wrong.Type.Kind().String()
	if raw := object[field]; kind != "map" && kind != "slice" && len(raw) > 0 && strings.IndexByte("[{", raw[0]) >= 0 {
		of = "every value of " + field
	}
	return &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf("%s must be %s, not a JSON %s", of,
		kindName(kind), wrong.Value)}
}

// kindName returns a kind of Go in the words of JSON.
func kindName(kind string) string {
	names := map[string]string{"slice": "an array", "map": "an object", "bool": "true or false", "string": "a string",
		"int": "a whole number"}
	return cmp.Or(names[kind], kind)
}
