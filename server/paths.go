package server

import (
	"net/url"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"
)

// basePath is where the API lives; the contract's paths are relative to it.
const basePath = "/v1"

// canonicalPath spells the fixed words of a path as the contract does, and drops a slash at its end, before the request
// is routed (HTTP-CASE).
func canonicalPath(paths *openapi3.Paths) echo.MiddlewareFunc {
	var templates [][]string
	for path := range paths.Map() {
		templates = append(templates, strings.Split(basePath+path, "/"))
	}
	words := wordsOf(templates)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			u := c.Request().URL
			sent := u.EscapedPath()
			if words.wellSpelled(sent) {
				return next(c)
			}
			path, ok := respell(sent, templates)
			if plain, err := url.PathUnescape(path); ok && path != sent && err == nil {
				exchangeOf(c.Request().Context()).note("path read in the contract's spelling")
				u.Path, u.RawPath = plain, path
			}
			return next(c)
		}
	}
}

// pathWords are the fixed words of paths, by their lower-case spelling.
type pathWords map[string]string

func wordsOf(templates [][]string) pathWords {
	words := make(pathWords)
	for _, template := range templates {
		for _, word := range template {
			words[strings.ToLower(word)] = word
		}
	}
	return words
}

// wellSpelled reports whether each fixed word in a path is spelled as the contract does, wherever it stands, and nothing is
// to be dropped. All others may be. Most paths are, and nothing is made of them.
func (w pathWords) wellSpelled(path string) bool {
	for segment := range strings.SplitSeq(path, "/") {
		if word, ok := w[strings.ToLower(segment)]; ok && word != segment {
			return false
		}
	}
	return !strings.HasSuffix(path, "/")
}

// respell gives a path with the fixed words of the template that it matches.
func respell(path string, templates [][]string) (string, bool) {
	sent := strings.Split(strings.TrimSuffix(path, "/"), "/")
	for _, template := range templates {
		if out, ok := match(sent, template); ok {
			return strings.Join(out, "/"), true
		}
	}
	return "", false
}

func match(sent, template []string) ([]string, bool) {
	if len(sent) != len(template) {
		return nil, false
	}
	out := make([]string, len(sent))
	for i, word := range template {
		switch {
		case strings.HasPrefix(word, "{"):
			out[i] = sent[i]
		case strings.EqualFold(word, sent[i]):
			out[i] = word
		default:
			return nil, false
		}
	}
	return out, true
}
