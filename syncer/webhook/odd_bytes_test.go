package webhook

import (
	"errors"
	"strings"
	"testing"
)

// R19: an event or action with unusual bytes isn't from GitHub.
func TestR19AnEventWithUnusualBytesIsRejected(t *testing.T) {
	const guid = "0b989ba4-242f-11e5-81e1-c7b6966d2516"
	for _, odd := range []string{strings.Repeat("ü", 100), strings.Repeat("\xff", 200), strings.Repeat("a", 200), ""} {
		if Valid(guid, odd, "created") {
			t.Errorf("the event %q is valid", odd)
		}
		if _, err := ReadDelivery(guid, odd, []byte(`{"action":"created"}`)); !errors.Is(err, ErrNotADelivery) {
			t.Errorf("the event %q is accepted: %v", odd, err)
		}
	}
	for _, odd := range []string{strings.Repeat("ü", 100), strings.Repeat("a", 101)} {
		if Valid(guid, "repository", odd) {
			t.Errorf("the action %q is valid", odd)
		}
		if _, err := ReadDelivery(guid, "repository", []byte(`{"action":"`+odd+`"}`)); !errors.Is(err, ErrNotADelivery) {
			t.Errorf("the action %q is accepted: %v", odd, err)
		}
	}
}
