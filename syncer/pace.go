package syncer

import (
	"sync"
	"time"
)

// pace spreads what webhooks make Neptun ask in the name of one installation, so
// that a burst of them doesn't run into GitHub's limit, which allows 900 requests a
// minute
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
// Those that wait are joined by others about the same thing.
type pace struct {
	interval time.Duration // between two turns, in the long run
	burst    int           // turns that need not wait

	mu      sync.Mutex
	next    map[int64]time.Time  // by installation
	granted map[string]time.Time // turns that were given and not taken yet
}

func newPace(interval time.Duration, burst int) *pace {
	return &pace{interval: interval, burst: burst, next: map[int64]time.Time{}, granted: map[string]time.Time{}}
}

// reserve gives a thing its turn. It tells for how long to wait for it, and to ask
// then again; 0 for now.
func (p *pace) reserve(installation int64, thing string, now time.Time) time.Duration {
	if p.interval < 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	turn, reserved := p.granted[thing]
	if !reserved {
		turn = p.next[installation]
		if earliest := now.Add(-time.Duration(p.burst) * p.interval); turn.Before(earliest) {
			turn = earliest
		}
		p.next[installation] = turn.Add(p.interval)
	}
	if wait := turn.Sub(now); wait > 0 {
		p.granted[thing] = turn
		return wait
	}
	delete(p.granted, thing)
	return 0
}
