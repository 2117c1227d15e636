package syncer

import (
	"sync"
	"time"
)

// pace spreads the requests that webhooks cause for one installation, so that a burst
// of webhooks doesn't run into GitHub's limit of 900 requests a minute
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits).
// Webhooks that wait are joined by later ones about the same subject.
type pace struct {
	interval time.Duration // between two requests, on average
	burst    int           // requests that needn't wait

	mu    sync.Mutex
	next  map[int64]time.Time  // by installation
	slots map[string]time.Time // by subject: slots that were reserved and not used yet
}

func newPace(interval time.Duration, burst int) *pace {
	return &pace{interval: interval, burst: burst, next: map[int64]time.Time{}, slots: map[string]time.Time{}}
}

// reserve reserves a slot for a subject. It returns how long to wait before calling it
// again, or 0 if the request may be sent now.
func (p *pace) reserve(installation int64, subject string, now time.Time) time.Duration {
	if p.interval < 0 {
		return 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	slot, reserved := p.slots[subject]
	if !reserved {
		slot = p.next[installation]
		if earliest := now.Add(-time.Duration(p.burst) * p.interval); slot.Before(earliest) {
			slot = earliest
		}
		p.next[installation] = slot.Add(p.interval)
	}
	if wait := slot.Sub(now); wait > 0 {
		p.slots[subject] = slot
		return wait
	}
	delete(p.slots, subject)
	return 0
}
