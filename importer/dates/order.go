package dates

import (
	"time"
	_ "time/tzdata" // so that a zone means the same wherever the program runs
)

// Order is the order of day, month and year in a date of numbers.
type Order string

// The orders.
const (
	DayFirst   Order = "dmy"
	MonthFirst Order = "mdy"
	YearFirst  Order = "ymd"
)

// Orders are all orders.
var Orders = [...]Order{DayFirst, MonthFirst, YearFirst}

// Form is how the dates of a field are written where they are not ISO 8601: in an order, or in one
// of the other forms.
type Form string

// The forms that are no order.
const (
	Plain  Form = "plain"  // no order is needed: months by name, the year in four digits first
	Serial Form = "serial" // the numbers by which a spreadsheet counts days
	Unsure Form = "unsure" // the day or the month may come first
)

// Order returns the order of a form; empty where it is none.
func (f Form) Order() Order {
	for _, o := range Orders {
		if f == Form(o) {
			return o
		}
	}
	return ""
}

// Zone returns the time zone of a name in the IANA database; ok is false where there is none.
func Zone(name string) (zone *time.Location, ok bool) {
	zone, err := time.LoadLocation(name)
	return zone, err == nil && name != "Local"
}
