package intake

import (
	"mime"
	"strconv"
	"strings"
)

// mediaRange is a member of Accept: a type or a range of types. Its quality is the client's
// preference, from 0 (not acceptable) to 1.
type mediaRange struct {
	pattern string
	quality float64
	place   int
}

// accepted returns the offered type that the request's Accept prefers (RFC 9110, section 12.5.1).
// Among equals it returns the one named first; "" if none is acceptable.
func accepted(r *request, offered ...string) string {
	header := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(header) == "" {
		return offered[0]
	}
	ranges, best, by := readAccept(header), "", mediaRange{}
	for _, offer := range offered {
		m, ok := rangeOf(ranges, offer)
		if ok && m.quality > 0 && (best == "" || m.quality > by.quality || m.quality == by.quality && m.place < by.place) {
			best, by = offer, m
		}
	}
	return best
}

// readAccept parses the members of Accept and skips malformed ones.
func readAccept(header string) []mediaRange {
	var ranges []mediaRange
	for place, part := range strings.Split(header, ",") {
		pattern, params, err := mime.ParseMediaType(strings.TrimSpace(part))
		if err != nil {
			continue
		}
		quality, err := strconv.ParseFloat(params["q"], 64)
		if err != nil || !(quality >= 0 && quality <= 1) {
			quality = 1
		}
		ranges = append(ranges, mediaRange{pattern, quality, place})
	}
	return ranges
}

// rangeOf returns the most specific range that matches a type. Old clients write * for */*.
func rangeOf(ranges []mediaRange, offer string) (mediaRange, bool) {
	whole, _, _ := strings.Cut(offer, "/")
	for _, pattern := range []string{offer, whole + "/*", "*/*", "*"} {
		for _, m := range ranges {
			if m.pattern == pattern {
				return m, true
			}
		}
	}
	return mediaRange{}, false
}
