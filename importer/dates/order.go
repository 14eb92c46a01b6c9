package importer

import (
	"fmt"
	"time"
	_ "time/tzdata" // so that a zone means the same wherever the program runs
)

// DateOrder says how day, month and year stand in a date of numbers.
type DateOrder string

// The orders.
const (
	DayFirst   DateOrder = "dmy"
	MonthFirst DateOrder = "mdy"
	YearFirst  DateOrder = "ymd"
)

var dateOrders = []DateOrder{DayFirst, MonthFirst, YearFirst}

// DateForm says how the dates of a field are written where they are not ISO 8601: an order, or one of the others.
type DateForm string

// The forms that are no order.
const (
	PlainDates  DateForm = "plain"  // no order is needed: months by name, the year in four digits first
	SerialDates DateForm = "serial" // the numbers by which a spreadsheet counts days
	UnsureDates DateForm = "unsure" // the day or the month may come first
)

// order gives the order of a form; empty where it is none.
func (f DateForm) order() DateOrder {
	for _, o := range dateOrders {
		if f == DateForm(o) {
			return o
		}
	}
	return ""
}

// checkDates refuses an order or a zone that there is not.
func (r Recipe) checkDates(kind Kind) error {
	if r.DateOrder != "" && DateForm(r.DateOrder).order() == "" {
		return optionFault("date_order", string(r.DateOrder), "dmy, mdy, ymd")
	}
	if kind != Tasks && (r.DateOrder != "" || r.Timezone != "") {
		return &Fault{Reason: InvalidValue, Field: "date_order", Message: fmt.Sprintf("date_order and timezone are for tasks, and these are %s; leave them out", kind)}
	}
	_, err := zoneNamed(r.Timezone)
	return err
}

// zoneNamed finds a time zone; nil where none is named. The error is a *Fault.
func zoneNamed(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // no zone is none
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, &Fault{Reason: InvalidValue, Field: "timezone", Message: fmt.Sprintf("timezone must be a name of the IANA database such as Europe/Berlin, not %s", shown(name))}
	}
	return zone, nil
}
