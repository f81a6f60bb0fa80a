package postgres

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// parseError says what is wrong with a URL. The error of its parser may have the password in it, so it is made of the URL
// without secrets.
func parseError(database string) error {
	shown := WithoutSecrets(database)
	if _, err := pgx.ParseConfig(shown); err != nil {
		return err
	}
	return fmt.Errorf("open %s: its user name or password can't be read: percent-encode what is not a letter or a digit", shown)
}

// WithoutSecrets gives a URL without user name and passwords.
func WithoutSecrets(database string) string {
	scheme, rest, _ := strings.Cut(database, "://")
	if i := strings.LastIndex(rest, "@"); i >= 0 { // the last one, since a password may have one that is not encoded
		rest = rest[i+1:]
	}
	place, query, _ := strings.Cut(rest, "?")
	var parameters []string
	for parameter := range strings.SplitSeq(query, "&") {
		name, _, _ := strings.Cut(parameter, "=")
		if name != "" && !isSecret(name) {
			parameters = append(parameters, parameter)
		}
	}
	if len(parameters) > 0 {
		place += "?" + strings.Join(parameters, "&")
	}
	return scheme + "://" + place
}

// isSecret reports whether a parameter of a URL is one of the passwords.
func isSecret(name string) bool {
	decoded, err := url.QueryUnescape(name)
	return err != nil || strings.Contains(strings.ToLower(decoded), "password")
}
