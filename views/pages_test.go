package views_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"neptun/db"
	"neptun/views"
	"neptun/views/ui"
)

func TestMarkupFromGitHubIsText(t *testing.T) {
	doc := state(t, "installation-nasty")
	if doc.Find(".rows script, .rows b, .rows img, .rows i").Length() != 0 {
		t.Error("a description became markup")
	}
	if got := doc.Find(".desc").Text(); !strings.Contains(got, `<script>alert(1)</script> <b>bold</b> & "quotes"`) {
		t.Errorf("the description has no text: %q", got)
	}
	name := doc.Find(".rows > tr").Eq(5).Find(".name")
	if name.Find("a").Length() != 0 || !strings.Contains(name.Text(), "kelp-forest") {
		t.Error("an address that isn't http became a link, or its name is missing")
	}
}

func TestOnlyWebAddressesBecomeLinks(t *testing.T) {
	for _, bad := range []string{"javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", "/logout", "ftp://x/y", " javascript:alert(1)", "https:evil", ""} {
		i := db.InstallationRecord{HTMLURL: bad, Account: db.Account{Login: "a", AvatarURL: bad}}
		f := ui.Frame{Now: now, GitHubURL: bad}
		f.InstallURL = strings.Replace(bad, "/logout", "", 1) // an own path is fine there
		if html := draw(t, views.Installations(views.InstallationsPage{Frame: f})); strings.Contains(html, "Install on") {
			t.Errorf("%q became a link to install", bad)
		}
		doc := parse(t, draw(t, views.Repositories(views.RepositoriesPage{Frame: f, Installation: i})))
		doc.Find("a[href]").Each(func(_ int, s *goquery.Selection) {
			if href := s.AttrOr("href", ""); !slices.Contains([]string{"#main", "/", "/installations", "/installations/0", "/access", "/installations/0/settings", "/installations/0/auto-import", "/installations/0/history", "/docs"}, href) {
				t.Errorf("%q became a link to %q", bad, href)
			}
		})
		if doc.Find("img").Length() != 0 {
			t.Errorf("%q became a picture", bad)
		}
	}
}

func TestFragmentsAreTheirPagesRegions(t *testing.T) {
	for page, regions := range map[string][]string{
		"installations": {"installations"},
		"installation":  {"sync", "repositories", "results"},
		"imports":       {"imports", "results"},
	} {
		for _, id := range regions {
			html := strings.TrimSpace(draw(t, component(t, page), id))
			root := parse(t, html).Find("body").Children()
			if root.Length() != 1 || root.AttrOr("id", "") != id {
				t.Errorf("fragment %s of %s is not the element with that id", id, page)
			}
			if !strings.Contains(draw(t, component(t, page)), html) {
				t.Errorf("fragment %s of %s is not part of the page", id, page)
			}
		}
	}
}

// P7, P40: a page polls only while something is running.
func TestOnlyALiveSyncPolls(t *testing.T) {
	for name, want := range map[string]string{
		"installation": "", "installation-failed": "", "installation-suspended": "", "installations-empty": "", "installations-failed": "",
		"installation-syncing": "every 2s", "installation-queued": "every 2s", "installation-waiting": "every 30s",
		"installations-first-sync": "every 2s", "installations-waiting": "every 30s", "installations": "every 2s",
	} {
		if got := state(t, name).Find("[hx-get]").AttrOr("hx-trigger", ""); got != want {
			t.Errorf("%s polls %q, want %q", name, got, want)
		}
	}
}

func TestSyncShowsItsProgress(t *testing.T) {
	for name, want := range map[string][]string{
		"installation":             {"Synced 12 minutes ago", "Sync now"},
		"installation-syncing":     {"37 of 100 pages", "3,700 repositories so far, about 2 minutes left", "last complete list, from 5 hours ago"},
		"installation-waiting":     {"Waiting for GitHub until 15:49 UTC", "The hourly limit of requests is used up."},
		"installation-failed":      {"Last sync failed", "GitHub answered 502 three times.", "from 5 hours ago", "Sync now"},
		"installations-failed":     {"GitHub couldn't be reached.", "from 1 day ago", "abyssal", "Sync now"},
		"installations-first-sync": {"Loading your installations"},
		"installations-empty":      {"Install Neptun to get started", "Install on GitHub"},
	} {
		text := strings.Join(strings.Fields(state(t, name).Find("main").Text()), " ")
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s doesn't say %q: %s", name, part, text[:min(len(text), 400)])
			}
		}
	}
}

// P10: an empty list mentions that the app can only access selected repositories, and where to change that.
func TestP10EmptyListsSayWhatToDo(t *testing.T) {
	for name, want := range map[string]string{
		"installation-none-match":       "/installations/2",
		"installation-page-beyond":      "/installations/2?page=9",
		"installation-nothing-selected": "https://github.com/organizations/abyssal/settings/installations/40000002",
		"imports-empty":                 "/installations",
		"imports-none-match":            "/imports",
		"imports-page-beyond":           "/imports?page=3",
	} {
		if got := state(t, name).Find("#results .empty a.primary").AttrOr("href", ""); got != want {
			t.Errorf("%s leads to %q, want %q", name, got, want)
		}
	}
}

func TestSuspendedInstallationImportsNothing(t *testing.T) {
	doc := state(t, "installation-suspended")
	if got := doc.Find("#suspended").Text(); !strings.Contains(got, "2 days ago") || !strings.Contains(got, "abyssal-admin") {
		t.Errorf("the banner says %q", got)
	}
	doc.Find("form.list button:not([type=button])").Each(func(_ int, s *goquery.Selection) {
		_, disabled := s.Attr("disabled")
		if imports := strings.HasPrefix(s.Text(), "Import"); disabled != imports {
			t.Errorf("%q: disabled is %v", s.Text(), disabled)
		}
	})
	if got := doc.Find("#sync").Text(); !strings.Contains(got, "Syncs are paused") {
		t.Errorf("the sync says %q", got)
	}
	if doc.Find("#sync-now").Length() != 0 {
		t.Error("a sync is offered")
	}
}

func TestListKeepsItsFilter(t *testing.T) {
	doc := state(t, "installation-filtered")
	query := "archived=false&imported=false&language=Brainf%2A%2A%2A&page=4&q=%22wave%22+%26+%3Ctide%3E&sort=-pushed_at&topic=sonar&visibility=private"
	if got := doc.Find("#page-Next").AttrOr("href", ""); got != "/installations/2?"+query {
		t.Errorf("the next page is %s", got)
	}
	form := doc.Find("form.list")
	if got, want := form.Find("input[name=return_to]").AttrOr("value", ""), "/installations/2?"+strings.Replace(query, "page=4", "page=3", 1); got != want {
		t.Errorf("return_to is %s", got)
	}
	if got := form.Find("input[name=q]").AttrOr("value", ""); got != `"wave" & <tide>` {
		t.Errorf("the form carries q=%s", got)
	}
	if got := doc.Find(".filter select[name=language] option[selected]").AttrOr("value", ""); got != "Brainf***" {
		t.Errorf("the selected language is %q", got)
	}
	if got := doc.Find(".tools [name=all]").Text(); got != "Import all 412…" {
		t.Errorf("what imports all: %q", got)
	}
}

func TestErrorsHaveDefaultTexts(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 405, 413, 418, 422, 429, 500, 502, 503, 504, 599} {
		doc := parse(t, draw(t, ui.Error(ui.ErrorPage{Status: status, RequestID: "abc"})))
		if doc.Find("h1").Text() == "" || doc.Find(".error .actions a").Length() == 0 || doc.Find(".error code").Text() != "abc" {
			t.Errorf("%d lacks a heading, a link or its request ID", status)
		}
	}
	html := draw(t, ui.ErrorFragment(ui.ErrorPage{Status: 422, Text: "Choose at least one repository."}))
	if strings.Contains(html, "<html") || !strings.Contains(html, "Choose at least one repository.") {
		t.Errorf("the fragment is %s", html)
	}
}

func TestSignInReturnsToThePage(t *testing.T) {
	if got := state(t, "login").Find("a.primary").AttrOr("href", ""); got != "/auth/github?return_to=%2Finstallations%2F7%3Fq%3Da%26page%3D2" {
		t.Errorf("the login leads to %s", got)
	}
}

func TestTheAccountShowsTheAuthorizationAndErrors(t *testing.T) {
	for name, want := range map[string][]string{
		"account":             {"3,234 of 5,000 requests left", "about 31 requests", "metadata: read", "renewed automatically", "Revoke authorization"},
		"account-unlimited":   {"Rate limiting is turned off", "about 1 request.", "Never", "None"},
		"account-used-up":     {"0 of 5,000 requests", "continue automatically"},
		"account-unavailable": {"isn't responding properly", "Reset token", "Revoke authorization"},
	} {
		text := strings.Join(strings.Fields(state(t, name).Find("main").Text()), " ")
		for _, part := range want {
			if !strings.Contains(text, part) {
				t.Errorf("%s doesn't say %q: %s", name, part, text)
			}
		}
	}
}

// R12 13: texts to be used elsewhere have a button that copies them.
func TestR12URLsAreCopied(t *testing.T) {
	for name, want := range map[string][]string{
		"setup": {"callback-url"}, "app": {"callback-url", "setup-url", "webhook-url"}, "app-hook-none": {"webhook-url"}, "overview": {"script-line"}, "tokens-created": {"secret"},
	} {
		for _, id := range want {
			page := state(t, name)
			if page.Find(`[data-copy="`+id+`"]`).Length() != 1 || page.Find("input[readonly]#"+id).AttrOr("value", "") == "" {
				t.Errorf("%s: nothing copies %s", name, id)
			}
		}
	}
}
