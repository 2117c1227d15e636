package views_test

import (
	"strings"
	"testing"
)

// Without JavaScript, a page shows how old a list is and a link to refresh it.
func TestListsShowTheirAgeWithoutJavaScript(t *testing.T) {
	for name, want := range map[string][2]string{
		"installations":         {"/installations", "3 minutes ago"},
		"installation":          {"/installations/2", "12 minutes ago"},
		"installation-filtered": {"page=3", "12 minutes ago"},
		"installation-syncing":  {"/installations/2", "5 hours ago"},
		"imports":               {"/imports", "14 March 2026, 15:09:26 UTC"},
	} {
		page := state(t, name)
		// What stands in noscript is text to a parser that could run scripts.
		if html, _ := page.Find("main noscript").Html(); !strings.Contains(html, "Refresh") || !strings.Contains(html, want[0]) {
			t.Errorf("%s has a broken link: %s", name, html)
		}
		if text := page.Find("main").Text(); !strings.Contains(text, want[1]) {
			t.Errorf("%s doesn't say %q", name, want[1])
		}
	}
}

// Every list names what it follows; the note of being away is there, and hidden.
func TestPagesNameTheirTopics(t *testing.T) {
	for name, want := range map[string]string{
		"installations": "installations", "installation": "installation-2 sync-2 installation-2", "imports": "imports", "new-installation": "installations",
	} {
		page := state(t, name)
		var topics []string
		for _, region := range page.Find("[data-live][data-version][id]").EachIter() {
			topics = append(topics, region.AttrOr("data-live", ""))
		}
		if got := strings.Join(topics, " "); got != want {
			t.Errorf("%s follows %q, want %q", name, got, want)
		}
		if page.Find(`#away[role=status] .notice[hidden]`).Length() != 1 {
			t.Errorf("%s has no offline notice, or shows it", name)
		}
	}
	if state(t, "installation-away").Find("#away .notice[hidden]").Length() != 0 {
		t.Error("the note isn't shown")
	}
	if state(t, "landing").Find("#away, script[src*=live]").Length() != 0 {
		t.Error("a page without a session has topics")
	}
}
