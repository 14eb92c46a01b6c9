package importer

import (
	"fmt"

	"taskport/importer/match"
)

// Settings say how certain the resolution of names must be in a workspace. A zero value means the
// default.
type Settings struct {
	Contacts    NameSettings `json:"contacts,omitzero"`
	Companies   NameSettings `json:"companies,omitzero"`
	NoNicknames bool         `json:"no_nicknames,omitempty"` // Bob does not match Robert
}

// NameSettings are the settings for one kind of name; a zero value means the default. See
// match.Params.
type NameSettings struct {
	Threshold float64 `json:"threshold,omitzero"` // 0.80 to 1
	Margin    float64 `json:"margin,omitzero"`    // up to 0.20
	Certainty float64 `json:"certainty,omitzero"` // from 1 up
}

// The limits of the settings. Below the least threshold links would be guesses, and the index does
// not find them.
const (
	leastThreshold = 0.80
	widestMargin   = 0.20
)

// Validate refuses values out of range; the error is a *Fault that names the setting.
func (s Settings) Validate() error {
	for _, c := range []struct {
		of string
		NameSettings
	}{{"contact", s.Contacts}, {"company", s.Companies}} {
		switch {
		case c.Threshold != 0 && (c.Threshold < leastThreshold || c.Threshold > 1):
			return settingFault(c.of+"_threshold", "from %g to 1", leastThreshold)
		case c.Margin < 0 || c.Margin > widestMargin:
			return settingFault(c.of+"_margin", "from 0 to %g", widestMargin)
		case c.Certainty != 0 && c.Certainty < 1:
			return settingFault(c.of+"_certainty", "1 or more")
		}
	}
	return nil
}

func settingFault(field, format string, args ...any) *Fault {
	return &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf(field+" must be "+format, args...)}
}

// Params returns the parameters for a kind of name.
func (s Settings) Params(k match.Kind) match.Params {
	p, c := match.Defaults(k), s.Contacts
	if k == match.Company {
		c = s.Companies
	}
	if c.Threshold != 0 {
		p.Threshold = c.Threshold
	}
	if c.Margin != 0 {
		p.Margin = c.Margin
	}
	if c.Certainty != 0 {
		p.Certainty = c.Certainty
	}
	p.NoNicknames = s.NoNicknames
	return p
}
