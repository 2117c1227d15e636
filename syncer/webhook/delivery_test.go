package webhook

import (
	"errors"
	"strings"
	"testing"
)

func TestABodyThatIsNotJSONIsNotADelivery(t *testing.T) {
	for _, payload := range []string{"", "null", "[]", `{"action":7}`, `{"action":"` + strings.Repeat("a", 101) + `"}`, `{"installation":{"id":"7"}}`, "{}{}"} {
		if _, err := ReadDelivery("one", "ping", []byte(payload)); !errors.Is(err, ErrNotADelivery) {
			t.Errorf("%.30q: %v", payload, err)
		}
	}
	if d, err := ReadDelivery("one", "ping", []byte(`{"installation":null,"action":"a\u0000b"}`)); err != nil || d.Action != "ab" {
		t.Errorf("%+v, %v", d, err)
	}
}
