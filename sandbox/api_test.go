package sandbox_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func idText(id int64) string { return strconv.FormatInt(id, 10) }

func TestEveryResponseMatchesTheDescription(t *testing.T) {
	s := open(t, sandbox.DemoWorld())
	marin, app := s.token("marin"), s.appToken(nil)
	installation := s.list("/user/installations", marin).Installations[0]
	for _, c := range []struct {
		path, token string
		status      int
	}{
		{"", "", 200},
		{"/", "", 200},
		{"/meta", "", 200},
		{"/rate_limit", "", 200},
		{"/rate_limit", marin, 200},
		{"/user", marin, 200},
		{"/user", "", 401},
		{"/user", "ghu_wrong", 401},
		{"/user", app, 403},
		{"/users/MARIN", marin, 200},
		{"/users/tidewater-labs", "", 200},
		{"/users/nobody", marin, 404},
		{"/users/neptun-sandbox%5Bbot%5D", marin, 200},
		{"/user/installations", marin, 200},
		{"/user/installations", app, 403},
		{"/user/installations/" + idText(installation.ID) + "/repositories?per_page=100", marin, 200},
		{"/user/installations/1/repositories", marin, 404},
		{"/user/installations/x/repositories", marin, 404},
		{"/user/memberships/orgs/tidewater-labs", marin, 200},
		{"/user/memberships/orgs/marin", marin, 404},
		{"/user/memberships/orgs/neptun-makers", marin, 404},
		{"/user/memberships/orgs/kelp-and-co", s.token("jonas-l"), 404},
		{"/repos/tidewater-labs/handbook", marin, 200},
		{"/repos/tidewater-labs/handbook", "", 404},
		{"/repos/marin/handbook", marin, 200},
		{"/repos/tidewater-labs/empty", marin, 200},
		{"/repos/tidewater-labs/fleet", marin, 200},
		{"/repos/tidewater-labs/nothing", marin, 404},
		{"/repositories/1", marin, 404},
		{"/repositories/x", marin, 404},
		{"/app", app, 200},
		{"/app", marin, 401},
		{"/app", "", 401},
		{"/app/installations", app, 200},
		{"/app/installations/" + idText(installation.ID), app, 200},
		{"/app/installations/1", app, 404},
		{"/no/such/route", marin, 404},
		{"/api/v3/user", marin, 404},
	} {
		if r := s.get(c.path, c.token); r.Status != c.status {
			t.Errorf("%s answered %d, want %d: %.200s", c.path, r.Status, c.status, r.Body)
		}
	}
	for page := 1; page <= 3; page++ {
		s.list(fmt.Sprintf("/user/installations/%d/repositories?per_page=100&page=%d", installation.ID, page), marin)
	}
}

func TestRequestAndResponseHeaders(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld())
	token := s.token("ada")
	if r := s.get("/user", token, "User-Agent", ""); r.Status != 403 || !strings.Contains(string(r.Body), "User-Agent") {
		t.Errorf("without User-Agent: %d", r.Status)
	}
	if r := s.get("/user", token, "Accept", "text/html"); r.Status != 415 {
		t.Errorf("Accept text/html: %d", r.Status)
	}
	if r := s.get("/user", token, "X-Github-Api-Version", "1999-01-01"); r.Status != 400 {
		t.Errorf("an unknown version: %d", r.Status)
	}
	if r := s.get("/user", "", "Authorization", "token "+token); r.Status != 200 {
		t.Errorf("the older scheme: %d", r.Status)
	}
	if r := s.get("/user", "", "Authorization", "Basic "+token); r.Status != 401 {
		t.Errorf("Basic: %d", r.Status)
	}
	s.wait(90 * time.Minute)
	if date := s.get("/user", token).Header.Get("Date"); date != "Mon, 02 Nov 2026 11:30:00 GMT" {
		t.Errorf("Date %s", date)
	}
}

func TestPaging(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(250))
	token := s.token("ada")
	id := s.list("/user/installations", token).Installations[0].ID
	base := fmt.Sprintf("/user/installations/%d/repositories", id)
	url := s.url + "/api/v3" + base
	for _, c := range []struct {
		query string
		items int
		link  string
	}{
		{"", 30, `<URL?page=2>; rel="next", <URL?page=9>; rel="last"`},
		{"?per_page=100", 100, `<URL?per_page=100&page=2>; rel="next", <URL?per_page=100&page=3>; rel="last"`},
		{"?page=2&per_page=100", 100, `<URL?page=1&per_page=100>; rel="prev", <URL?page=3&per_page=100>; rel="next", <URL?page=3&per_page=100>; rel="last", <URL?page=1&per_page=100>; rel="first"`},
		{"?per_page=100&page=3", 50, `<URL?per_page=100&page=2>; rel="prev", <URL?per_page=100&page=1>; rel="first"`},
		{"?per_page=1000", 100, `<URL?per_page=1000&page=2>; rel="next", <URL?per_page=1000&page=3>; rel="last"`},
		{"?per_page=100&page=4", 0, `<URL?per_page=100&page=3>; rel="prev", <URL?per_page=100&page=1>; rel="first"`},
		{"?per_page=0&page=-3", 30, `<URL?per_page=0&page=2>; rel="next", <URL?per_page=0&page=9>; rel="last"`},
		{"?page=99999999999999999999", 30, `<URL?page=2>; rel="next", <URL?page=9>; rel="last"`},
	} {
		r := s.get(base+c.query, token)
		var got listed
		r.into(t, &got)
		if got.Total != 250 || len(got.Repositories) != c.items {
			t.Errorf("%q: %d of %d", c.query, len(got.Repositories), got.Total)
		}
		if want := strings.ReplaceAll(c.link, "URL", url); r.Header.Get("Link") != want {
			t.Errorf("%q: Link %s\nwant %s", c.query, r.Header.Get("Link"), want)
		}
	}
	if link := s.get("/user/installations", token).Header.Get("Link"); link != "" {
		t.Errorf("one page has the links %s", link)
	}
}

func TestConditionalRequestsAreFree(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(3))
	token := s.token("ada")
	first := s.get("/user/installations", token)
	etag := first.Header.Get("ETag")
	again := s.get("/user/installations", token, "If-None-Match", etag)
	if again.Status != 304 || again.Header.Get("X-RateLimit-Used") != first.Header.Get("X-RateLimit-Used") {
		t.Errorf("unchanged: %d, used %s after %s", again.Status, again.Header.Get("X-RateLimit-Used"), first.Header.Get("X-RateLimit-Used"))
	}
	if !strings.HasPrefix(etag, `W/"`) || again.Header.Get("ETag") != etag || len(again.Body) != 0 || s.RateLimitUsed("ada") != 1 {
		t.Errorf("tagged %s, again %s, spent %d", etag, again.Header.Get("ETag"), s.RateLimitUsed("ada"))
	}
	if other := s.get("/user/installations", s.token("ada"), "If-None-Match", etag); other.Status != 200 {
		t.Errorf("another token's ETag got %d", other.Status)
	}
	s.world.Installations.Suspend(s.list("/user/installations", token).Installations[0].ID, "ada")
	if changed := s.get("/user/installations", token, "If-None-Match", etag); changed.Status != 200 {
		t.Errorf("changed: %d", changed.Status)
	}
}

func TestConditionalRequestsOfPages(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(250))
	token := s.token("ada")
	id := s.list("/user/installations", token).Installations[0].ID
	path := func(page int) string {
		return fmt.Sprintf("/user/installations/%d/repositories?per_page=100&page=%d", id, page)
	}
	tags := map[int]string{}
	for page := 1; page <= 3; page++ {
		tags[page] = s.get(path(page), token).Header.Get("ETag")
	}
	spent := s.RateLimitUsed("ada")
	again := func() (changed []int) {
		for page := 1; page <= 3; page++ {
			r := s.get(path(page), token, "If-None-Match", tags[page])
			if r.Status == 200 {
				changed = append(changed, page)
			} else if link := r.Header.Get("Link"); r.Status != 304 || !strings.Contains(link, "page=") {
				t.Errorf("page %d: %d, Link %s", page, r.Status, link)
			}
		}
		return changed
	}
	if changed := again(); changed != nil || s.RateLimitUsed("ada") != spent {
		t.Errorf("unchanged, and %v changed; spent %d after %d", changed, s.RateLimitUsed("ada"), spent)
	}
	all := s.world.Repositories.List("atlas")
	s.world.Repositories.Edit(all[150].ID, func(r *sandbox.Repository) { r.Stars++ })
	if changed := again(); fmt.Sprint(changed) != "[2]" || s.RateLimitUsed("ada") != spent+1 {
		t.Errorf("one repository changed, and the pages %v; spent %d after %d", changed, s.RateLimitUsed("ada"), spent)
	}
	s.world.Repositories.Delete(all[249].ID) // every page has the total_count
	if changed := again(); fmt.Sprint(changed) != "[1 2 3]" {
		t.Errorf("after one was removed the pages %v changed", changed)
	}
}

func TestEachRateLimitIsCounted(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(1))
	one, two, app := s.token("ada"), s.token("ada"), s.appToken(nil)
	id := s.list("/user/installations", one).Installations[0].ID
	s.get("/user", two)
	s.get("/rate_limit", two)
	var created struct{ Token string }
	s.send("POST", fmt.Sprintf("/app/installations/%d/access_tokens", id), app, "").into(t, &created)
	repositories := s.get("/installation/repositories", created.Token)
	s.get("/installation/repositories", created.Token, "If-None-Match", repositories.Header.Get("ETag"))
	if s.RateLimitUsed("ada") != 2 || s.RateLimitUsed("") != 1 || s.RateLimitUsedByInstallation(id) != 1 {
		t.Errorf("spent %d, %d and %d", s.RateLimitUsed("ada"), s.RateLimitUsed(""), s.RateLimitUsedByInstallation(id))
	}
	s.wait(time.Hour)
	if s.RateLimitUsed("ada") != 0 || s.RateLimitUsedByInstallation(id) != 0 {
		t.Error("an hour later the limit is still exceeded")
	}
}

func TestPrimaryLimit(t *testing.T) {
	s := open(t, sandboxtest.EmptyWorld(), func(c *sandbox.Config) { c.RateLimit = 2 })
	one, two := s.token("ada"), s.token("ada")
	s.get("/user", one)
	if r := s.get("/user", two); r.Status != 200 || r.Header.Get("X-RateLimit-Remaining") != "0" {
		t.Errorf("second request: %d, remaining %s", r.Status, r.Header.Get("X-RateLimit-Remaining"))
	}
	r := s.get("/user", one)
	if r.Status != 403 || r.Header.Get("X-RateLimit-Remaining") != "0" || !strings.HasPrefix(r.message(t), "API rate limit exceeded for user ID") {
		t.Errorf("beyond the limit: %d %s", r.Status, r.Body)
	}
	if reset := r.Header.Get("X-RateLimit-Reset"); reset != idText(testStart.Add(time.Hour).Unix()) {
		t.Errorf("reset at %s", reset)
	}
	if s.get("/rate_limit", one).Status != 200 {
		t.Error("GET /rate_limit counts against the limit")
	}
	s.wait(time.Hour)
	if r := s.get("/user", one); r.Status != 200 || r.Header.Get("X-RateLimit-Used") != "1" {
		t.Errorf("an hour later: %d, used %s", r.Status, r.Header.Get("X-RateLimit-Used"))
	}
}
