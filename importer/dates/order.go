package dates

import (
	"time"
	_ "time/tzdata" // so that a zone is the same on every system
)

// Order is the order of day, month and year in a numeric date.
type Order string

// The orders.
const (
	DayFirst   Order = "dmy"
	MonthFirst Order = "mdy"
	YearFirst  Order = "ymd"
)

// Orders are all orders.
var Orders = [...]Order{DayFirst, MonthFirst, YearFirst}

// Form is how the dates of a field are written if they are not ISO 8601: in an order, or in one of
// the other forms.
type Form string

// The forms without an order.
const (
	Plain  Form = "plain"  // no order is needed: named months, or the year in four digits first
	Serial Form = "serial" // the numbers by which spreadsheets count days
	Epoch  Form = "epoch"  // seconds since 1970, or thousandths, millionths or billionths of one
	Unsure Form = "unsure" // either the day or the month may come first
)

// Order returns the order of a form, or an empty text.
func (f Form) Order() Order {
	for _, o := range Orders {
		if f == Form(o) {
			return o
		}
	}
	return ""
}

// Zone returns the time zone of an IANA name; ok is false for an unknown name.
func Zone(name string) (zone *time.Location, ok bool) {
	zone, err := time.LoadLocation(name)
	return zone, err == nil && name != "Local"
}
