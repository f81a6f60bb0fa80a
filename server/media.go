package server

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// negotiate refuses a request that takes no media type of ours (HTTP-MEDIA).
func negotiate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if accept := strings.Join(c.Request().Header.Values("Accept"), ","); !acceptsJSON(accept) {
			return &refusal{
				http.StatusNotAcceptable, commerce.CodeInvalidInput,
				"The Accept header takes nothing that this server answers: application/json.",
			}
		}
		return next(c)
	}
}

// acceptsJSON reports whether an Accept header takes application/json: as named, by a wildcard, or because there is no
// header. The most specific range decides.
func acceptsJSON(accept string) bool {
	if strings.TrimSpace(accept) == "" {
		return true
	}
	best, accepts := -1, false
	for entry := range strings.SplitSeq(accept, ",") {
		media, params, err := mime.ParseMediaType(entry)
		rank := slices.Index([]string{"*/*", "application/*", "application/json"}, media) // the later, the more specific
		if err != nil || rank < 0 {
			continue
		}
		if q, err := strconv.ParseFloat(params["q"], 64); rank >= best {
			best, accepts = rank, err != nil || q > 0
		}
	}
	return accepts
}

// requireJSON refuses a body that is not UTF-8 JSON by its headers (HTTP-MEDIA). Without Content-Type it counts as JSON.
func requireJSON(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Request().Header
		if encoding := h.Get("Content-Encoding"); encoding != "" && !strings.EqualFold(encoding, "identity") {
			return unsupported("Content-Encoding %q", encoding)
		}
		sent := h.Get("Content-Type")
		if sent == "" {
			return next(c)
		}
		media, params, err := mime.ParseMediaType(sent)
		if err != nil || (media != "application/json" && media != "text/json") {
			return unsupported("Content-Type %q", sent)
		}
		if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
			return unsupported("charset %q", charset)
		}
		return next(c)
	}
}

func unsupported(format string, args ...any) error {
	return &refusal{
		http.StatusUnsupportedMediaType, commerce.CodeInvalidInput,
		shorten(fmt.Sprintf(format, args...), maxText) + " is not supported. Send application/json in UTF-8.",
	}
}
