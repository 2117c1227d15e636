package db

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"sync"
)

const (
	// Lists of minSearched to maxSearched repositories are searched in
	// memory.
	maxSearched, minSearched = 25_000, 500
	// searchedBytes limits the texts of all lists in memory.
	searchedBytes = 8 << 20
	// fewHits is the maximum number of hits that are looked up by id. With more, a list that
	// isn't sorted by name is read in its own order, which soon finds the rows of a page.
	fewHits = 500
)

// searchTexts caches the texts of the lists that were searched last. Users who see
// all of an account share its texts. Other users have separate texts, so that the duration
// of a search doesn't depend on repositories that they don't see. Hits are still joined with
// the user's access.
type searchTexts struct {
	mu    sync.Mutex
	lists map[searchedList]*listTexts
	bytes int
}

// searchedList is an account, or the repositories that one record has access to.
type searchedList struct{ account, record int64 }

// listTexts are the texts of a list's repositories, in the order of the names.
type listTexts struct {
	version textsVersion
	blocks  []textBlock
	n       int64 // of repositories
}

// textBlockRows is how many texts a block has, but for the last: allocated exactly and once, they leave
// no garbage behind, as texts that grow with the list would.
const textBlockRows = 512

// textBlock has the texts of a part of the list, one after the other.
type textBlock struct {
	text string  // each ended by NUL, which no text contains
	ends []int32 // where each ends
	ids  []int64
}

// textsVersion changes with every text of a list: those of all that an account has
// with the account's version, those of a record with its own as well.
type textsVersion struct{ account, record int64 }

const (
	selectAccountTexts = `
SELECT
    o.version,
    0,
    r.id,
    r.search
FROM accounts AS o
CROSS JOIN repositories AS r
WHERE o.id = $1
  AND r.account_id = o.id
ORDER BY r.name_key, r.id
LIMIT $2`
	selectRecordTexts = `
SELECT
    o.version,
    ir.version,
    r.id,
    r.search
FROM installation_records AS ir
CROSS JOIN accounts AS o
CROSS JOIN access AS a
CROSS JOIN repositories AS r
WHERE ir.id = $1
  AND o.id = ir.account_id
  AND a.user_id = ir.user_id
  AND a.account_id = ir.account_id
  AND r.id = a.repository_id
ORDER BY a.name_key, a.repository_id
LIMIT $2`
	// Whether a user sees all of an account is decided by this. The LIMIT keeps a large
	// account from being counted.
	countSearched = `
SELECT COUNT(*)
FROM (SELECT 1 FROM repositories WHERE account_id = $1 LIMIT $2) AS first`
)

// find lists the record's repositories whose texts contain a needle, in the order of the
// names. It is not ok where a query has to find them.
func (s *searchTexts) find(ctx context.Context, on queryer, through InstallationRecord, needle string) (hits []int64, ok bool, err error) {
	if through.RepositoryCount < minSearched || through.RepositoryCount > maxSearched || strings.Contains(needle, "\x00") {
		return nil, false, nil
	}
	texts, err := s.of(ctx, on, through)
	if err != nil || texts.n != through.RepositoryCount {
		return nil, false, err // it changed since the record was read
	}
	return texts.find(needle), true, nil
}

// of returns the texts of a record's list, from the cache if they are current.
func (s *searchTexts) of(ctx context.Context, on queryer, through InstallationRecord) (*listTexts, error) {
	all, own := searchedList{account: through.accountID}, searchedList{record: through.ID}
	if texts := s.cached(all, textsVersion{through.AccountVersion, 0}); texts != nil && texts.n == through.RepositoryCount {
		return texts, nil
	}
	if texts := s.cached(own, textsVersion{through.AccountVersion, through.RecordVersion}); texts != nil {
		return texts, nil
	}
	n, err := newListQuery(countSearched, through.accountID, maxSearched+1).count(ctx, on)
	if err != nil {
		return nil, err
	}
	list, query, id := own, selectRecordTexts, through.ID
	if n == through.RepositoryCount {
		list, query, id = all, selectAccountTexts, through.accountID
	}
	texts, err := readTexts(ctx, on, query, id)
	if err == nil {
		s.keep(list, texts)
	}
	return texts, err
}

func (s *searchTexts) cached(list searchedList, version textsVersion) *listTexts {
	s.mu.Lock()
	defer s.mu.Unlock()
	if texts := s.lists[list]; texts != nil && texts.version == version {
		return texts
	}
	return nil
}

func (t *listTexts) find(needle string) (hits []int64) {
	for _, block := range t.blocks {
		for at := 0; at < len(block.text); {
			i := strings.Index(block.text[at:], needle)
			if i < 0 {
				break
			}
			n, _ := slices.BinarySearch(block.ends, int32(at+i+1))
			hits = append(hits, block.ids[n])
			at = int(block.ends[n])
		}
	}
	return hits
}

func readTexts(ctx context.Context, on queryer, query string, id int64) (*listTexts, error) {
	texts := &listTexts{}
	var next struct {
		text []byte
		ends []int32
		ids  []int64
	}
	endBlock := func() {
		texts.blocks = append(texts.blocks, textBlock{string(next.text), slices.Clone(next.ends), slices.Clone(next.ids)})
		texts.n += int64(len(next.ids))
		next.text, next.ends, next.ids = next.text[:0], next.ends[:0], next.ids[:0]
	}
	for repository, err := range stream(ctx, on, func(rows *sql.Rows) (id int64, err error) {
		var search sql.RawBytes
		err = rows.Scan(&texts.version.account, &texts.version.record, &id, &search)
		next.text = append(next.text, search...)
		return id, err
	}, query, id, maxSearched+1) {
		if err != nil {
			return nil, err
		}
		next.text = append(next.text, 0)
		next.ids = append(next.ids, repository)
		if next.ends = append(next.ends, int32(len(next.text))); len(next.ends) == textBlockRows {
			endBlock()
		}
	}
	endBlock()
	return texts, nil
}

// keep caches the texts of a list, and evicts others for them.
func (s *searchTexts) keep(list searchedList, texts *listTexts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lists == nil {
		s.lists = map[searchedList]*listTexts{}
	}
	if previous := s.lists[list]; previous != nil {
		s.bytes -= previous.size()
	}
	s.lists[list] = texts
	s.bytes += texts.size()
	for other, cached := range s.lists {
		if s.bytes <= searchedBytes {
			break
		}
		if other != list {
			s.bytes -= cached.size()
			delete(s.lists, other)
		}
	}
}

// size is the approximate size of the texts in bytes.
func (t *listTexts) size() int {
	size := 12 * int(t.n)
	for _, block := range t.blocks {
		size += len(block.text)
	}
	return size
}
