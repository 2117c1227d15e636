package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"math"
	"sync"
)

// maxCachedVersions limits the results in a versionsCache.
const maxCachedVersions = 10_000

// versionsCache caches results of looking up a credential and its versions on SQLite, until
// any process commits to the file.
type versionsCache struct {
	connector driver.Connector // nil on PostgreSQL

	mu      sync.RWMutex
	index   *walIndex // nil if the database has none
	state   walState  // in which all results were read
	results map[versionsKey]authorized
}

// authorized are the versions of a list, read with an active credential, and when they lapse.
type authorized struct {
	Versions
	lapse lapse
}

// versionsKey has the arguments of a look-up.
type versionsKey struct {
	credential string
	list       versionedList
	recordID   int64
}

type versionedList int

const (
	listOfInstallations versionedList = iota
	listOfImports
)

// lapse has the times at which a credential stops being active and confirmed, if nothing is
// written before, in milliseconds.
type lapse struct{ expiresAt, usedAt, confirmedAt int64 }

// neverIdle is the usedAt of credentials without an idle timeout.
const neverIdle = math.MaxInt64

// lapsed evaluates the conditions of the queries in queries/versions.sql.
func (d *DB) lapsed(l lapse) bool {
	return l.expiresAt <= millis(d.now()) || l.usedAt <= d.idleSince() || l.confirmedAt <= d.confirmedAfter()
}

// cachedVersions returns the result of find. It calls find only if the database changed since
// the last call with the key, or if the credential has lapsed.
func (d *DB) cachedVersions(key versionsKey, find func() (authorized, error)) (Versions, error) {
	cached, state, ok := d.versions.get(key)
	if ok && !d.lapsed(cached.lapse) {
		return cached.Versions, nil
	}
	result, err := find()
	if err == nil && result.Confirmed {
		d.versions.put(key, state, result)
	}
	return result.Versions, err
}

// get returns the cached result for a key, if it is of the current state, and that state.
func (c *versionsCache) get(key versionsKey) (result authorized, state walState, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	if c.index == nil {
		return authorized{}, walState{}, false
	}
	state, ok = c.index.state()
	if !ok || state != c.state {
		return authorized{}, state, false
	}
	result, ok = c.results[key]
	return result, state, ok
}

// put caches a result that was read in this state or a later one, unless the state has changed.
func (c *versionsCache) put(key versionsKey, state walState, result authorized) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.index == nil {
		return
	}
	if now, ok := c.index.state(); !ok || now != state {
		return
	}
	if state != c.state || len(c.results) >= maxCachedVersions {
		c.state, c.results = state, map[versionsKey]authorized{}
	}
	c.results[key] = result
}

// open starts caching, unless the database has no WAL-index.
func (c *versionsCache) open(ctx context.Context) error {
	if c.connector == nil {
		return nil
	}
	index, err := openWALIndex(ctx, c.connector)
	if errors.Is(err, errNoWALIndex) {
		return nil
	}
	c.index = index
	return err
}

// close ends caching. Closing the last connection unmaps the memory of the index.
func (c *versionsCache) close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.index == nil {
		return nil
	}
	index := c.index
	c.index = nil
	return index.conn.Close()
}
