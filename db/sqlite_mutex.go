package db

import (
	"database/sql/driver"
	"reflect"
	"unsafe"

	sqlite3 "modernc.org/sqlite/lib"
)

// dropMutex has a SQLite connection take no lock around each call, as
// SQLITE_OPEN_NOMUTEX would, which the driver has no option for. Reading a column
// takes six locks otherwise. database/sql gives a connection to one goroutine at a
// time, which is all that SQLite asks for (https://sqlite.org/threadsafe.html), and
// sqlite3_interrupt, which the driver calls from another, takes no lock anyway. A
// driver that keeps its handle elsewhere keeps its locks.
func dropMutex(conn driver.Conn) {
	if db := handle(conn); db != nil {
		db.Fmutex = 0
	}
}

// handle is a connection's sqlite3*, nil where the driver keeps it elsewhere.
func handle(conn driver.Conn) *sqlite3.Tsqlite3 {
	field := reflect.Indirect(reflect.ValueOf(conn)).FieldByName("db")
	if !field.IsValid() || field.Kind() != reflect.Uintptr {
		return nil
	}
	address := uintptr(field.Uint())
	return *(**sqlite3.Tsqlite3)(unsafe.Pointer(&address))
}
