package sqlite

// For the tests from outside.
var (
	Verdict = verdict
	Connect = connect
)
