package intake

import (
	"bytes"
	"encoding/json"
	"testing"
)

// A text of a task is written as the encoder of the other answers writes it.
func TestTextIsWrittenAsTheEncoderDoes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"Call", "Müller & Söhne <GmbH>", `a "b" \ c`, "a\tb\nc\x00\x1f", "\x7f",
		"a\u2028b\u2029c", "\ufffd", "a\xffb", "\xed\xa0\x80", "日本 🎉", "'", "/"} {
		var want bytes.Buffer
		enc := json.NewEncoder(&want)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(text); err != nil {
			t.Fatal(err)
		}
		if got := string(appendText(nil, text)); got != string(bytes.TrimSuffix(want.Bytes(), []byte("\n"))) {
			t.Errorf("%q: got %s, want %s", text, got, want.String())
		}
	}
}
