package db

import (
	"database/sql"
	"path/filepath"
	"testing"
	"unsafe"

	"modernc.org/libc"
)

// It fails where a newer SQLite needs more for a page: enlarge pageSlot.
func TestSQLitePagesAreAllocatedExactly(t *testing.T) {
	t.Parallel()
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	pool.SetMaxOpenConns(1)
	slots := func() int {
		pageMemory.mu.Lock()
		defer pageMemory.mu.Unlock()
		return len(pageMemory.chunks) * (pageChunk / pageSlot)
	}
	const pages = 400 // of 4 KiB; a connection caches 2,000 KiB by default
	if _, err := pool.ExecContext(t.Context(), `CREATE TABLE t (x BLOB);
		WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO t SELECT randomblob(4000) FROM n`); err != nil {
		t.Fatal(err)
	}
	if n := slots(); n < pages {
		t.Errorf("there are %d slots for more than %d pages", n, pages)
	}
}

func TestPageMemory(t *testing.T) {
	t.Parallel()
	tls := libc.NewTLS()
	defer tls.Close()
	bytes := func(p uintptr, n int) []byte { return unsafe.Slice(at[byte](p), n) }
	page := pageMalloc(tls, 4300)
	if !isSlot(page) || pageSize(tls, page) < 4300 {
		t.Fatalf("a page has %d bytes, in a slot: %v", pageSize(tls, page), isSlot(page))
	}
	for i := range bytes(page, 4300) {
		bytes(page, 4300)[i] = byte(i)
	}
	for _, n := range []int32{9000, 4200, 100} { // more than a slot has, and less
		page = pageRealloc(tls, page, n)
		for i, b := range bytes(page, 100) {
			if b != byte(i) {
				t.Fatalf("byte %d is %d after it was resized to %d", i, b, n)
			}
		}
		if is := pageSize(tls, page); is < n {
			t.Fatalf("%d bytes were allocated, not %d", is, n)
		}
	}
	pageFree(tls, page)
	slots := map[uintptr]bool{}
	for range 2 * pageChunk / pageSlot {
		slot := pageMalloc(tls, maxPageBytes)
		if slots[slot] || !isSlot(slot) {
			t.Fatalf("slot %x is in use, or none: %v", slot, isSlot(slot))
		}
		slots[slot] = true
		clear(bytes(slot, maxPageBytes))
	}
	for slot := range slots {
		pageFree(tls, slot)
	}
}
