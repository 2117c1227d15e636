package db

import (
	"slices"
	"sync"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// The driver's allocator rounds up to powers of two, so that a page of SQLite's cache, which needs 4,096 bytes
// and a header, takes more than 8 KB. pageMalloc allocates such pages exactly.
const (
	minPageBytes, maxPageBytes = 4096, pageSlot
	// pageSlot is what a page and its header need (pcache1AllocPage in
	// https://sqlite.org/src/file/src/pcache1.c), and some bytes more.
	pageSlot      = 4384
	slotAlignment = 16
	// pageChunk is how much is allocated at a time. With the header of the driver's allocator (32 bytes)
	// it is the largest size that it doesn't round up.
	pageChunk = 1<<20 - 64
)

// pageMemory are the slots for pages. Those that are free again stay allocated, for other pages.
var pageMemory struct {
	system, exact sqlite3.Tsqlite3_mem_methods // for everything else, and the replacement

	mu     sync.Mutex
	chunks []uintptr // in which slots are
	used   uintptr   // of the last chunk
	free   uintptr   // the first free slot, which has the address of the next one
}

// init replaces SQLite's allocator, which is only possible before the first connection of the process
// is opened. If SQLite refuses, it allocates pages as before.
func init() {
	tls := libc.NewTLS()
	defer tls.Close()
	argument := libc.Xmalloc(tls, 16)
	defer libc.Xfree(tls, argument)
	configure := func(option int32, methods *sqlite3.Tsqlite3_mem_methods) int32 {
		return sqlite3.Xsqlite3_config(tls, option, libc.VaList(argument, uintptr(unsafe.Pointer(methods))))
	}
	if configure(sqlite3.SQLITE_CONFIG_GETMALLOC, &pageMemory.system) != sqlite3.SQLITE_OK {
		return
	}
	exact := &pageMemory.exact
	*exact = pageMemory.system
	exact.FxMalloc, exact.FxFree = function(pageMalloc), function(pageFree)
	exact.FxRealloc, exact.FxSize = function(pageRealloc), function(pageSize)
	configure(sqlite3.SQLITE_CONFIG_MALLOC, exact)
}

// function returns a top-level function as translated C code calls it.
func function[F any](f F) uintptr { return *(*uintptr)(unsafe.Pointer(&f)) }

// as returns a function of translated C code.
func as[F any](f uintptr) F { return *(*F)(unsafe.Pointer(&f)) }

func pageMalloc(tls *libc.TLS, n int32) uintptr {
	if n < minPageBytes || n > maxPageBytes {
		return as[func(*libc.TLS, int32) uintptr](pageMemory.system.FxMalloc)(tls, n)
	}
	pageMemory.mu.Lock()
	defer pageMemory.mu.Unlock()
	if slot := pageMemory.free; slot != 0 {
		pageMemory.free = *at[uintptr](slot)
		return slot
	}
	if len(pageMemory.chunks) == 0 || pageMemory.used+pageSlot > pageChunk {
		chunk := libc.Xmalloc(tls, pageChunk)
		if chunk == 0 {
			return 0
		}
		pageMemory.chunks, pageMemory.used = append(pageMemory.chunks, chunk), 0
	}
	slot := pageMemory.chunks[len(pageMemory.chunks)-1] + pageMemory.used
	pageMemory.used += pageSlot
	return slot
}

// isSlot reports whether memory is from pageMalloc's chunks.
func isSlot(p uintptr) bool {
	if p%slotAlignment != 0 {
		return false // a fast answer: the driver's allocator returns odd multiples of 8
	}
	pageMemory.mu.Lock()
	defer pageMemory.mu.Unlock()
	return slices.ContainsFunc(pageMemory.chunks, func(chunk uintptr) bool { return p-chunk < pageChunk })
}

func pageFree(tls *libc.TLS, p uintptr) {
	if !isSlot(p) {
		as[func(*libc.TLS, uintptr)](pageMemory.system.FxFree)(tls, p)
		return
	}
	pageMemory.mu.Lock()
	defer pageMemory.mu.Unlock()
	*at[uintptr](p) = pageMemory.free
	pageMemory.free = p
}

func pageSize(tls *libc.TLS, p uintptr) int32 {
	if isSlot(p) {
		return pageSlot
	}
	return as[func(*libc.TLS, uintptr) int32](pageMemory.system.FxSize)(tls, p)
}

func pageRealloc(tls *libc.TLS, p uintptr, n int32) uintptr {
	if !isSlot(p) {
		return as[func(*libc.TLS, uintptr, int32) uintptr](pageMemory.system.FxRealloc)(tls, p, n)
	}
	larger := pageMalloc(tls, n)
	if larger != 0 {
		copy(unsafe.Slice(at[byte](larger), n), unsafe.Slice(at[byte](p), pageSlot))
		pageFree(tls, p)
	}
	return larger
}
