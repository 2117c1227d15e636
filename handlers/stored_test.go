package handlers_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

func TestUnchangedListsAreNotSentAgain(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := "/api/users/me/installations/" + v.Record("shop")
		for _, path := range []string{
			"/api/users/me", "/api/users/me/installations", "/api/users/me/imports",
			record, record + "/imports", record + "/repositories", record + "/repositories?q=till", record + "/sync",
			"/api/users/me/imports?q=till&per_page=5", "/api/users/me/installations?account=SHOP",
		} {
			tag := v.Get(path).Status(http.StatusOK).Header.Get("ETag")
			if !strings.HasPrefix(tag, `"`) {
				t.Errorf("%s: ETag %q is not strong", path, tag)
			}
			again := v.Do(http.MethodGet, path, "", "", http.Header{"If-None-Match": {`"other", ` + tag}}).Status(http.StatusNotModified)
			if again.Body != "" || again.Header.Get("ETag") != tag {
				t.Errorf("%s: 304 with body %q and ETag %q", path, again.Body, again.Header.Get("ETag"))
			}
			v.Do(http.MethodGet, path, "", "", http.Header{"If-None-Match": {`"other"`}}).Status(http.StatusOK)
		}
	})
}

// A change shows in the next reply, however often the old reply was requested.
func TestNoReplyIsEverStale(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s := handlerstest.OpenOn(t, handlerstest.Shop(), databaseURL)
		v := s.LogIn("anna")
		record := "/api/users/me/installations/" + v.Record("shop")
		sync := func() { v.PostJSON(record+"/sync", "").Status(http.StatusAccepted); v.Settle() }
		relist := func() { v.Post("/installations/sync", nil).Status(http.StatusSeeOther); v.Settle() }

		changes := []struct {
			name   string
			change func()
			path   string
			shows  string
		}{
			{"an import", func() {
				v.PostJSON(record+"/imports", `{"repository_ids":[3000000001,3000000002]}`).Status(http.StatusOK)
			}, record + "/imports", `"repository_name":"till"`},
			{"the count of imports", func() {}, "/api/users/me/installations", `"import_count":2`},
			{"imported repositories", func() {}, record + "/repositories?imported=true", `"name":"till"`},
			{"a rename", func() { s.World.Repositories.Rename(3000000001, "register"); sync() }, record + "/imports", `"repository_name":"register"`},
			{"an archived repository", func() { s.World.Repositories.Archive(3000000002, true); sync() }, record + "/imports", `"repository_is_archived":true`},
			{"a new repository", func() { s.World.Repositories.Add("shop", sandbox.Repository{Name: "new"}); sync() }, "/api/users/me/installations", `"repository_count":4`},
			{"a renamed account", func() { s.World.Accounts.Rename("shop", "store"); relist() }, "/api/users/me/installations", `"github_account_login":"store"`},
			{"its imports", func() { sync() }, record + "/imports", `"repository_owner":"store"`},
			{"a removal", func() { v.Post("/removals", handlerstest.Form("only", "3000000001")).Status(http.StatusSeeOther) }, "/api/users/me/installations", `"import_count":1`},
		}
		for _, c := range changes {
			warm := v.Get(c.path).Status(http.StatusOK)
			c.change()
			a := v.Do(http.MethodGet, c.path, "", "", http.Header{"If-None-Match": {warm.Header.Get("ETag")}})
			if a.StatusCode == http.StatusNotModified {
				a = warm
			}
			if !strings.Contains(a.Body, c.shows) {
				t.Errorf("%s: %s doesn't show %s: %s", c.name, c.path, c.shows, a.Body)
			}
		}
	})
}

func TestCompressionChangesNothingButTheBytes(t *testing.T) {
	s := handlerstest.Open(t, sandboxtest.LargeWorld(60))
	v := s.LogIn("ada")
	path := "/api/users/me/installations/" + v.Record("atlas") + "/repositories"
	v.Client.Transport = &http.Transport{DisableCompression: true}

	plain := v.Get(path).Status(http.StatusOK)
	gzipped := v.Do(http.MethodGet, path, "", "", http.Header{"Accept-Encoding": {"br, gzip"}}).Status(http.StatusOK)
	if gzipped.Header.Get("Content-Encoding") != "gzip" || len(gzipped.Body) >= len(plain.Body)/2 {
		t.Fatalf("Content-Encoding %q, %d bytes for %d", gzipped.Header.Get("Content-Encoding"), len(gzipped.Body), len(plain.Body))
	}
	reader, err := gzip.NewReader(bytes.NewReader([]byte(gzipped.Body)))
	handlerstest.Must(t, err)
	unpacked, err := io.ReadAll(reader)
	handlerstest.Must(t, err)
	if string(unpacked) != plain.Body {
		t.Error("decompressed it is another list")
	}
	if gzipped.Header.Get("ETag") == plain.Header.Get("ETag") {
		t.Error("two representations share a strong ETag")
	}
	if gzipped.Header.Get("X-Total-Count") != "60" || gzipped.Header.Get("Link") != plain.Header.Get("Link") {
		t.Error("the compressed reply has no Link header")
	}
	refused := v.Do(http.MethodGet, path, "", "", http.Header{"Accept-Encoding": {"gzip;q=0"}})
	if refused.Header.Get("Content-Encoding") != "" {
		t.Error("gzip;q=0 gets gzip")
	}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	s := handlerstest.Open(t, handlerstest.Shop())
	v := s.LogIn("anna")
	v.Client.Transport = &http.Transport{DisableCompression: true} // Go's client asks to compress GET alone
	for _, path := range []string{"/installations", "/imports", "/api/users/me", "/api/users/me/installations", "/healthz", "/readyz", "/"} {
		get, head := v.Get(path), v.Do(http.MethodHead, path, "", "", nil)
		if head.StatusCode != get.StatusCode || head.Body != "" || head.Header.Get("ETag") != get.Header.Get("ETag") {
			t.Errorf("HEAD %s: %d with %d bytes, GET %d", path, head.StatusCode, len(head.Body), get.StatusCode)
		}
	}
}
