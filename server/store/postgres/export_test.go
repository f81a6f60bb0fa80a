package postgres

import (
	"database/sql/driver"
	"time"
)

// For the tests from outside.
var (
	Verdict = verdict
	Connect = connect
)

// Within has connections give up a server that does not answer for so long.
func Within(limit time.Duration) func(driver.Connector) driver.Connector {
	return func(c driver.Connector) driver.Connector { return batching{c.(batching).Connector, limit} }
}
