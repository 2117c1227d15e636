package db

import (
	"context"
	"database/sql"
	"sort"
	"strings"
	"sync"
)

const (
	// searchedAccount is up to how many repositories of an account are searched in
	// memory, and from how many on it pays.
	searchedAccount, searchedFrom = 25_000, 500
	// searchedBytes bounds the texts in memory, of all accounts.
	searchedBytes = 8 << 20
	// fewHits is up to how many hits are looked up by id. With more of them the rows
	// of a page are soon found in the list's own order.
	fewHits = 500
)

// searchTexts caches the texts of recently searched accounts by the account's version,
// which changes with every text. It is only used for users who see all of an account: for
// others the duration of a search would depend on repositories that they don't see. The
// results are still joined with the user's access.
type searchTexts struct {
	mu       sync.Mutex
	accounts map[int64]*accountTexts
	bytes    int
}

// accountTexts are the texts of one account's repositories, one after the other.
type accountTexts struct {
	version int64
	text    string // each ended by NUL, which no text contains
	ends    []int  // where each ends
	ids     []int64
}

const selectSearchTexts = `
SELECT
    o.version,
    r.id,
    r.search
FROM accounts AS o
CROSS JOIN repositories AS r
WHERE o.id = $1
  AND r.account_id = o.id
LIMIT $2`

// find lists the first fewHits repositories of the record's account whose texts
// contain a needle, and counts all. It is not ok where a query has to find them.
func (s *searchTexts) find(ctx context.Context, on queryer, through InstallationRecord, needle string) (hits []int64, total int64, ok bool, err error) {
	if through.RepositoryCount < searchedFrom || through.RepositoryCount > searchedAccount || strings.Contains(needle, "\x00") {
		return nil, 0, false, nil
	}
	s.mu.Lock()
	texts := s.accounts[through.accountID]
	s.mu.Unlock()
	if texts == nil || texts.version != through.AccountVersion {
		if texts, err = readTexts(ctx, on, through.accountID); err != nil {
			return nil, 0, false, err
		}
		s.keep(through.accountID, texts)
	}
	if int64(len(texts.ids)) != through.RepositoryCount {
		return nil, 0, false, nil // the account is large, or the user sees only a part of it
	}
	hits, total = texts.find(needle)
	return hits, total, true, nil
}

func (t *accountTexts) find(needle string) (hits []int64, total int64) {
	for at := 0; at < len(t.text); {
		i := strings.Index(t.text[at:], needle)
		if i < 0 {
			break
		}
		n := sort.SearchInts(t.ends, at+i+1)
		if total++; total <= fewHits {
			hits = append(hits, t.ids[n])
		}
		at = t.ends[n]
	}
	return hits, total
}

func readTexts(ctx context.Context, on queryer, accountID int64) (*accountTexts, error) {
	texts := &accountTexts{}
	var text strings.Builder
	_, err := collect(ctx, on, func(rows *sql.Rows) (none struct{}, err error) {
		var id int64
		var search sql.RawBytes
		if err := rows.Scan(&texts.version, &id, &search); err != nil {
			return none, err
		}
		text.Write(search)
		text.WriteByte(0)
		texts.ids = append(texts.ids, id)
		texts.ends = append(texts.ends, text.Len())
		return none, nil
	}, selectSearchTexts, accountID, searchedAccount+1)
	texts.text = text.String()
	if len(texts.ids) > searchedAccount {
		texts.text, texts.ends = "", nil
	}
	return texts, err
}

// keep caches the texts of an account, and evicts others for them.
func (s *searchTexts) keep(accountID int64, texts *accountTexts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.accounts == nil {
		s.accounts = map[int64]*accountTexts{}
	}
	if former := s.accounts[accountID]; former != nil {
		s.bytes -= former.size()
	}
	s.accounts[accountID] = texts
	s.bytes += texts.size()
	for other, kept := range s.accounts {
		if s.bytes <= searchedBytes {
			break
		}
		if other != accountID {
			s.bytes -= kept.size()
			delete(s.accounts, other)
		}
	}
}

// size is the approximate size of the texts in bytes.
func (t *accountTexts) size() int { return len(t.text) + 16*len(t.ids) }
