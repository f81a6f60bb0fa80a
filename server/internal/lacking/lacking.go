// Package lacking says what becomes of a test that needs something which a machine may not have, such as PostgreSQL or a
// browser: it is skipped, unless nothing may be skipped, as in CI.
package lacking

import (
	"os"
	"testing"
)

// Variable is the environment variable that is set where nothing may be skipped.
const Variable = "CARTWRIGHT_REQUIRE_ALL"

// Skip skips a test for want of something, or fails it where nothing may be skipped.
func Skip(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv(Variable) != "" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}
