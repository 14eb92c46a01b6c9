package importer

import (
	"strconv"

	"taskport/importer/file"
)

// This file writes the parts of a dead letter as JSON, with the members that the tags of their types
// name, so that encoding/json reads them. A row in ten may be rejected, and to write one with the
// encoder takes twice as long.

// AppendCandidates appends candidates as a JSON array.
func AppendCandidates(to []byte, all []Candidate) []byte {
	to = append(to, '[')
	for i := range all {
		c := &all[i]
		if i > 0 {
			to = append(to, ',')
		}
		to = append(append(append(to, `{"id":"`...), c.ID.String()...), '"')
		to = appendMember(to, `,"kind":`, string(c.Kind))
		to = appendText(append(to, `,"name":`...), c.Name)
		to = appendMember(to, `,"company":`, c.Company)
		to = appendMember(to, `,"email":`, c.Email)
		to = appendMember(to, `,"external_id":`, c.ExternalID)
		to = appendScore(append(to, `,"score":`...), c.Score)
		to = appendMember(to, `,"evidence":`, c.Evidence)
		to = append(to, '}')
	}
	return append(to, ']')
}

// AppendJSON appends the details as a JSON object.
func (d *Details) AppendJSON(to []byte) []byte {
	to = appendText(append(to, `{"rule":`...), d.Rule)
	to = appendScore(append(to, `,"best":`...), d.Best)
	to = appendScore(append(to, `,"second":`...), d.Second)
	to = appendScore(append(to, `,"threshold":`...), d.Threshold)
	to = appendScore(append(to, `,"margin":`...), d.Margin)
	return append(to, '}')
}

// AppendRemedy appends a remedy as a JSON object.
func AppendRemedy(to []byte, r file.Remedy) []byte {
	to = appendText(append(to, `{"code":`...), r.Code)
	to = appendMember(to, `,"field":`, r.Field)
	to = appendMember(to, `,"column":`, r.Column)
	to = appendMember(to, `,"value":`, r.Value)
	to = appendMember(to, `,"meaning":`, r.Meaning)
	return append(to, '}')
}

// appendMember appends a member of an object, unless its text is empty.
func appendMember(to []byte, name, text string) []byte {
	if text == "" {
		return to
	}
	return appendText(append(to, name...), text)
}

// appendScore appends a finite number. JSON has no other, so the database refuses one.
func appendScore(to []byte, score float64) []byte {
	return strconv.AppendFloat(to, score, 'g', -1, 64)
}
