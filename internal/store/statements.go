package store

import (
	"context"
	"database/sql/driver"
	"errors"
)

// connector makes connections to SQLite that keep what they prepared: ent sends the same few texts again and again, and
// reading one costs as much as running it.
type connector struct {
	driver.Connector
	file *file
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	made, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := c.file.inPlace(); err != nil {
		return nil, errors.Join(err, made.Close())
	}
	return &conn{sqliteConn: made.(sqliteConn), prepared: map[string]statement{}, file: c.file}, nil
}

// sqliteConn is all that database/sql knows of a connection to SQLite.
type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// statement is a prepared statement of SQLite.
type statement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// statementsKept is how many statements a connection keeps. A text may have a place for each value of a list, so that there
// are more texts than places in the program.
const statementsKept = 200

// conn is a connection that keeps its statements. Like every driver.Conn, it is used by one goroutine at a time.
type conn struct {
	sqliteConn
	prepared map[string]statement // those that are not in use
	file     *file
}

func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if len(args) == 0 { // a script perhaps, and nothing that comes often
		return c.sqliteConn.ExecContext(ctx, query, args)
	}
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	defer c.giveBack(query, s)
	return s.ExecContext(ctx, args)
}

func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := c.take(ctx, query)
	if err != nil {
		return nil, err
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		c.giveBack(query, s)
		return nil, err
	}
	return &rows{sqliteRows: r.(sqliteRows), close: func() { c.giveBack(query, s) }}, nil
}

// take returns a statement that nobody else uses until it is given back.
func (c *conn) take(ctx context.Context, query string) (statement, error) {
	if s, ok := c.prepared[query]; ok {
		delete(c.prepared, query)
		return s, nil
	}
	s, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.(statement), nil
}

// giveBack keeps a statement for the next who wants it. Where there are too many, all are forgotten: those that come often
// are soon back.
func (c *conn) giveBack(query string, s statement) {
	if len(c.prepared) == statementsKept {
		c.forget() //nolint:errcheck // of statements that were run and reset
	}
	if _, twice := c.prepared[query]; twice {
		s.Close()
		return
	}
	c.prepared[query] = s
}

func (c *conn) forget() error {
	var errs []error
	for _, s := range c.prepared {
		errs = append(errs, s.Close())
	}
	clear(c.prepared)
	return errors.Join(errs...)
}

func (c *conn) Close() error { return errors.Join(c.forget(), c.sqliteConn.Close()) }

// sqliteRows is all that database/sql knows of rows of SQLite.
type sqliteRows interface {
	driver.Rows
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeLength
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypePrecisionScale
	driver.RowsColumnTypeScanType
}

// rows are rows whose statement is given back when they are closed, which may happen twice.
type rows struct {
	sqliteRows
	close func()
}

func (r *rows) Close() error {
	err := r.sqliteRows.Close()
	if r.close != nil {
		r.close()
		r.close = nil
	}
	return err
}
