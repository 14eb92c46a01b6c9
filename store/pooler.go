package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// sessionParams are set for a session where it is that of one client. A pooler such as PgBouncer
// refuses or ignores them, and would share what a session sets: behind it each transaction sets
// them.
var sessionParams = []string{"lock_timeout", "idle_in_transaction_session_timeout"}

// unsupportedParam is the SQLSTATE by which PgBouncer refuses a parameter of a session.
const unsupportedParam = "08P01"

// pooler knows whether the connections to the database lead through a pooler. It asks once.
type pooler struct {
	config *pgx.ConnConfig // with the session's parameters
	mu     sync.Mutex
	known  atomic.Bool
	there  bool
}

// present reports whether there is a pooler: the server does not have the parameters that a session
// was begun with.
func (p *pooler) present(ctx context.Context) (bool, error) {
	if p.known.Load() {
		return p.there, nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known.Load() {
		return p.there, nil
	}
	conn, err := pgx.ConnectConfig(ctx, p.config.Copy())
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok && refused.Code == unsupportedParam {
		p.there = true
		p.known.Store(true)
		return true, nil
	}
	if err != nil {
		return false, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	has := conn.PgConn().ExecParams(ctx, `SELECT setting FROM pg_settings WHERE name = 'lock_timeout'`, nil, nil, nil,
		nil).Read()
	if has.Err != nil {
		return false, has.Err
	}
	p.there = len(has.Rows) == 0 || string(has.Rows[0][0]) != p.config.RuntimeParams["lock_timeout"]
	p.known.Store(true)
	return p.there, nil
}

// adapt changes the settings of a connection to what a pooler in any mode passes on: no parameters
// of a session, and no prepared statements, unless the address asks for a mode.
func (p *pooler) adapt(ctx context.Context, c *pgx.ConnConfig) error {
	there, err := p.present(ctx)
	if err != nil || !there {
		return err
	}
	for _, name := range sessionParams {
		delete(c.RuntimeParams, name)
	}
	if c.DefaultQueryExecMode == pgx.QueryExecModeCacheStatement {
		c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	return nil
}

// options returns those of a transaction, which begins with the given statement. Behind a pooler it
// sets the timeouts for itself.
func (p *pooler) options(ctx context.Context, begin string, idle time.Duration) (pgx.TxOptions, error) {
	there, err := p.present(ctx)
	if there {
		begin += fmt.Sprintf("; SET LOCAL lock_timeout = %s; SET LOCAL idle_in_transaction_session_timeout = %s",
			milliseconds(lockTimeout), milliseconds(idle))
	}
	return pgx.TxOptions{BeginQuery: begin}, err
}

// beginner is a pool or a connection.
type beginner interface {
	BeginTx(ctx context.Context, o pgx.TxOptions) (pgx.Tx, error)
}

// transact runs fn in a transaction, which is committed when fn returns nil.
func (p *pooler) transact(ctx context.Context, on beginner, begin string, idle time.Duration,
	fn func(pgx.Tx) error) error {
	o, err := p.options(ctx, begin, idle)
	if err != nil {
		return err
	}
	return pgx.BeginTxFunc(ctx, on, o, fn)
}
