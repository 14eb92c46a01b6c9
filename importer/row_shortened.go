package importer

import (
	"fmt"
	"strings"

	"taskport/importer/file"
)

// checkExternalID refuses an external_id that a spreadsheet has shortened to a number such as
// 1.20123E+15. Without its last digits it may equal that of other rows, which would then count as
// repetitions.
func (t *translator) checkExternalID(v Values) *Fault {
	text := v[t.externalID]
	if strings.IndexByte(text, '+') < 0 || !isShortenedNumber(strings.TrimSpace(text)) {
		return nil
	}
	remedy := file.Remedy{Code: RemedyShortened, Field: fieldExternalID}
	if c := t.reader.source[t.externalID]; c >= 0 {
		remedy.Column = shortened(t.reader.Layout.Columns[c])
	}
	return &Fault{Reason: InvalidValue, Field: fieldExternalID, Subject: strings.TrimSpace(text), Remedy: remedy,
		Message: fmt.Sprintf(
			"external_id %s is a number that a spreadsheet has shortened, and others may have become the same",
			shown(strings.TrimSpace(text)))}
}

// isShortenedNumber reports whether a text is a number with a positive power of ten, as
// spreadsheets show long ones.
func isShortenedNumber(text string) bool {
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(text), "E+")
	if !ok || !onlyDigits(exponent) || mantissa == "" {
		return false
	}
	whole, part, broken := strings.Cut(strings.Replace(strings.TrimPrefix(mantissa, "-"), ",", ".", 1), ".")
	return len(whole) == 1 && onlyDigits(whole) && (!broken || onlyDigits(part))
}

func onlyDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
