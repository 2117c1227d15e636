package openapi

import "testing"

func TestS11UnsafeURLsAreNull(t *testing.T) {
	t.Parallel()
	if got := URLOrNull("javascript:alert(1)"); got != nil {
		t.Errorf("written as %q", *got)
	}
	if got := URLOrNull("https://till.example"); got == nil || *got != "https://till.example" {
		t.Errorf("written as %v", got)
	}
	if got := WebURL("javascript:alert(1)"); got != "" {
		t.Errorf("written as %q", got)
	}
}
