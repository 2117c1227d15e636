package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync/atomic"

	sqlite3 "modernc.org/sqlite/lib"
)

// walState identifies the committed state of a SQLite file: its bytes are the header of the
// WAL-index, with the number of frames in the log, their checksum and the salt of the log
// (https://sqlite.org/walformat.html#the_wal_index_header). Every commit, by any process,
// changes the header before it returns, and no state recurs.
type walState [12]uint32

// walVersion is the first word of the header, in each version of SQLite that has a WAL.
const walVersion = 3007000

// walIndex reads the state of a SQLite file from shared memory that SQLite keeps mapped for
// each connection, so it needs no lock and no system call. (PRAGMA data_version takes
// 4 µs.)
type walIndex struct {
	conn    driver.Conn // keeps the memory mapped
	headers *[2]walState
}

// openWALIndex opens a connection for reading the state. The error is errNoWALIndex if there is
// no index: SQLite doesn't use a WAL if it can't share memory.
func openWALIndex(ctx context.Context, connector driver.Connector) (*walIndex, error) {
	opened, err := connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := opened.(*cachingConn)
	// SQLite maps the memory at the first read.
	if _, err := conn.ExecContext(ctx, "PRAGMA data_version", nil); err != nil {
		return nil, errors.Join(fmt.Errorf("db: open the WAL-index: %w", err), conn.Close())
	}
	headers := walHeaders(conn.sqliteConn)
	if headers == nil {
		return nil, errors.Join(errNoWALIndex, conn.Close())
	}
	return &walIndex{conn, headers}, nil
}

var errNoWALIndex = errors.New("db: the connection has no WAL-index")

// state returns the current state, unless a commit is changing it right now.
func (w *walIndex) state() (walState, bool) {
	// A commit writes the second copy, then the first (walIndexWriteHdr in
	// https://sqlite.org/src/file/src/wal.c), so two equal copies are complete.
	first := loadState(&w.headers[0])
	return first, first == loadState(&w.headers[1]) && first[0] == walVersion
}

func loadState(from *walState) (state walState) {
	for i := range state {
		state[i] = atomic.LoadUint32(&from[i])
	}
	return state
}

// walHeaders returns the two copies of the header that a connection has mapped, nil if it has none.
func walHeaders(conn driver.Conn) *[2]walState {
	db := handle(conn)
	if db == nil {
		return nil
	}
	main := at[sqlite3.TBtree](at[sqlite3.TDb](db.FaDb).FpBt)
	wal := at[sqlite3.TWal](at[sqlite3.TPager](at[sqlite3.TBtShared](main.FpBt).FpPager).FpWal)
	if wal == nil || wal.FexclusiveMode != 0 || wal.FbShmUnreliable != 0 || wal.FnWiData == 0 {
		return nil // no WAL, or one whose index isn't shared
	}
	return at[[2]walState](*at[uintptr](wal.FapWiData))
}
