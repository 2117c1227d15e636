package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"strings"
	"sync"
	"testing"

	"neptun/db/sqlcgen"

	"github.com/jackc/pgx/v5"
)

// Reads are the SELECT statements that were sent.
type Reads struct {
	mu  sync.Mutex
	all []string
}

// Take returns the statements since the last call.
func (r *Reads) Take() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.all
	r.all = nil
	return all
}

func (r *Reads) add(query string) {
	if !strings.Contains(query, "SELECT") {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, query)
}

// RecordReads records what is read outside of writing transactions.
func (d *DB) RecordReads(t testing.TB) *Reads {
	t.Helper()
	reads, former := &Reads{}, d.reader
	if d.dialect == postgres {
		config := d.config.Copy()
		config.Tracer = reads
		d.reader = openPostgres(config, 1)
		pool := d.reader
		t.Cleanup(func() { _ = pool.Close() })
	} else {
		d.reader = sql.OpenDB(recordedConnector{d.versions.connector, reads})
		d.reader.SetMaxOpenConns(1)
		t.Cleanup(func() { _ = former.Close() })
	}
	d.read = sqlcgen.New(d.reader)
	if err := d.reader.PingContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	reads.Take() // what sets up a connection
	return reads
}

// TraceQueryStart implements pgx.QueryTracer.
func (r *Reads) TraceQueryStart(ctx context.Context, _ *pgx.Conn, query pgx.TraceQueryStartData) context.Context {
	r.add(query.SQL)
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*Reads) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// recordedConnector records on SQLite.
type recordedConnector struct {
	driver.Connector
	reads *Reads
}

// Connect implements driver.Connector.
func (c recordedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return recordedConn{conn.(sqliteConn), c.reads}, nil
}

type recordedConn struct {
	sqliteConn
	reads *Reads
}

// QueryContext implements driver.QueryerContext.
func (c recordedConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.reads.add(query)
	return c.sqliteConn.QueryContext(ctx, query, args)
}
