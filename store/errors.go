package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// The errors that a call of the store returns, besides internal errors.
var (
	// ErrNotFound: the workspace has no such object.
	ErrNotFound = errors.New("not found")
	// ErrExists: the name is taken.
	ErrExists = errors.New("already exists")
	// ErrUnavailable: the database cannot be reached or refuses work for the moment.
	ErrUnavailable = errors.New("the database is not available")
	// ErrRetry: another transaction was in the way; the same work may succeed at once.
	ErrRetry = errors.New("another transaction was in the way")
	// ErrFenced: the chunk is no longer this claim's; nothing was written.
	ErrFenced = errors.New("the chunk belongs to another claim")
)

// translate wraps a Postgres error in one of the errors above, by its SQLSTATE.
func translate(err error) error {
	if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, pgx.ErrNoRows) {
		return ErrNotFound
	}
	if kind := classify(err); kind != nil && !errors.Is(err, kind) {
		return fmt.Errorf("%w: %w", kind, err)
	}
	return err
}

func classify(err error) error {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) {
		return ErrUnavailable
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return classifyState(pg.Code)
	}
	var network net.Error
	// A connection that ends in the middle of an answer is an EOF to pgx.
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.As(err, &network) ||
		pgconn.SafeToRetry(err) || errors.Is(err, net.ErrClosed) {
		return ErrUnavailable
	}
	return nil
}

// classifyState follows the classes of the Postgres manual, appendix A.
func classifyState(state string) error {
	switch state {
	case "40001", "40P01", "55P03": // serialization failure, deadlock, lock not available
		return ErrRetry
	case "23505": // unique violation
		return ErrExists
	}
	if len(state) < 2 {
		return nil
	}
	switch state[:2] {
	case "08", "53", "57", "58": // connection, resources, operator intervention, system
		return ErrUnavailable
	}
	return nil
}
