package syncer

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

const (
	// decoding is how many pages may be decoded, or wait to be stored, besides
	// those that are asked for: it bounds the memory a sync takes.
	decoding = 4
	// together is how many pages that have arrived are stored in one transaction.
	together = 5
)

// secondTryAfter is how long a page waits that is asked for again within its
// sync, where it may have been a single request that failed.
const secondTryAfter = 100 * time.Millisecond

// errUneven: the list changed while it was read, so that this reading proves
// nothing.
var errUneven = errors.New("github: the pages of the list don't fit together")

// reading reads the repositories that an installation reaches once over,
// several pages at a time, and stores them as they arrive.
type reading struct {
	db.Pass
	s      *Syncer
	user   *github.UserClient
	target db.SyncTarget

	total, pagesTotal int64 // as page 1 told, 0 before
	pagesDone, met    int64
	progressed        bool // something was read that need not be read again
}

// reading is the one that the sync has under way, or a new one.
func (s *Syncer) reading(ctx context.Context, target db.SyncTarget, run int64) (*reading, error) {
	at, err := s.db.ResumePass(ctx, target, run)
	if errors.Is(err, db.ErrTooManyPasses) {
		return nil, errShifted
	}
	if err != nil {
		return nil, err
	}
	return &reading{
		Pass: at, s: s, target: target, met: at.Seen, pagesDone: int64(len(at.Done)),
		user: s.github.AsUserInBackground(target.UserID),
	}, nil
}

// read tells whether the reading met the whole list: every page came, with one
// total throughout and as many different repositories. Page 1 goes first, since
// it tells how many there are.
func (r *reading) read(ctx context.Context) (whole bool, err error) {
	done := make(map[int64]bool, len(r.Done))
	for _, page := range r.Done {
		done[page.Number] = true
		if page.Number == 1 {
			r.learn(page)
		}
	}
	arrived := make(chan db.SyncPage, decoding)
	if !done[1] {
		first, err := r.fetch(ctx, ctx, 1)
		if err != nil {
			return false, err
		}
		r.learn(first.PageSummary)
		done[1] = true
		arrived <- first // to be stored while others are asked for
	}
	for _, page := range r.Done {
		if page.Total != r.total {
			return false, nil
		}
	}
	if err := r.rest(ctx, done, arrived); errors.Is(err, errUneven) {
		return false, nil
	} else if err != nil {
		return false, err
	}
	met, err := r.s.db.CountSeen(ctx, r.target, r.Pass)
	return err == nil && met == r.total, err
}

// learn takes from page 1 how many pages there are. A server may put less on a
// page than it was asked for.
func (r *reading) learn(first db.PageSummary) {
	r.total, r.pagesTotal = first.Total, 1
	if first.More && first.Items > 0 {
		r.pagesTotal = (first.Total + first.Items - 1) / first.Items
	}
}

// rest reads the pages that aren't done, and stores what arrives. After the
// first failure nothing more is asked. What is under way then may still arrive,
// since GitHub has counted it already, and is stored.
func (r *reading) rest(ctx context.Context, done map[int64]bool, arrived chan db.SyncPage) error {
	going, stop := context.WithCancel(ctx)
	defer stop()
	stored := make(chan error, 1)
	go func() {
		err := jobs.Guard(func() error { return r.store(ctx, arrived) })
		stop()
		for range arrived { // lets those go that still bring something
		}
		stored <- err
	}()

	requests, going := errgroup.WithContext(going)
	requests.SetLimit(github.Parallel + decoding)
	for number := int64(2); number <= r.pagesTotal && going.Err() == nil; number++ {
		if done[number] {
			continue
		}
		requests.Go(func() error {
			return jobs.Guard(func() error {
				page, err := r.fetch(ctx, going, number)
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

// store stores pages until no more arrive, as many at a time as are there.
func (r *reading) store(ctx context.Context, arrived <-chan db.SyncPage) error {
	for page := range arrived {
		pages := []db.SyncPage{page}
		for more := true; more && len(pages) < together; {
			select {
			case page, more = <-arrived:
				if more {
					pages = append(pages, page)
				}
			default:
				more = false
			}
		}
		if err := r.put(ctx, pages); err != nil {
			return err
		}
	}
	return nil
}

// put stores pages, also of a reading that turns out not to be whole: what is
// there may be added, whatever was missed. The error is errUneven where going
// on would prove nothing, or go on for ever (a server that repeats its pages).
func (r *reading) put(ctx context.Context, pages []db.SyncPage) error {
	fresh, err := r.s.db.PutPages(ctx, r.target, r.Pass, pages)
	if err != nil {
		return err
	}
	r.progressed = true
	r.pagesDone += int64(len(pages))
	r.met += fresh
	if err := r.s.db.ProgressSync(ctx, r.Run, int(r.pagesDone), int(r.pagesTotal), int(r.met)); err != nil {
		return err
	}
	if r.met > r.total || fresh == 0 && r.total > 0 {
		return errUneven
	}
	for _, page := range pages {
		if page.Total != r.total {
			return errUneven
		}
	}
	return nil
}

// fetch asks for a page, and once more where that may help at once, unless
// going has ended.
func (r *reading) fetch(ctx, going context.Context, number int64) (db.SyncPage, error) {
	page, err := r.ask(ctx, going, number)
	// What took its whole time would take it again.
	if !errors.Is(err, github.ErrUnavailable) || errors.Is(err, context.DeadlineExceeded) {
		return page, err
	}
	select {
	case <-going.Done():
		return page, err
	case <-time.After(jobs.Jitter(secondTryAfter)):
	}
	return r.ask(ctx, going, number)
}

func (r *reading) ask(ctx, going context.Context, number int64) (db.SyncPage, error) {
	release, err := r.s.github.AcquireSlot(going, r.target.UserID)
	if err != nil {
		return db.SyncPage{}, err
	}
	defer release()
	if err := going.Err(); err != nil {
		return db.SyncPage{}, err
	}
	var known db.SyncPage
	answer, err := r.user.FetchRepositories(ctx, r.target.GitHubID, number, func(tokenVersion int64) (string, error) {
		stored, err := r.s.db.FindCachedPage(ctx, r.target, number, tokenVersion)
		if errors.Is(err, db.ErrNotFound) {
			err = nil
		}
		known = db.SyncPage{PageSummary: stored.PageSummary, TokenVersion: tokenVersion, Unchanged: &stored}
		return stored.ETag, err
	})
	if err != nil || answer.Unchanged {
		return known, err
	}
	release() // the next request may go while this page is decoded
	page, err := answer.Repositories()
	if err != nil {
		return db.SyncPage{}, err
	}
	return db.SyncPage{
		PageSummary:  db.PageSummary{Number: number, Total: page.Total, Items: page.Items, More: page.Next > number},
		TokenVersion: answer.TokenVersion,
		ETag:         answer.ETag,
		Repositories: page.Repositories,
	}, nil
}
