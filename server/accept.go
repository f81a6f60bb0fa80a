package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// answerTypes are the media types of answers, the preferred first (HTTP-MEDIA).
var answerTypes = []string{mediaJSON, "text/json", "application/xml", "text/xml"}

// mediaJSON is the media type that the handlers answer, and that is answered when the client does not mind.
const mediaJSON = "application/json"

// contentTypeJSON is the Content-Type of answers in it.
const contentTypeJSON = mediaJSON + "; charset=utf-8"

// answerType chooses the media type of the answer by the Accept headers of a request: the one of the highest weight, and
// of equal weights the one that we prefer. It reports false where the client takes none of ours; the answer that says so
// is JSON. A range that can't be read is ignored.
func answerType(request http.Header) (media string, accepted bool) {
	accept := strings.Join(request.Values("Accept"), ",")
	switch strings.TrimSpace(accept) {
	case "", "*/*", mediaJSON: // as nearly all write it
		return mediaJSON, true
	}
	ranks, weights := make([]int, len(answerTypes)), make([]float64, len(answerTypes))
	for entry := range strings.SplitSeq(accept, ",") {
		mediaRange, params, err := mime.ParseMediaType(entry)
		if err != nil {
			continue
		}
		for i, media := range answerTypes {
			if rank := rankOf(mediaRange, media); rank > 0 && rank >= ranks[i] {
				ranks[i], weights[i] = rank, weightOf(params["q"])
			}
		}
	}
	best := 0
	for i, weight := range weights {
		if weight > weights[best] {
			best = i
		}
	}
	return answerTypes[best], weights[best] > 0
}

// rankOf tells how specifically a range names a media type, 0 if not at all. The most specific range has the say.
func rankOf(mediaRange, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	switch mediaRange {
	case media:
		return 3
	case kind + "/*":
		return 2
	case "*/*":
		return 1
	}
	return 0
}

// weightOf reads a q. What is no number from 0 to 1 counts as none, which is 1.
func weightOf(q string) float64 {
	if weight, err := strconv.ParseFloat(q, 64); err == nil && weight >= 0 && weight <= 1 {
		return weight
	}
	return 1
}
