package audit

import (
	"fmt"
	"testing"
	"time"
)

func TestS8UnauthenticatedClientsCannotFloodTheAuditLog(t *testing.T) {
	var s pending
	now := time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC)
	if n := s.count("a", now); n != 1 {
		t.Errorf("the first event is recorded as %d", n)
	}
	for range 1000 {
		if s.count("a", now.Add(time.Second)) != 0 {
			t.Fatal("recorded again within the minute")
		}
	}
	if n := s.count("a", now.Add(time.Minute)); n != 1001 {
		t.Errorf("a minute later %d are recorded", n)
	}
	recorded := 0
	for i := range 10_000 {
		if s.count(fmt.Sprint(i), now.Add(2*time.Minute)) > 0 {
			recorded++
		}
	}
	if recorded != maxPending || len(s.times) > maxPending {
		t.Errorf("%d entries in a minute, %d keys counted", recorded, len(s.times))
	}
}
