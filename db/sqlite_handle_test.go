package db

import (
	"path/filepath"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

// It fails where a newer driver keeps the handle elsewhere: find it there.
func TestSQLiteConnectionsAreTuned(t *testing.T) {
	t.Parallel()
	connector, err := newStatementCache("file:" + filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	conn, err := connector.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	db := handle(conn.(*cachingConn).sqliteConn)
	if db == nil {
		t.Fatal("the handle was not found")
	}
	if db.Fmutex != 0 || db.Fflags&sqlite3.SQLITE_EnableQPSG == 0 {
		t.Errorf("mutex %x, flags %x", db.Fmutex, db.Fflags)
	}
}
