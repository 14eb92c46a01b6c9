package importer

import (
	"errors"
	"testing"
)

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s     Settings
		field string
	}{
		{Settings{}, ""},
		{Settings{Contacts: NameSettings{Threshold: 0.8, Margin: 0.2, Certainty: 1}}, ""},
		{Settings{Contacts: NameSettings{Threshold: 0.79}}, "contact_threshold"},
		{Settings{Companies: NameSettings{Threshold: 1.01}}, "company_threshold"},
		{Settings{Companies: NameSettings{Margin: -0.01}}, "company_margin"},
		{Settings{Contacts: NameSettings{Certainty: 0.5}}, "contact_certainty"},
	} {
		var fault *Fault
		errors.As(c.s.Validate(), &fault)
		if got := fieldOf(fault); got != c.field {
			t.Errorf("%+v: %q, want %q", c.s, got, c.field)
		}
	}
}

func fieldOf(f *Fault) string {
	if f == nil {
		return ""
	}
	return f.Field
}
