package auth

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/sessions"

	"github.com/labstack/echo/v4"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// The session's row is read once per request. If the session ends meanwhile, the next request
// notices.
func TestR9APageReadsItsSessionOnce(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	d := dbtest.Open(t, dbtest.SQLite(t), nil)
	user, err := d.SignIn(ctx, db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a", Refresh: "r"})
	if err != nil {
		t.Fatal(err)
	}
	s := sessions.New(sessions.Options{DB: d, Keyring: dbtest.Keyring(t), Now: time.Now})
	a, err := New(Deps{
		DB: d, Sessions: s, Shares: web.NewShares(web.ShareOptions{}), Logger: slog.New(slog.DiscardHandler), Now: time.Now, URL: &url.URL{},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	request := func(cookie *http.Cookie, between func(), next echo.HandlerFunc) error {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/installations", nil)
		if cookie != nil {
			r.AddCookie(cookie)
		}
		c := echo.New().NewContext(r, httptest.NewRecorder())
		return a.LoadSession(func(c echo.Context) error {
			between()
			return a.Require(openapi.Session)(next)(c)
		})(c)
	}

	empty, err := s.Load(httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := s.SignIn(empty.Context(), w, user.ID); err != nil {
		t.Fatal(err)
	}
	cookie := w.Result().Cookies()[0]
	if err := s.LeaveNotices(empty.Context(), []string{"hello"}); err != nil {
		t.Fatal(err)
	}

	end := func() {
		if err := d.RevokeSession(context.WithoutCancel(ctx), sessions.Hash(cookie.Value)); err != nil {
			t.Fatal(err)
		}
	}
	err = request(cookie, end, func(c echo.Context) error {
		var notices []string
		if err := s.TakeNotices(c.Request().Context(), &notices); err != nil || len(notices) != 1 {
			t.Errorf("the session has the notices %v, %v", notices, err)
		}
		if User(c).ID != user.ID {
			t.Errorf("the user is %+v", User(c))
		}
		return nil
	})
	if err != nil {
		t.Errorf("the session was read twice: %v", err)
	}
	next := func(echo.Context) error { t.Error("an ended session is accepted"); return nil }
	if err := request(cookie, func() {}, next); !IsSignedOut(err) {
		t.Errorf("the next request: %v", err)
	}
}
