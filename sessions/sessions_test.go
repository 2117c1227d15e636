package sessions

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func newSessions(t *testing.T, databaseURL string) (*Sessions, db.User) {
	t.Helper()
	d := dbtest.Open(t, databaseURL, nil)
	person, err := d.SignIn(t.Context(), db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a", Refresh: "r"})
	if err != nil {
		t.Fatal(err)
	}
	return New(Options{DB: d, Keyring: dbtest.Keyring(t), Secure: true, Now: time.Now}), person
}

// visit opens a session for a request with these cookies.
func visit(t *testing.T, s *Sessions, cookies ...*http.Cookie) context.Context {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	for _, cookie := range cookies {
		r.AddCookie(cookie)
	}
	found, err := s.db.FindCredential(t.Context(), s.PageKey(r))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		t.Fatal(err)
	}
	r, err = s.Load(r, found.Session)
	if err != nil {
		t.Fatal(err)
	}
	return r.Context()
}

func logIn(ctx context.Context, t *testing.T, s *Sessions, userID string) *http.Cookie {
	t.Helper()
	w := httptest.NewRecorder()
	if err := s.SignIn(ctx, w, userID); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func TestASessionIsStoredByTheHashOfItsToken(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, person := newSessions(t, databaseURL)
		cookie := logIn(visit(t, s), t, s, person.ID)
		if cookie.Name != CookieName || !cookie.HttpOnly || !cookie.Secure || cookie.SameSite != http.SameSiteLaxMode {
			t.Errorf("the cookie is %v", cookie)
		}
		if _, err := s.db.FindCredential(t.Context(), cookie.Value); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the token itself opens a session: %v", err)
		}
		found, err := s.db.FindCredential(t.Context(), Hash(cookie.Value))
		if err != nil || len(found.Session) == 0 || strings.Contains(string(found.Session), cookie.Value) {
			t.Errorf("stored %s, %v", found.Session, err)
		}
	})
}

// A request that is still in flight when the session is ended must not bring
// it back.
func TestAnEndedSessionStaysEnded(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		s, person := newSessions(t, databaseURL)
		cookie := logIn(visit(t, s), t, s, person.ID)
		inFlight, ending := visit(t, s, cookie), visit(t, s, cookie)
		if err := s.LogOut(ending, httptest.NewRecorder()); err != nil {
			t.Fatal(err)
		}
		if err := s.LeaveNotices(inFlight, []string{"late"}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.FindCredential(t.Context(), Hash(cookie.Value)); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the session is back: %v", err)
		}
	})
}

func TestAnonymousRequestsWriteNothing(t *testing.T) {
	s, _ := newSessions(t, dbtest.SQLite(t))
	if err := s.LeaveNotices(visit(t, s), []string{"hello"}); !errors.Is(err, errNobody) {
		t.Errorf("a session without a user: %v", err)
	}
}

func TestNoticesAreShownOnce(t *testing.T) {
	s, person := newSessions(t, dbtest.SQLite(t))
	cookie := logIn(visit(t, s), t, s, person.ID)
	if err := s.LeaveNotices(visit(t, s, cookie), []string{"done"}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		var notices []string
		if err := s.TakeNotices(visit(t, s, cookie), &notices); err != nil || len(notices) != want {
			t.Errorf("took %v, %v; want %d", notices, err, want)
		}
	}
}

func TestTheKeyOfARequest(t *testing.T) {
	s, _ := newSessions(t, dbtest.SQLite(t))
	token, _ := NewAPIToken()
	basic := func(password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+password))
	}
	for _, c := range []struct{ authorization, cookie, api, page string }{
		{"", "", "", ""},
		{"", "c", "c", "c"},
		{"Bearer b", "", "b", ""},
		{"token b", "", "b", ""},
		{"bearer  b ", "c", "b", "c"},
		{"Basic b", "c", "c", "c"},
		{basic("b"), "c", "c", "c"},
		{basic(token), "c", token, "c"},
		{"Bearer", "c", "c", "c"},
		{"", token, token, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		if c.authorization != "" {
			r.Header.Set("Authorization", c.authorization)
		}
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: CookieName, Value: c.cookie})
		}
		if s.APIKey(r) != Key(c.api) || s.PageKey(r) != Key(c.page) {
			t.Errorf("%q with cookie %q: for the API %q, for a page %q", c.authorization, c.cookie, s.APIKey(r), s.PageKey(r))
		}
	}
}

func TestOwnPaths(t *testing.T) {
	for target, own := range map[string]bool{
		"/": true, "/installations": true, "/installations/7?q=a%2Fb&page=2": true, "/a#b": true, "/über": true,
		"": false, "installations": false, "//evil.example": false, "///evil.example": false, `/\evil.example`: false,
		`\/evil.example`: false, "https://evil.example": false, "javascript:alert(1)": false, "/\tx": false, "/\n/evil.example": false,
		"/%zz": false, "?q": false, "/\x7f": false,
	} {
		want := "/fallback"
		if own {
			want = target
		}
		if got := OwnPath(target, "/fallback"); got != want {
			t.Errorf("OwnPath(%q) = %q, want %q", target, got, want)
		}
	}
}

func FuzzOwnPath(f *testing.F) {
	for _, seed := range []string{"/", "//x", `/\x`, "/a?b#c", "https://x", "/%2f%2fx"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, target string) {
		got := OwnPath(target, "/")
		if !strings.HasPrefix(got, "/") || strings.HasPrefix(got, "//") || strings.ContainsAny(got, "\\\r\n\t") {
			t.Errorf("OwnPath(%q) = %q", target, got)
		}
	})
}
