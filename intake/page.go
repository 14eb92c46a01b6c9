package intake

import (
	"net/url"
	"strconv"

	"taskport/store"
)

const (
	defaultPerPage = 25
	maxPerPage     = 100
	// maxPage keeps the offset within bounds that a database answers quickly.
	maxPage = 1_000_000
)

func readPage(q url.Values) (store.Page, error) {
	p := store.Page{}
	var err error
	if p.Number, err = number(q, "page", 1, maxPage); err != nil {
		return p, err
	}
	p.Size, err = number(q, "per_page", defaultPerPage, maxPerPage)
	return p, err
}

func number(q url.Values, name string, absent, most int) (int, error) {
	text := q.Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, newError("validation_error", "%s must be a number from 1 to %d", name, most).of(name)
	}
	return n, nil
}
