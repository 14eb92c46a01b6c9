package importer

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"
)

// repeatsMember reports whether a valid object has two members of the same name.
func repeatsMember(t *testing.T, object []byte) bool {
	t.Helper()
	dec, seen := json.NewDecoder(bytes.NewReader(object)), map[json.Token]bool{}
	if _, err := dec.Token(); err != nil {
		t.Fatal(err)
	}
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			t.Fatal(err)
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}

// A body is read as by encoding/json. It is refused when that refuses it, or when a member is
// repeated.
func FuzzReadObject(f *testing.F) {
	for _, body := range []string{
		`{}`, ` { } `, `{"title":"Call","contact_name":"Åsa"}`, "{\"title\" :\t\"a\\\"b\\\\\" ,\r\n\"priority\": null}",
		`{"title":1,"nested":{"a":["}",{"b":"]"}]},"status":"open"}`,
		`{"title":"a","title":"b"}`, `{"ti\u0074le":"\ud83d\ude00\ud83d x"}`, `{"title":"a"} {}`, `{"title":"a"`, `[1]`,
		`null`, ``, ` `, `"{"`, `{"a":-1.5e3,"title":true}`, `{"title":"a",}`, "{\"title\":\"\x01\"}",
		"\ufeff{\"title\":\"a\"}", "\ufeff\ufeff{}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var want map[string]json.RawMessage
		whole := body
		body = bytes.TrimPrefix(body, []byte("\ufeff"))
		refused := json.Unmarshal(body, &want) != nil || want == nil || !utf8.Valid(body) || repeatsMember(t, body)
		got, err := ReadObject(whole)
		if (err != nil) != refused {
			t.Fatalf("got %q, %v; want %q, refused %v", got, err, want, refused)
		}
		if refused {
			return
		}
		if len(got) != len(want) {
			t.Errorf("got %q, want %q", got, want)
		}
		for key, raw := range want {
			if string(got[key]) != string(raw) {
				t.Errorf("%q is %q, want %q", key, got[key], raw)
			}
		}
		values, fault := TaskValues(got)
		for i, field := range fields[Tasks] {
			var text *string
			if raw, ok := want[field]; ok && json.Unmarshal(raw, &text) != nil {
				if fault == nil {
					t.Errorf("%s is taken from %s", field, raw)
				}
				return
			}
			if fault == nil && text != nil && values[i] != *text || fault == nil && text == nil && values[i] != "" {
				t.Errorf("%s is %q, want %v", field, values[i], text)
			}
		}
		if fault != nil {
			t.Errorf("refused: %s", fault.Message)
		}
	})
}
