package audit

import (
	"sync"
	"time"
)

// strangers count events that aren't recorded yet.
type strangers struct {
	mu       sync.Mutex
	since    time.Time
	times    map[string]int64 // since each was last recorded
	recorded int              // networks and actions, in this minute
}

// maxStrangers bounds the entries of a minute, and what is remembered.
const maxStrangers = 60

// count counts an event, and returns how many to record now.
func (s *strangers) count(key string, now time.Time) int64 {
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
	if s.recorded >= maxStrangers {
		return 0
	}
	s.recorded, s.times[key] = s.recorded+1, 0
	return 1
}
