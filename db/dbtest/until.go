package dbtest

import (
	"testing"
	"time"
)

// Timeout is how long tests wait for a condition: much longer than it takes, for busy machines.
const Timeout = 2 * time.Minute

// Until waits for a condition, and fails the test if it isn't met in time.
func Until(t testing.TB, what string, fact func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Timeout); !fact(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("timed out after %v waiting until %s", Timeout, what)
		}
	}
}
