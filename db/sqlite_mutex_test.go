package db

import (
	"path/filepath"
	"testing"
)

// It fails where a newer driver keeps the handle elsewhere: find it there.
func TestSQLiteConnectionsTakeNoLocks(t *testing.T) {
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
	if db := handle(conn.(*cachingConn).sqliteConn); db == nil || db.Fmutex != 0 {
		t.Errorf("the connection has a mutex, or its handle was not found (%v)", db != nil)
	}
}
