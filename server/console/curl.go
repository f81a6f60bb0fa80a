package console

import (
	"net/http"
	"slices"
	"strings"

	"github.com/cartwright-dev/cartwright/gen/control"
)

// notToRepeat are the headers that curl makes itself, or that belonged to a connection.
var notToRepeat = []string{"accept-encoding", "authorization", "connection", "content-length", "host", "transfer-encoding", "user-agent"}

// curl gives a command that sends a request of the journal again, with any token: its own was left out of the journal.
func curl(api string, d *control.RequestDetail) string {
	lines := []string{"curl -i"}
	if d.Method != http.MethodGet {
		lines[0] += " -X " + d.Method
	}
	lines[0] += " " + quoted(api+d.Path)
	for _, h := range d.Request.Headers {
		switch name := strings.ToLower(h.Name); {
		case name == "authorization":
			lines = append(lines, "-H 'Authorization: Bearer any'")
		case !slices.Contains(notToRepeat, name):
			lines = append(lines, "-H "+quoted(h.Name+": "+h.Value))
		}
	}
	if d.Request.Body != "" {
		lines = append(lines, "--data-binary "+quoted(d.Request.Body))
	}
	return strings.Join(lines, " \\\n  ")
}

// quoted makes one word of a text, for a POSIX shell.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
