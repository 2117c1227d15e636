package handlers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

var day = time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC)

func TestUnchangedListsAreNotSentAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		record := "/api/users/me/installations/" + v.record("shop")
		for _, path := range []string{
			"/api/users/me", "/api/users/me/installations", "/api/users/me/imports",
			record, record + "/imports", record + "/repositories", record + "/repositories?q=till", record + "/sync",
			"/api/users/me/imports?q=till&per_page=5", "/api/users/me/installations?account=SHOP",
		} {
			tag := v.get(path).status(http.StatusOK).header("ETag")
			if !strings.HasPrefix(tag, `"`) {
				t.Errorf("%s: ETag %q is not strong", path, tag)
			}
			again := v.do(http.MethodGet, path, "", "", http.Header{"If-None-Match": {`"other", ` + tag}}).status(http.StatusNotModified)
			if again.body != "" || again.header("ETag") != tag {
				t.Errorf("%s: 304 with body %q and ETag %q", path, again.body, again.header("ETag"))
			}
			v.do(http.MethodGet, path, "", "", http.Header{"If-None-Match": {`"other"`}}).status(http.StatusOK)
		}
	})
}

// Whatever a reply shows, a change of it shows at once, however often the old
// reply was asked for.
func TestNoReplyIsEverStale(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := openOn(t, shop(), databaseURL)
		v := s.logIn("anna")
		record := "/api/users/me/installations/" + v.record("shop")
		sync := func() { v.postJSON(record+"/sync", "").status(http.StatusAccepted); v.settle() }
		relist := func() { v.post("/installations/sync", nil).status(http.StatusSeeOther); v.settle() }

		changes := []struct {
			name   string
			change func()
			path   string
			shows  string
		}{
			{"an import", func() {
				v.postJSON(record+"/imports", `{"repository_ids":[3000000001,3000000002]}`).status(http.StatusOK)
			}, record + "/imports", `"repository_name":"till"`},
			{"the count of imports", func() {}, "/api/users/me/installations", `"import_count":2`},
			{"imported repositories", func() {}, record + "/repositories?imported=true", `"name":"till"`},
			{"a rename", func() { s.world.RenameRepository(3000000001, "register"); sync() }, record + "/imports", `"repository_name":"register"`},
			{"an archived repository", func() { s.world.ArchiveRepository(3000000002, true); sync() }, record + "/imports", `"repository_is_archived":true`},
			{"a new repository", func() { s.world.AddRepository("shop", sandbox.Repository{Name: "new"}); sync() }, "/api/users/me/installations", `"repository_count":4`},
			{"a renamed account", func() { s.world.RenameAccount("shop", "store"); relist() }, "/api/users/me/installations", `"github_account_login":"store"`},
			{"its imports", func() { sync() }, record + "/imports", `"repository_owner":"store"`},
			{"a removal", func() { v.post("/removals", form("only", "3000000001")).status(http.StatusSeeOther) }, "/api/users/me/installations", `"import_count":1`},
		}
		for _, c := range changes {
			warm := v.get(c.path).status(http.StatusOK)
			c.change()
			a := v.do(http.MethodGet, c.path, "", "", http.Header{"If-None-Match": {warm.header("ETag")}})
			if a.StatusCode == http.StatusNotModified {
				a = warm
			}
			if !strings.Contains(a.body, c.shows) {
				t.Errorf("%s: %s doesn't show %s: %s", c.name, c.path, c.shows, a.body)
			}
		}
	})
}

func TestCompressionChangesNothingButTheBytes(t *testing.T) {
	s := open(t, sandboxtest.LargeWorld(60))
	v := s.logIn("ada")
	path := "/api/users/me/installations/" + v.record("atlas") + "/repositories"
	v.client.Transport = &http.Transport{DisableCompression: true}

	plain := v.get(path).status(http.StatusOK)
	packed := v.do(http.MethodGet, path, "", "", http.Header{"Accept-Encoding": {"br, gzip"}}).status(http.StatusOK)
	if packed.header("Content-Encoding") != "gzip" || len(packed.body) >= len(plain.body)/2 {
		t.Fatalf("Content-Encoding %q, %d bytes for %d", packed.header("Content-Encoding"), len(packed.body), len(plain.body))
	}
	reader, err := gzip.NewReader(bytes.NewReader([]byte(packed.body)))
	must(t, err)
	unpacked, err := io.ReadAll(reader)
	must(t, err)
	if string(unpacked) != plain.body {
		t.Error("unpacked it is another list")
	}
	if packed.header("ETag") == plain.header("ETag") {
		t.Error("two representations share a strong ETag")
	}
	if packed.header("X-Total-Count") != "60" || packed.header("Link") != plain.header("Link") {
		t.Error("compression loses the paging")
	}
	refused := v.do(http.MethodGet, path, "", "", http.Header{"Accept-Encoding": {"gzip;q=0"}})
	if refused.header("Content-Encoding") != "" {
		t.Error("gzip;q=0 is answered with gzip")
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	s := open(t, shop())
	v := s.logIn("anna")
	v.client.Transport = &http.Transport{DisableCompression: true} // Go's client asks to compress GET alone
	for _, path := range []string{"/installations", "/imports", "/api/users/me", "/api/users/me/installations", "/healthz", "/readyz", "/"} {
		get, head := v.get(path), v.do(http.MethodHead, path, "", "", nil)
		if head.StatusCode != get.StatusCode || head.body != "" || head.header("ETag") != get.header("ETag") {
			t.Errorf("HEAD %s: %d with %d bytes, GET %d", path, head.StatusCode, len(head.body), get.StatusCode)
		}
	}
}
