package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// functions are what templates say things with.
var functions = template.FuncMap{
	"base":      func() string { return Path },
	"short":     short,
	"clock":     func(t time.Time) string { return t.UTC().Format("15:04:05.000") },
	"seconds":   func(t time.Time) string { return t.UTC().Format("15:04:05") },
	"day":       dayOf,
	"instant":   func(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) },
	"left":      left,
	"tone":      tone,
	"orderTone": orderTone,
	"waits":     waits,
	"meaning":   func(status int32) string { return http.StatusText(int(status)) },
	"pretty":    pretty,
	"ms":        func(ms float64) string { return fmt.Sprintf("%.1f", ms) },
	"lower":     strings.ToLower,
	"about":     about,
	"message":   func(title string, m control.Message, there bool) message { return message{m, title, there} },
	"statuses": func() []string {
		return []string{"200", "201", "204", "400", "401", "403", "404", "406", "409", "413", "415", "429", "500", "502", "503", "504"}
	},
}

// message is what was sent one way, as the page shows it.
type message struct {
	control.Message
	Title string
	There bool // false where there was no answer
}

// Cut reports whether the journal has only the beginning of the body.
func (m message) Cut() bool { return m.Size > int64(len(m.Body)) }

// short gives as much of an id as tells ids apart on a screen: its beginning, or its end where it was counted or begins with the
// time (a GUID of version 7).
func short(id string) string {
	const enough, version = 8, 14
	switch {
	case len(id) <= enough+4:
		return id
	case strings.HasPrefix(id, "00000000") || len(id) > version && id[version] == '7':
		return "…" + id[len(id)-enough+2:]
	}
	return id[:enough]
}

// dayOf gives the day of an instant.
func dayOf(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006") }

// left tells how long something still is, in its two largest units.
func left(d time.Duration) string {
	ago := ""
	if d < 0 {
		d, ago = -d, " ago"
	}
	days, hours, minutes := int(d.Hours())/24, int(d.Hours())%24, int(d.Minutes())%60
	switch {
	case days > 0:
		return fmt.Sprintf("%d d %d h%s", days, hours, ago)
	case hours > 0:
		return fmt.Sprintf("%d h %d min%s", hours, minutes, ago)
	case minutes > 0:
		return fmt.Sprintf("%d min%s", minutes, ago)
	}
	return "less than a minute" + ago
}

// tone gives the class of a badge, by the status of an answer.
func tone(status int32) string {
	switch {
	case status == 0:
		return "cut"
	case status >= http.StatusInternalServerError:
		return "bad"
	case status >= http.StatusBadRequest:
		return "warn"
	}
	return "good"
}

// waits reports whether an order of this status may have its subscriptions later.
func waits(status string) bool { return strings.HasPrefix(status, "pending") }

// orderTone gives the class of a badge, by the status of an order.
func orderTone(status string) string {
	switch {
	case status == "completed":
		return "good"
	case waits(status), status == "partial_success":
		return "warn"
	case status == "error":
		return "bad"
	}
	return ""
}

// about tells what an armed fault is for, and how often it fires.
func about(f control.Fault) string {
	var parts []string
	add := func(present bool, format string, value any) {
		if present {
			parts = append(parts, fmt.Sprintf(format, value))
		}
	}
	add(f.Operation != "", "%s", f.Operation)
	add(f.CustomerID != "", "customer %s", short(f.CustomerID))
	add(f.CartID != "", "cart %s", short(f.CartID))
	add(f.OrderGroup != "", "order group %s", f.OrderGroup)
	add(f.Status != 0, "%d", f.Status)
	add(f.Code != 0, "%d", f.Code)
	add(f.Latency != "", "%s", f.Latency)
	if f.RetryAfter != nil {
		add(true, "Retry-After %d s", *f.RetryAfter)
	}
	add(f.Rate != 0, "at a rate of %g", f.Rate)
	add(f.Rate != 0 && f.Seed != 0, "seed %d", f.Seed)
	return strings.Join(parts, " · ")
}

// token is a word of JSON, as json.Indent leaves it.
var token = regexp.MustCompile(`"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|true|false|null`)

// pretty gives a body for people: JSON indented and in colours, anything else as it is.
func pretty(body string) template.HTML {
	var indented bytes.Buffer
	if err := json.Indent(&indented, []byte(body), "", "  "); err != nil {
		return template.HTML(template.HTMLEscapeString(body))
	}
	var out strings.Builder
	text, done := indented.String(), 0
	for _, at := range token.FindAllStringSubmatchIndex(text, -1) {
		word, class := text[at[0]:at[1]], "n"
		switch {
		case at[2] >= 0:
			word, class = text[at[0]:at[2]], "k"
		case strings.HasPrefix(word, `"`):
			class = "s"
		}
		fmt.Fprintf(&out, `%s<span class="%s">%s</span>`, template.HTMLEscapeString(text[done:at[0]]), class, template.HTMLEscapeString(word))
		done = at[0] + len(word)
	}
	out.WriteString(template.HTMLEscapeString(text[done:]))
	return template.HTML(out.String())
}
