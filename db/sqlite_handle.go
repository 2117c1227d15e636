package db

import (
	"database/sql/driver"
	"reflect"
	"unsafe"

	sqlite3 "modernc.org/sqlite/lib"
)

// tune changes settings of a SQLite connection that the driver has no option for. It
// does nothing if the driver stores its handle elsewhere.
//
//   - No lock around each call, as with SQLITE_OPEN_NOMUTEX: reading a column takes
//     six. database/sql gives a connection to one goroutine at a time, which is all
//     that SQLite requires (https://sqlite.org/threadsafe.html), and
//     sqlite3_interrupt, which the driver calls from another, takes no lock anyway.
//   - The planner ignores the arguments, as with SQLITE_DBCONFIG_ENABLE_QPSG: the plan
//     of a statement never changes, and a cached statement isn't prepared again for
//     each new argument of LIKE, LIMIT and the like.
func tune(conn driver.Conn) {
	if db := handle(conn); db != nil {
		db.Fmutex = 0
		db.Fflags |= sqlite3.SQLITE_EnableQPSG
	}
}

// handle returns a connection's sqlite3*, nil if the driver stores it elsewhere.
func handle(conn driver.Conn) *sqlite3.Tsqlite3 {
	field := reflect.Indirect(reflect.ValueOf(conn)).FieldByName("db")
	if !field.IsValid() || field.Kind() != reflect.Uintptr {
		return nil
	}
	return at[sqlite3.Tsqlite3](uintptr(field.Uint()))
}

// at returns a pointer to a value in SQLite's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }
