package importer_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/file"
)

// What is stored of a dead letter reads back as it was: every field of its parts, whatever the text.
func TestStoredPartsOfADeadLetter(t *testing.T) {
	t.Parallel()
	filled := func(into any, text string) {
		of := reflect.ValueOf(into).Elem()
		for i := range of.NumField() {
			switch f := of.Field(i); f.Kind() {
			case reflect.String:
				f.SetString(text)
			case reflect.Float64:
				f.SetFloat(0.1 + float64(i)/3)
			default:
				f.Set(reflect.ValueOf(uuid.New()))
			}
		}
	}
	for _, text := range []string{"", "Hans", `"Müller" & <b>\Söhne`, "a\tb\nc\x01", "\u2028名"} {
		var candidate importer.Candidate
		var details importer.Details
		var remedy file.Remedy
		filled(&candidate, text)
		filled(&details, text)
		filled(&remedy, text)
		all := []importer.Candidate{candidate, {}, {Score: 1e-9}}
		var candidates []importer.Candidate
		if err := json.Unmarshal(importer.AppendCandidates(nil, all), &candidates); err != nil ||
			!reflect.DeepEqual(candidates, all) {
			t.Errorf("%q: got %+v, %v", text, candidates, err)
		}
		var readDetails importer.Details
		if err := json.Unmarshal(details.AppendJSON(nil), &readDetails); err != nil || readDetails != details {
			t.Errorf("%q: got %+v, %v", text, readDetails, err)
		}
		var readRemedy file.Remedy
		if err := json.Unmarshal(importer.AppendRemedy(nil, remedy), &readRemedy); err != nil || readRemedy != remedy {
			t.Errorf("%q: got %+v, %v", text, readRemedy, err)
		}
	}
}
