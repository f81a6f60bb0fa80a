package server

import (
	"fmt"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/cartwright-dev/cartwright/server/commerce"
)

// negotiate refuses a request that takes no media type of ours (HTTP-MEDIA).
func negotiate(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if _, ok := answerType(c.Request().Header); !ok {
			return &refusal{
				http.StatusNotAcceptable, commerce.CodeInvalidInput,
				"The Accept header takes nothing that this server answers: " + strings.Join(answerTypes, ", ") + ".",
			}
		}
		return next(c)
	}
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
