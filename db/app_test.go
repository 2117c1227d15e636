package db_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/db/seal"
)

var tidal = db.App{
	ID: 1, Slug: "tidal", Name: "Tidal", Owner: "acme", HTMLURL: "https://github.com/apps/tidal",
	ClientID: "Iv-tidal", ClientSecret: "the client secret", WebhookSecret: "the webhook secret", PrivateKey: "the private key",
}

// unset opens a world's database for a GitHub, without an App.
func unset(t *testing.T, w *world) *world {
	t.Helper()
	return got(bound(w, "https://github.com", ""))(t)
}

func TestTheAppIsStoredSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w = unset(t, w)
		if _, err := w.App(ctx); !errors.Is(err, db.ErrNotFound) {
			t.Fatalf("without an App: %v", err)
		}
		ok(t, w.StoreApp(ctx, tidal, "browser"))
		if app := got(w.App(ctx))(t); app != tidal {
			t.Errorf("the App was read as %+v", app)
		}
		var sealed []byte
		ok(t, w.raw().QueryRow(`SELECT app FROM settings`).Scan(&sealed))
		for _, secret := range []string{tidal.ClientSecret, tidal.WebhookSecret, tidal.PrivateKey} {
			if bytes.Contains(sealed, []byte(secret)) {
				t.Errorf("%s is stored unencrypted", secret)
			}
		}

		other := got(db.Open(ctx, w.url, db.Options{
			Keyring: got(seal.New(strings.Repeat("another secret ", 3)))(t), AccessMaxAge: 7 * day, GitHubURL: "https://github.com", Reset: true,
		}))(t)
		defer other.Close()
		if _, err := other.App(ctx); !errors.Is(err, db.ErrAppSealed) {
			t.Errorf("with another secret: %v", err)
		}
		if !got(other.ForgetApp(ctx))(t) {
			t.Error("an App that can't be opened can't be deleted either")
		}
	})
}

func TestOnlyOneConcurrentSetupSucceeds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w = unset(t, w)
		var (
			racers sync.WaitGroup
			mu     sync.Mutex
			won    []string
		)
		for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
			racers.Go(func() {
				app := tidal
				app.ClientID = name
				switch err := w.StoreApp(t.Context(), app, name); {
				case err == nil:
					mu.Lock()
					defer mu.Unlock()
					won = append(won, name)
				case !errors.Is(err, db.ErrAppExists):
					t.Errorf("racer %s: %v", name, err)
				}
			})
		}
		racers.Wait()
		if len(won) != 1 || got(w.App(t.Context()))(t).ClientID != won[0] {
			t.Fatalf("these won: %v", won)
		}
		if !got(w.IsSetUpBy(t.Context(), won[0]))(t) {
			t.Error("the App and the browser are of different setups")
		}
	})
}

func TestASetupCodeWorksOnceForOneBrowser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w = unset(t, w)
		marked := func(browser string) bool { t.Helper(); return got(w.IsSetupBrowser(ctx, browser))(t) }
		ok(t, w.AddSetupCode(ctx, "code"))
		for _, wrong := range []string{"", "other"} {
			if err := w.UseSetupCode(ctx, wrong, "b1"); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the code %q: %v", wrong, err)
			}
		}
		ok(t, w.UseSetupCode(ctx, "code", "b1"))
		if err := w.UseSetupCode(ctx, "code", "b2"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("used twice: %v", err)
		}
		if !marked("b1") || marked("b2") || marked("") {
			t.Error("the wrong browser has the setup cookie")
		}
		w.clock.Advance(db.SetupLifetime)
		if marked("b1") {
			t.Error("the setup cookie never expires")
		}

		// Many starts: the latest codes stay, and an App ends them all.
		for i := range 30 {
			w.clock.Advance(1e9)
			ok(t, w.AddSetupCode(ctx, string(rune('A'+i))))
		}
		if err := w.UseSetupCode(ctx, "A", "b3"); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the oldest of thirty codes: %v", err)
		}
		ok(t, w.UseSetupCode(ctx, string(rune('A'+29)), "b3"))
		ok(t, w.StoreApp(ctx, tidal, "b3"))
		ok(t, w.AddSetupCode(ctx, "late"))
		for _, code := range []string{"late", string(rune('A' + 28))} {
			if err := w.UseSetupCode(ctx, code, "b4"); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("a code although there is an App: %v", err)
			}
		}
		if marked("b3") {
			t.Error("the setup is open although there is an App")
		}
	})
}

func TestP17AStateWorksOnceForItsBrowser(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w = unset(t, w)
		refused := func(state, browser string) {
			t.Helper()
			if err := w.UseSetupState(ctx, state, browser); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the state %q in the browser %q: %v", state, browser, err)
			}
		}
		ok(t, w.AddSetupState(ctx, "s1", "b1"))
		ok(t, w.AddSetupState(ctx, "s2", "b1"))
		refused("s1", "b2")
		refused("s1", "")
		refused("", "b1")
		ok(t, w.UseSetupState(ctx, "s1", "b1"))
		refused("s1", "b1")
		w.clock.Advance(day / 24)
		refused("s2", "b1")
	})
}

func TestTheFirstSignInInTheSetupBrowserIsAnOperator(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w = unset(t, w)
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		claim := func(p db.User, browser string) bool { t.Helper(); return got(w.ClaimSetup(ctx, p, browser))(t) }
		if claim(bob, "") {
			t.Error("claimed without a setup")
		}
		ok(t, w.StoreApp(ctx, tidal, "b1"))
		if claim(bob, "b2") || claim(bob, "") || !claim(ada, "b1") || claim(bob, "b1") {
			t.Error("not exactly the first login in that browser")
		}
		list := got(w.ListOperators(ctx))(t)
		if len(list) != 1 || list[0].GitHubID != 1 || list[0].Reason != db.BySetup {
			t.Errorf("operators are %+v", list)
		}
	})
}

func TestForgettingTheAppOpensTheSetup(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w = unset(t, w)
		if got(w.ForgetApp(ctx))(t) {
			t.Error("deleted an App that doesn't exist")
		}
		ok(t, w.AddSetupCode(ctx, "old"))
		ok(t, w.StoreApp(ctx, tidal, "b1"))
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		w.importRepositories(through, 1)
		hash := w.session(p)
		got(w.ClaimSetup(ctx, p, "b1"))(t)

		// The same App, as every start finds it.
		w = unset(t, w)
		got(w.FindCredential(ctx, hash))(t)

		if !got(w.ForgetApp(ctx))(t) {
			t.Error("deleted nothing")
		}
		if _, err := w.FindCredential(ctx, hash); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a session of a deleted App: %v", err)
		}
		if _, err := w.GitHubToken(ctx, p.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a token of a deleted App: %v", err)
		}
		if list := got(w.ListOperators(ctx))(t); len(list) != 0 {
			t.Errorf("operators of a deleted App: %+v", list)
		}
		ok(t, w.AddSetupCode(ctx, "new"))
		ok(t, w.UseSetupCode(ctx, "new", "b2"))
		ok(t, w.StoreApp(ctx, tidal, "b2"))
	})
}

func TestChangeToTheAppFromTheEnvironment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		w = unset(t, w)
		ok(t, w.StoreApp(ctx, tidal, "b1"))
		hash := w.session(w.login(1, "ada"))
		ok(t, w.ChangeApp(ctx, "https://github.com", "from-the-environment"))
		w = got(bound(w, "https://github.com", "from-the-environment"))(t)
		if _, err := w.FindCredential(ctx, hash); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a session from before the change: %v", err)
		}
		if _, err := w.App(ctx); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the setup page's App is still stored after the change: %v", err)
		}
	})
}

func TestAnOutageIsNotAWrongCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	ok(t, w.Close())
	ctx := t.Context()
	for name, err := range map[string]error{
		"AddSetupCode":  w.AddSetupCode(ctx, "c"),
		"UseSetupCode":  w.UseSetupCode(ctx, "c", "b"),
		"AddSetupState": w.AddSetupState(ctx, "s", "b"),
		"StoreApp":      w.StoreApp(ctx, tidal, "b"),
	} {
		if err == nil || errors.Is(err, db.ErrNotFound) {
			t.Errorf("%s on a closed database: %v", name, err)
		}
	}
}
