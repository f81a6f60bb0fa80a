package server

import (
	"net/http"
	"testing"
)

// HTTP-MEDIA: which type an Accept header asks for. "none" is one that takes none of ours.
func TestAnswerType(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		// one of ours
		"":                                "application/json",
		" ":                               "application/json",
		"application/json":                "application/json",
		"text/json":                       "text/json",
		"application/xml":                 "application/xml",
		"text/xml":                        "text/xml",
		"Application/XML; charset=utf-8":  "application/xml",
		"text/html, text/json;q=0.5":      "text/json",
		"text/xml;q=0.001":                "text/xml",
		`application/xml;profile="x";q=1`: "application/xml",
		// wildcards
		"*/*":                                   "application/json",
		"application/*":                         "application/json",
		"text/*":                                "text/json",
		"text/*, application/*":                 "application/json",
		"text/*, application/*;q=0.9":           "text/json",
		"*/*;q=0.1, text/xml;q=0.2":             "text/xml",
		"application/*, application/json;q=0.5": "application/xml",
		"application/json;q=0.5, application/*": "application/xml",
		"*/*, application/*;q=0":                "text/json",
		"text/*, */*;q=0.5, text/json;q=0.1":    "text/xml",
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8": "application/xml", // a browser
		// weights
		"application/xml;q=0.9, application/json;q=0.8": "application/xml",
		"application/xml;q=0.8, application/json;q=0.9": "application/json",
		"text/xml;q=0.5, text/json;Q=0.50":              "text/json",
		"text/xml, application/xml":                     "application/xml",
		"application/xml, application/json":             "application/json",
		"text/xml, application/json;q=0":                "text/xml",
		"*/*, application/json;q=0":                     "text/json",
		"application/json, */*;q=0":                     "application/json",
		"application/xml;q=0, application/xml;q=0.5":    "application/xml", // the later one
		// weights that are none count as 1
		"application/json;q=0.9, text/xml;q=much": "text/xml",
		"application/json;q=0.9, text/xml;q=NaN":  "text/xml",
		"application/json;q=0.9, text/xml;q=-1":   "text/xml",
		"text/json;q=2, application/xml;q=7":      "text/json",
		// what can't be read
		"text/xml, application/json;q":           "text/xml",
		"/, ;q=1, application xml, , text/xml;,": "text/xml",
		// nothing of ours
		"text/html":                       "none",
		"nonsense":                        "none",
		"*":                               "none",
		"application/json;q=0":            "none",
		"*/*;q=0":                         "none",
		"*/*;q=0.0, text/html":            "none",
		"application/problem+json":        "none",
		"image/*, application/jsonp":      "none",
		"application/*;q=0, text/html":    "none",
		"application/json;q=0, text/html": "none",
	} {
		got, accepted := answerType(http.Header{"Accept": {accept}})
		if !accepted {
			if got != "application/json" {
				t.Errorf("Accept %q takes nothing, and is answered %s", accept, got)
			}
			got = "none"
		}
		if got != want {
			t.Errorf("Accept %q gives %s, want %s", accept, got, want)
		}
	}
	if got, ok := answerType(http.Header{}); got != "application/json" || !ok {
		t.Errorf("no Accept gives %s, %v", got, ok)
	}
	if got, ok := answerType(http.Header{"Accept": {"text/html", "text/xml"}}); got != "text/xml" || !ok {
		t.Errorf("two Accept headers give %s, %v", got, ok)
	}
}
