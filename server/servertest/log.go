package servertest

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/cartwright-dev/cartwright/server"
	"github.com/cartwright-dev/cartwright/server/journal"
)

// maxLogged is how much of a body a failed test logs, in characters.
const maxLogged = 300

// logFailed logs all requests, where the test has failed.
func (s *Stub) logFailed() {
	s.t.Helper()
	if !s.t.Failed() {
		return
	}
	entries := s.Requests()
	if len(entries) == 0 {
		s.t.Log("servertest: the stub got no request")
		return
	}
	s.t.Log("servertest: what the stub was asked, by its clock:\n" + strings.TrimSuffix(journalText(entries), "\n"))
}

// journalText gives an aligned line for each request, and the bodies of those that failed.
func journalText(entries []*journal.Entry) string {
	width := 0
	for _, e := range entries {
		width = max(width, utf8.RuneCountInString(shortIDs(e.Path)))
	}
	var out strings.Builder
	for _, e := range entries {
		status := strconv.Itoa(e.Status)
		if e.Status == 0 {
			status = "cut"
		}
		line := fmt.Sprintf("%s  %s  %-5s  %-*s  %-9s  %s", e.Time.UTC().Format("2006-01-02 15:04:05.000"), status, e.Method,
			width, printable(shortIDs(e.Path)), printable(shortIDs(e.RequestID)), printable(strings.Join(e.Notes, "; ")))
		out.WriteString(strings.TrimRight(line, " ") + "\n")
		if e.Status == 0 || e.Status >= http.StatusBadRequest {
			writeBody(&out, "sent", e.Request)
			writeBody(&out, "answered", e.Response)
		}
	}
	return out.String()
}

func writeBody(out *strings.Builder, way string, m journal.Message) {
	if m.Size > 0 {
		fmt.Fprintf(out, "    %s: %s\n", way, shorten(printable(strings.Join(strings.Fields(string(m.Body)), " "))))
	}
}

func shorten(text string) string {
	if letters := []rune(text); len(letters) > maxLogged {
		return string(letters[:maxLogged]) + "…"
	}
	return text
}

var guid = regexp.MustCompile(`[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)

// shortIDs shortens the GUIDs of a text to their beginning, or to their end where that tells them apart.
func shortIDs(text string) string {
	return guid.ReplaceAllStringFunc(text, func(id string) string {
		if server.EndTells(id) {
			return "…" + id[len(id)-6:]
		}
		return id[:8] + "…"
	})
}

// printable keeps what a client has sent on its line, and terminals from obeying it.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, text)
}
