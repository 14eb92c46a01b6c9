package importer

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// memberSigns are those of which the names of our members consist.
const memberSigns = "abcdefghijklmnopqrstuvwxyz_"

// DecodeObject reads a body that is one JSON object into a struct. The error is a *Fault that names the member which is wrong, unknown or given twice:
// a misspelt one would otherwise be without effect. takes says which there are.
func DecodeObject(body []byte, into any, takes string) error {
	object, err := ReadObject(body)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if strings.Trim(name, memberSigns) != "" { // encoding/json would take it in capitals too
			return unknownMember(name, takes)
		}
	}
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(body, utf8Mark)))
	dec.DisallowUnknownFields()
	err = dec.Decode(into)
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
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

// wrongKind says what a member must be. encoding/json puts the struct that is embedded in front of its name.
func wrongKind(wrong *json.UnmarshalTypeError, object map[string]json.RawMessage) *Fault {
	field := wrong.Field[strings.LastIndexByte(wrong.Field, '.')+1:]
	of, kind := field, wrong.Type.Kind().String()
	if raw := object[field]; kind != "map" && kind != "slice" && len(raw) > 0 && strings.IndexByte("[{", raw[0]) >= 0 {
		of = "every value of " + field
	}
	return &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf("%s must be %s, not a JSON %s", of, kindName(kind), wrong.Value)}
}

// kindName gives the name of a kind of Go in the words of JSON.
func kindName(kind string) string {
	names := map[string]string{"slice": "an array", "map": "an object", "bool": "true or false", "string": "a string", "int": "a whole number"}
	return cmp.Or(names[kind], kind)
}
