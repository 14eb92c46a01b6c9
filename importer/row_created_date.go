package importer

import (
	"time"

	"taskport/importer/dates"
)

// createdDatePastYears and createdDateAhead bound a created_date that is kept: five calendar years back and 24 hours ahead, both inclusive.
const (
	createdDatePastYears = 5
	createdDateAhead     = 24 * time.Hour
)

// keepCreatedDate gives the created_date to store: the client's own text where it is valid and within the bounds, now otherwise.
func keepCreatedDate(s string, now time.Time) (text string, at time.Time) {
	when, ok := dates.Parse(s)
	if !ok || when.At.Before(now.AddDate(-createdDatePastYears, 0, 0)) || when.At.After(now.Add(createdDateAhead)) {
		return dates.Format(now), now.UTC()
	}
	return s, when.At
}
