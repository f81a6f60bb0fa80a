// Package postgres keeps documents in a PostgreSQL database, which several servers may share. What is acknowledged is as
// durable as the database: it survives the loss of a machine where a standby is synchronous.
package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/cartwright-dev/cartwright/server/store/sqlstore"
)

const (
	// defaultConns is how many connections a store has: eight servers of PostgreSQL's own max_connections = 100 leave some to
	// its administrator.
	defaultConns = 11
	// statementLimit is how long statements that are sent together may take. It is longer than the lock_timeout, so that
	// whoever waits for a lock is told by PostgreSQL and keeps his connection, unless he waits for two of them one after the
	// other. It ends what a lost server would never answer.
	statementLimit = 10 * time.Second
	connectTimeout = 3 * time.Second // for each host
	// connLifetime has new connections find a server that came back, or a name that leads elsewhere now.
	connLifetime = 10 * time.Minute
)

// sessions is what each connection has unless the URL sets it. There is no statement_timeout among it: that would break off
// COMMIT while it waits for a synchronous standby, and nobody could tell what came of it.
var sessions = map[string]string{
	"application_name":                    "cartwright",
	"lock_timeout":                        "8s",
	"idle_in_transaction_session_timeout": "15s", // of a server that stopped in the middle
}

// Open opens the database that a URL names, and brings it up to date. The URL is as PostgreSQL has it
// (postgres://user:password@host1,host2/database?target_session_attrs=read-write), and may have pool_max_conns, the number of
// connections. Of several hosts the one is used that can be written to. No error tells the password.
func Open(ctx context.Context, url string) (*sqlstore.Store, error) {
	return OpenThrough(ctx, url, func(c driver.Connector) driver.Connector { return c })
}

// OpenThrough is Open with something around the driver: for tests in which the database fails.
func OpenThrough(ctx context.Context, url string, wrap func(driver.Connector) driver.Connector) (*sqlstore.Store, error) {
	engine, err := connect(url, wrap)
	if err != nil {
		return nil, err
	}
	s, err := sqlstore.New(ctx, engine)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", WithoutSecrets(url), err), engine.Reader.Close(), engine.Writer.Close())
	}
	return s, nil
}

// connect makes the two pools of a database. Reading has connections of its own, so that it goes on while commits wait for a
// standby.
func connect(url string, wrap func(driver.Connector) driver.Connector) (sqlstore.Engine, error) {
	config, err := parse(url)
	if err != nil {
		return sqlstore.Engine{}, err
	}
	conns, err := takeConns(config)
	if err != nil {
		return sqlstore.Engine{}, fmt.Errorf("open %s: %w", WithoutSecrets(url), err)
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 60), lock.WithUnlockTimeout(1, 60)) // every second, a minute long
	if err != nil {
		return sqlstore.Engine{}, err
	}
	readers := max(1, conns/4)
	reading := config.Copy()
	reading.RuntimeParams["default_transaction_isolation"] = "read committed" // single statements never have to be repeated in it
	return sqlstore.Engine{
		Writer:     pool(wrap(batching{stdlib.GetConnector(*config), statementLimit}), conns-readers),
		Reader:     pool(wrap(batching{stdlib.GetConnector(*reading), statementLimit}), readers),
		Verdict:    verdict,
		Exists:     exists,
		Dialect:    goose.DialectPostgres,
		Migrations: []goose.ProviderOption{goose.WithSessionLocker(locker)},
	}, nil
}

func pool(connector driver.Connector, conns int) *sql.DB {
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxLifetime(connLifetime)
	return db
}

// parse reads a URL, and sets what it does not set.
func parse(url string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil || strings.Contains(config.Database, "@") { // where a password with a slash ends up
		return nil, parseError(url)
	}
	for name, value := range sessions {
		if _, ok := config.RuntimeParams[name]; !ok && !strings.Contains(config.RuntimeParams["options"], name) {
			config.RuntimeParams[name] = value
		}
	}
	config.ConnectTimeout = cmp.Or(config.ConnectTimeout, connectTimeout)
	config.DialFunc = dialer().DialContext
	if config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	whenFatal := config.OnPgError
	config.OnPgError = func(conn *pgconn.PgConn, err *pgconn.PgError) bool {
		return !slices.Contains(givenUp, err.Code) && whenFatal(conn, err)
	}
	return config, nil
}

// takeConns takes the number of connections out of the parameters, which else go to PostgreSQL.
func takeConns(config *pgx.ConnConfig) (int, error) {
	const name, least = "pool_max_conns", 2
	text, ok := config.RuntimeParams[name]
	if !ok {
		return defaultConns, nil
	}
	delete(config.RuntimeParams, name)
	n, err := strconv.Atoi(text)
	if err != nil || n < least {
		return 0, fmt.Errorf("%s is %q, want a number from %d", name, text, least)
	}
	return n, nil
}
