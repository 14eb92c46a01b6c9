package file

// Remedy is what settles a problem: a code of a closed list, and its parameters. It has no words of
// its own. The API, the command line, the console and the report each have a sentence for every
// code, in terms of what they offer.
type Remedy struct {
	Code    string `json:"code"`
	Field   string `json:"field,omitempty"`   // the field or option concerned
	Column  string `json:"column,omitempty"`  // a column of the file
	Value   string `json:"value,omitempty"`   // a value of the file
	Meaning string `json:"meaning,omitempty"` // what the value may stand for, as an example
}

// The codes of this package.
const (
	RemedySkipLines = "skip_lines"     // say how many lines are above the header
	RemedySheet     = "sheet"          // name the sheet to read
	RemedyEncoding  = "encoding"       // save the file in one encoding, or name the one to read it in
	RemedyGuess     = "other_encoding" // the encoding that was detected can be overridden
	RemedyLeaveOut  = "leave_out"      // leave out the option in Field
)

// OptionName is the code by which a face is asked what it calls the option in Field.
const OptionName = "option"

// Remedies lists the codes.
func Remedies() []string {
	return []string{RemedySkipLines, RemedySheet, RemedyEncoding, RemedyGuess, RemedyLeaveOut, OptionName}
}

// Words returns the sentence that a face has for a remedy, to follow what is wrong and a semicolon;
// for OptionName, a name.
type Words func(Remedy) string

// Say joins what is wrong to its remedy in the words of a face; without a remedy it returns the
// text alone.
func (w Words) Say(text string, r Remedy) string {
	if r.Code == "" {
		return text
	}
	return text + "; " + w(r)
}

// Note is something that a person should know of a file, with what settles or changes it.
type Note struct {
	Text   string `json:"text"`
	Remedy Remedy `json:"remedy,omitzero"` // without a code where nothing need be done
}

// In returns the note in the words of a face.
func (n Note) In(w Words) string { return w.Say(n.Text, n.Remedy) }

// NotesIn returns notes in the words of a face.
func NotesIn(notes []Note, w Words) []string {
	var all []string
	for _, n := range notes {
		all = append(all, n.In(w))
	}
	return all
}
