package postgres

// For the tests from outside.
var (
	Verdict = verdict
	Connect = connect
)
