package syncer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

// decoding is how many pages may be decoded or wait to be stored, in addition to those
// being requested. It bounds the memory of a sync.
const decoding = 4

// secondTryAfter is the delay before a page is requested again within its sync, in
// case just that one request failed.
const secondTryAfter = 100 * time.Millisecond

// errUneven means that the list changed while it was read, so this pass proves nothing.
var errUneven = errors.New("syncer: the pages of the list don't fit together")

// pass reads the repositories of an installation once, several pages at a time, and
// stores them as they arrive.
type pass struct {
	db.Pass
	s      *Syncer
	user   *github.UserClient
	target db.SyncTarget

	total, pagesTotal int64 // from page 1, 0 before
	pagesDone         int64
	seen              int64 // repositories, including skipped ones
	skipped           db.Skipped
	last              db.PageSummary // the page with the highest number
	end               atomic.Int64   // the number of a page past the end, 0 for none
	uneven            bool
	progressed        bool // something was read that needn't be read again
}

// pass returns the sync's unfinished pass, or a new one.
func (s *Syncer) pass(ctx context.Context, target db.SyncTarget, run int64) (*pass, error) {
	at, err := s.db.ResumePass(ctx, target, run)
	if errors.Is(err, db.ErrTooManyPasses) {
		return nil, errShifted
	}
	if err != nil {
		return nil, err
	}
	p := &pass{
		Pass: at, s: s, target: target, seen: at.Seen,
		user: s.github.AsUserInBackground(target.UserID),
	}
	for _, page := range at.Done {
		if page.Number == 1 {
			p.setTotals(page)
		}
	}
	for _, page := range at.Done {
		p.count(page)
	}
	return p, nil
}

// thorough reports whether the pass reads the list to its end even if its pages are
// inconsistent: if that happens twice, what both passes saw is the list.
func (p *pass) thorough() bool { return p.Shifted > 0 }

// read reads the list, and reports whether the pass was whole: every page arrived, all
// with the same total, and with that many different repositories. Page 1 is read
// first, since it says how many pages there are.
func (p *pass) read(ctx context.Context) (whole bool, err error) {
	done := make(map[int64]bool, len(p.Done))
	for _, page := range p.Done {
		done[page.Number] = true
	}
	arrived := make(chan db.SyncPage, decoding)
	if !done[1] {
		first, err := p.fetch(ctx, ctx, 1)
		if err != nil {
			return false, err
		}
		p.setTotals(first.PageSummary)
		done[1] = true
		arrived <- first // stored while others are requested
	}
	if p.uneven && !p.thorough() {
		return false, nil
	}
	err = p.readRest(ctx, done, arrived)
	if err == nil {
		err = p.follow(ctx)
	}
	if errors.Is(err, errUneven) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	seen, err := p.s.db.CountSeen(ctx, p.target, p.Pass)
	p.seen = seen + p.skipped.Total()
	return err == nil && !p.uneven && p.seen == p.total, err
}

// follow reads further pages while the last one names a next page, or while the total
// says that there are more, or there is none: some servers send no Link header.
func (p *pass) follow(ctx context.Context) error {
	for p.end.Load() == 0 && p.last.Items > 0 && (p.last.More || p.seen < p.total || p.total == github.UnknownTotal) {
		page, err := p.fetch(ctx, ctx, p.last.Number+1)
		if err != nil {
			return err
		}
		if err := p.put(ctx, []db.SyncPage{page}); err != nil {
			return err
		}
	}
	return nil
}

// setTotals computes from page 1 how many pages there are. A server may put fewer items
// on a page than requested.
func (p *pass) setTotals(first db.PageSummary) {
	p.total, p.pagesTotal = first.Total, 1
	if first.More && first.Items > 0 {
		p.pagesTotal = (first.Total + first.Items - 1) / first.Items
	}
}

// count adds a page to the counts.
func (p *pass) count(page db.PageSummary) {
	p.pagesDone++
	p.seen += page.Skipped.Total()
	p.skipped = p.skipped.Plus(page.Skipped)
	p.uneven = p.uneven || page.Total != p.total
	if page.Number > p.last.Number {
		p.last = page
	}
}

// readRest reads and stores the pages that aren't done. After the first failure it sends
// no new requests, but still stores the responses of those in flight, since GitHub has
// already counted them.
func (p *pass) readRest(ctx context.Context, done map[int64]bool, arrived chan db.SyncPage) error {
	fetchCtx, stop := context.WithCancel(ctx)
	defer stop()
	stored := make(chan error, 1)
	go func() {
		err := jobs.Guard(func() error { return p.store(ctx, arrived) })
		stop()
		for range arrived { // unblock the requests that are still sending
		}
		stored <- err
	}()

	requests, fetchCtx := errgroup.WithContext(fetchCtx)
	requests.SetLimit(github.Parallel + decoding)
	for number := int64(2); number <= p.pagesTotal && fetchCtx.Err() == nil && p.end.Load() == 0; number++ {
		if done[number] {
			continue
		}
		requests.Go(func() error {
			return jobs.Guard(func() error {
				page, err := p.fetch(ctx, fetchCtx, number)
				if err == nil {
					arrived <- page
				}
				return err
			})
		})
	}
	failed := requests.Wait()
	close(arrived)
	if err := <-stored; err != nil {
		return err
	}
	return failed
}

// store stores pages until arrived is closed, in batches of those that are waiting.
func (p *pass) store(ctx context.Context, arrived <-chan db.SyncPage) error {
	for page := range arrived {
		pages := []db.SyncPage{page}
		for more := true; more && len(pages) < p.s.db.PagesTogether(); {
			select {
			case page, more = <-arrived:
				if more {
					pages = append(pages, page)
				}
			default:
				more = false
			}
		}
		if err := p.put(ctx, pages); err != nil {
			return err
		}
	}
	return nil
}

// put stores pages, even in a pass that turns out not to be whole: what is listed can be
// added, whatever the pass missed. The error is errUneven if continuing would prove
// nothing.
func (p *pass) put(ctx context.Context, pages []db.SyncPage) error {
	fresh, err := p.s.db.PutPages(ctx, p.target, p.Pass, pages)
	if err != nil {
		return err
	}
	p.progressed = true
	p.seen += fresh
	for _, page := range pages {
		p.count(page.PageSummary)
		fresh += page.Skipped.Total()
	}
	if err := p.s.db.ProgressSync(ctx, p.Run, int(p.pagesDone), int(max(p.pagesTotal, p.pagesDone)), int(p.seen)); err != nil {
		return err
	}
	if fresh == 0 && p.total != 0 {
		p.uneven = true
		p.end.Store(pages[0].Number) // an empty page, or nothing new (some servers repeat their last page)
	}
	if p.seen > p.total {
		p.uneven = true
	}
	if p.uneven && !p.thorough() {
		return errUneven
	}
	return nil
}

// fetch requests a page, and retries it once if an immediate retry may help and
// fetchCtx hasn't ended.
func (p *pass) fetch(ctx, fetchCtx context.Context, number int64) (db.SyncPage, error) {
	page, err := p.request(ctx, fetchCtx, number)
	// A request that timed out would time out again.
	var unavailable *github.UnavailableError
	if !errors.Is(err, github.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) || errors.As(err, &unavailable) {
		return page, err
	}
	select {
	case <-fetchCtx.Done():
		return page, err
	case <-time.After(jobs.Jitter(secondTryAfter)):
	}
	return p.request(ctx, fetchCtx, number)
}

func (p *pass) request(ctx, fetchCtx context.Context, number int64) (db.SyncPage, error) {
	release, err := p.s.github.AcquireSlot(fetchCtx, p.target.UserID)
	if err != nil {
		return db.SyncPage{}, err
	}
	defer release()
	if err := fetchCtx.Err(); err != nil {
		return db.SyncPage{}, err
	}
	if err := p.s.db.StillHeld(ctx); err != nil {
		return db.SyncPage{}, err
	}
	var known db.SyncPage
	page, err := p.user.FetchRepositories(ctx, p.target.GitHubID, number, p.target.Account, func(tokenVersion int64) (string, error) {
		stored, err := p.s.db.FindCachedPage(ctx, p.target, number, tokenVersion)
		if errors.Is(err, db.ErrNotFound) {
			err = nil
		}
		known = db.SyncPage{PageSummary: stored.PageSummary, TokenVersion: tokenVersion, Unchanged: &stored}
		return stored.ETag, err
	})
	if err != nil || page.Unchanged {
		return known, err
	}
	for _, row := range page.Skipped {
		p.s.log.WarnContext(ctx, "skipped a repository in GitHub's list", "record", p.target.RecordID, "page", number, "row", row.Place, "id", row.ID, "reason", row.Reason)
	}
	for _, field := range page.OddFields {
		p.s.log.WarnContext(ctx, "ignored a field in GitHub's list", "record", p.target.RecordID, "page", number, "field", field)
	}
	return db.SyncPage{
		PageSummary: db.PageSummary{
			Number: number, Total: page.Total, Items: page.Items, More: page.Next > number, Skipped: github.CountSkipped(page.Skipped),
		},
		TokenVersion: page.TokenVersion,
		ETag:         page.ETag,
		Repositories: page.Repositories,
	}, nil
}
