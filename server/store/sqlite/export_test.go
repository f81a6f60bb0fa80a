package sqlite

// For the tests from outside.
var (
	Unavailable = unavailable
	Connect     = connect
)
