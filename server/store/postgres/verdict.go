package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

// SQLSTATEs.
const (
	readOnly        = "25006" // a write to a server that is not, or no longer, the primary
	otherResult     = "0A000" // what was prepared gives other columns by now
	unprepared      = "26000" // what was prepared is no more
	uniqueViolation = "23505"
)

// givenUp are the errors after which a connection is of no more use.
var givenUp = []string{readOnly, otherResult, unprepared}

// exists tells whether an error says that the primary key of a row to insert exists already.
func exists(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && e.Code == uniqueViolation && strings.HasSuffix(e.ConstraintName, "_pkey") // as PostgreSQL names it
}

// verdict tells what an error means.
func verdict(err error) sqlstore.Verdict {
	var e *pgconn.PgError
	var refused *pgconn.ConnectError
	var broken net.Error
	switch {
	case errors.As(err, &refused):
		return sqlstore.Unavailable
	case errors.As(err, &e):
		return verdictOf(e.Code)
	case pgconn.SafeToRetry(err), errors.Is(err, driver.ErrBadConn): // nothing was sent
		return sqlstore.Repeat
	case errors.As(err, &broken), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone), errors.Is(err, sql.ErrTxDone):
		return sqlstore.Unavailable
	}
	return sqlstore.Fault
}

// verdictOf tells what a SQLSTATE means; its first two characters are its class.
func verdictOf(code string) sqlstore.Verdict {
	switch code {
	case "40001", "40P01", // serialization failure, deadlock
		"23503": // a cart is removed for which an order was placed meanwhile
		return sqlstore.Repeat
	case "55P03": // lock_timeout
		return sqlstore.Busy
	case readOnly, otherResult, unprepared: // another connection may serve
		return sqlstore.Unavailable
	case "25P03", "40003": // idle_in_transaction_session_timeout, completion unknown
		return sqlstore.Unavailable
	}
	switch code[:min(2, len(code))] {
	case "08", "53", "57", "58": // connection, resources such as the disk, an operator's doing, errors of the system
		return sqlstore.Unavailable
	}
	return sqlstore.Fault
}
