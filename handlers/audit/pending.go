package audit

import (
	"sync"
	"time"
)

// pending counts events that aren't recorded yet.
type pending struct {
	mu       sync.Mutex
	since    time.Time
	times    map[string]int64 // since the last entry of the key
	recorded int              // entries in this minute
}

// maxPending limits the entries per minute, and the keys that are counted.
const maxPending = 60

// count counts an event, and returns how many to record now.
func (s *pending) count(key string, now time.Time) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.since) >= time.Minute || s.times == nil {
		waiting := s.times
		s.since, s.recorded, s.times = now, 0, map[string]int64{}
		if n := waiting[key]; n > 0 {
			s.recorded, s.times[key] = 1, 0
			return n + 1
		}
	}
	waiting, known := s.times[key]
	if known {
		s.times[key] = waiting + 1
		return 0
	}
	if s.recorded >= maxPending {
		return 0
	}
	s.recorded, s.times[key] = s.recorded+1, 0
	return 1
}
