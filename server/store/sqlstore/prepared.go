package sqlstore

import (
	"context"
	"database/sql"
	"sync"
)

// prepared keeps the statements that were run on a pool or connection prepared: SQLite would compile them each time.
func prepared(db preparer) *statements {
	return &statements{preparer: db, known: make(map[string]*sql.Stmt)}
}

type preparer interface {
	database
	PrepareContext(ctx context.Context, statement string) (*sql.Stmt, error)
}

type statements struct {
	preparer
	mu    sync.RWMutex
	known map[string]*sql.Stmt
}

// ExecContext implements database.
func (s *statements) ExecContext(ctx context.Context, statement string, args ...any) (sql.Result, error) {
	p, err := s.prepare(ctx, statement) //nolint:sqlclosecheck // it is kept; close closes it
	if err != nil {
		return nil, err
	}
	return p.ExecContext(ctx, args...)
}

// QueryContext implements database.
func (s *statements) QueryContext(ctx context.Context, statement string, args ...any) (*sql.Rows, error) {
	p, err := s.prepare(ctx, statement) //nolint:sqlclosecheck // it is kept; close closes it
	if err != nil {
		return nil, err
	}
	return p.QueryContext(ctx, args...)
}

// QueryRowContext implements database.
func (s *statements) QueryRowContext(ctx context.Context, statement string, args ...any) *sql.Row {
	p, err := s.prepare(ctx, statement) //nolint:sqlclosecheck // it is kept; close closes it
	if err != nil {
		return s.preparer.QueryRowContext(ctx, statement, args...) // a row that has the error
	}
	return p.QueryRowContext(ctx, args...)
}

func (s *statements) prepare(ctx context.Context, statement string) (*sql.Stmt, error) {
	s.mu.RLock()
	p, ok := s.known[statement]
	s.mu.RUnlock()
	if ok {
		return p, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.known[statement]; ok {
		return p, nil
	}
	p, err := s.PrepareContext(ctx, statement) //nolint:sqlclosecheck // as above
	if err == nil {
		s.known[statement] = p
	}
	return p, err
}

// close lets go of the statements. Those of a connection keep the engine from closing it.
func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.known {
		_ = p.Close()
	}
	clear(s.known)
}
