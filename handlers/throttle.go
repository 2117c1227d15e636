package handlers

import (
	"net/netip"
	"sync"
	"time"
)

// throttle counts failures by where they come from, and has those with too many
// wait. What it forgets when an instance stops is no loss.
type throttle struct {
	most   int           // failures that go unpunished
	within time.Duration // how long they count, and how long the wait is
	now    func() time.Time

	mu       sync.Mutex
	failures map[netip.Prefix]failures
}

type failures struct {
	count int
	until time.Time
}

// throttled bounds how many places are remembered; beyond it all of them count
// as one.
const throttled = 10_000

func newThrottle(most int, within time.Duration, now func() time.Time) *throttle {
	return &throttle{most: most, within: within, now: now, failures: map[netip.Prefix]failures{}}
}

// try counts a try as a failure until clear says otherwise. Where there were too
// many it counts none, and tells how long to wait.
func (t *throttle) try(ip string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, place := t.now(), t.place(ip)
	found := t.failures[place]
	switch {
	case !found.until.After(now):
		found.count = 0
	case found.count >= t.most:
		return found.until.Sub(now)
	}
	t.failures[place] = failures{found.count + 1, now.Add(t.within)}
	return 0
}

// clear forgets the failures of a place, where one got it right.
func (t *throttle) clear(ip string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.failures, t.place(ip))
}

// place is an IPv4 address, or the network that one customer gets of IPv6. What
// can't be read, and what no longer fits, share a place.
func (t *throttle) place(ip string) netip.Prefix {
	address, err := netip.ParseAddr(ip)
	if err != nil {
		return netip.Prefix{}
	}
	address = address.Unmap().WithZone("")
	bits := 64
	if address.Is4() {
		bits = 32
	}
	place, _ := address.Prefix(bits) // fails for no address of that length
	if _, known := t.failures[place]; known || len(t.failures) < throttled {
		return place
	}
	t.forget()
	if len(t.failures) < throttled {
		return place
	}
	return netip.Prefix{}
}

// forget drops those who need not wait any more.
func (t *throttle) forget() {
	now := t.now()
	for place, found := range t.failures {
		if !found.until.After(now) {
			delete(t.failures, place)
		}
	}
}
