package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/lmittmann/tint"
	"github.com/mattn/go-colorable"

	"github.com/cartwright-dev/cartwright/server"
)

// newLogger logs as text for people, else as JSON. On a terminal the text has colour, unless it was asked for by its name or
// NO_COLOR is set.
func newLogger(form string, out io.Writer) *slog.Logger {
	terminal := isTerminal(out)
	if form == "json" || form == "auto" && !terminal {
		return slog.New(slog.NewJSONHandler(out, nil))
	}
	colour := form == "auto" && os.Getenv("NO_COLOR") == ""
	if colour {
		out = colorable.NewColorable(out.(*os.File)) // for terminals of Windows that know no escape sequences
	}
	out = &oneByOne{out: out}
	others := tint.NewTextHandler(out, &tint.Options{NoColor: !colour, TimeFormat: timeOfDay})
	return slog.New(&requestLines{others, out, colour})
}

const timeOfDay = "15:04:05.000"

// requestLines writes one aligned line for each request, and leaves all else that is logged to another handler.
type requestLines struct {
	slog.Handler
	out    io.Writer
	colour bool
}

// Handle implements slog.Handler.
func (l *requestLines) Handle(ctx context.Context, record slog.Record) error {
	r, ok := requestOf(record)
	if !ok {
		return l.Handler.Handle(ctx, record)
	}
	line := fmt.Sprintf("%s  %s  %-6s %-56s %8.1f ms  %-8.8s  %s", record.Time.Format(timeOfDay), l.status(r.status), r.method,
		shortIDs(r.path), r.milliseconds, shortIDs(r.requestID), printable(r.note))
	_, err := io.WriteString(l.out, strings.TrimRight(line, " ")+"\n")
	return err
}

// WithAttrs implements slog.Handler. Lines of requests don't have what is added.
func (l *requestLines) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &requestLines{l.Handler.WithAttrs(attrs), l.out, l.colour}
}

// WithGroup implements slog.Handler.
func (l *requestLines) WithGroup(name string) slog.Handler {
	return &requestLines{l.Handler.WithGroup(name), l.out, l.colour}
}

// The colours of a status, as terminals count them.
const (
	red    = 31
	green  = 32
	yellow = 33
	cyan   = 36
)

// status gives a status in three characters.
func (l *requestLines) status(status int) string {
	colour := red
	switch {
	case status == 0:
	case status < http.StatusMultipleChoices:
		colour = green
	case status < http.StatusBadRequest:
		colour = cyan
	case status < http.StatusInternalServerError:
		colour = yellow
	}
	if !l.colour {
		return statusText(status)
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", colour, statusText(status))
}

// statusText gives a status as it is printed, which for a connection that was cut before the answer is a word.
func statusText(status int) string {
	if status == 0 {
		return "cut"
	}
	return strconv.Itoa(status)
}

// loggedRequest is what package server logs of a request.
type loggedRequest struct {
	method, path, operation, requestID, note string
	status                                   int
	milliseconds                             float64
}

// requestOf reads a record of a request; false for other records.
func requestOf(record slog.Record) (r loggedRequest, ok bool) {
	record.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "status":
			r.status, ok = int(a.Value.Int64()), true
		case "ms":
			r.milliseconds = a.Value.Float64()
		case "operation":
			r.operation = a.Value.String()
		case "requestId":
			r.requestID = a.Value.String()
		case "note":
			r.note = a.Value.String()
		}
		return true
	})
	r.method, r.path, _ = strings.Cut(record.Message, " ")
	return r, ok
}

var guid = regexp.MustCompile(`[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)

// shortIDs shortens the GUIDs of a path.
func shortIDs(path string) string { return guid.ReplaceAllStringFunc(path, shortID) }

// shortID shortens a GUID to its beginning, or to its end where that tells it apart.
func shortID(id string) string {
	if server.EndTells(id) {
		return "…" + id[len(id)-7:]
	}
	return id[:8] + "…"
}

// printable keeps a line one line, and a terminal from obeying what a client has sent.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}

// oneByOne lets handlers that know nothing of each other write whole lines.
type oneByOne struct {
	mu  sync.Mutex
	out io.Writer
}

func (w *oneByOne) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(p)
}
