package db_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"neptun/db"
)

// token creates an API token whose secret hashes to its name, and returns its id and key.
func (w *world) token(p db.User, name string, scope db.Scope, records ...int64) (id int64, key string) {
	w.t.Helper()
	id = got(w.CreateAPIToken(w.t.Context(), db.NewAPIToken{
		UserID: p.ID, Hash: name, Request: name, Name: name, Scope: scope, ExpiresAt: w.clock.Now().Add(30 * day), Installations: records,
	}))(w.t)
	return id, db.APITokenKey(name)
}

func TestAnAPITokenIsValidUntilItExpires(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 2, acme)...)
		w.importRepositories(through, 1)
		_, key := w.token(p, "ci", db.ScopeWrite)
		if c := got(w.FindCredential(ctx, key))(t); c.User != p || !c.Confirmed || c.Scope != db.ScopeWrite || c.Restriction != 0 || c.Operator {
			t.Errorf("the credential reads %+v", c)
		}
		// The versions are those of a session, so that both are sent the same bytes.
		session := w.session(p)
		if byToken, bySession := got(w.InstallationsVersions(ctx, key))(t), got(w.InstallationsVersions(ctx, session))(t); byToken != bySession {
			t.Errorf("the versions of the list are %+v, and %+v for a session", byToken, bySession)
		}
		if byToken, bySession := got(w.ImportsVersions(ctx, key, through.ID))(t), got(w.ImportsVersions(ctx, session, through.ID))(t); byToken != bySession {
			t.Errorf("the imports' versions are %+v, for a session %+v", byToken, bySession)
		}
		// The two kinds of key never meet.
		noSession(t, w, "ci")
		noSession(t, w, db.APITokenKey(session))
		noSession(t, w, db.APITokenKey(""))

		w.clock.Advance(30*day - time.Millisecond)
		got(w.FindCredential(ctx, key))(t)
		w.clock.Advance(time.Millisecond)
		noSession(t, w, key)
		ok(t, w.CleanUp(ctx))
		if list := got(w.ListAPITokens(ctx, p.ID))(t); len(list) != 1 || !list[0].Expired(w.clock.Now()) {
			t.Errorf("an expired token is listed as %+v", list)
		}
		w.clock.Advance(30 * day)
		ok(t, w.CleanUp(ctx))
		if list := got(w.ListAPITokens(ctx, p.ID))(t); len(list) != 0 {
			t.Errorf("an expired token is never deleted: %+v", list)
		}
	})
}

// TestARestrictedTokenHasNoOtherAccess makes every look-up that an API token's
// requests lead to, before and after one with the user's session.
func TestARestrictedTokenHasNoOtherAccess(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		one := w.syncRepositories(w.record(p, acme), repos(1, 3, acme)...)
		other := w.syncRepositories(w.record(p, beta), repos(11, 3, beta)...)
		w.importRepositories(one, 1)
		w.importRepositories(other, 11, 12)
		_, key := w.token(p, "one", db.ScopeRead, one.ID)
		_, whole := w.token(p, "whole", db.ScopeRead)
		c := got(w.FindCredential(ctx, key))(t)
		if c.Restriction == 0 {
			t.Fatal("the credential has no restriction")
		}
		if free := got(w.FindCredential(ctx, whole))(t); free.Restriction != 0 {
			t.Errorf("the other token is restricted: %+v", free)
		}

		v, list, err := w.InstallationsSnapshot(ctx, key, db.Page{})
		ok(t, err)
		if len(list) != 1 || list[0].ID != one.ID || v != got(w.InstallationsVersions(ctx, key))(t) {
			t.Errorf("installations under %+v: %+v", v, list)
		}
		if all := got(w.InstallationsVersions(ctx, whole))(t); all.Restriction == v.Restriction || all == v {
			t.Errorf("the whole list has the same versions: %+v", all)
		}
		if n := got(w.CountInstallations(ctx, p.ID, db.InstallationFilter{Restriction: c.Restriction}))(t); n != 1 {
			t.Errorf("%d installations are counted", n)
		}
		if _, imports, total, err := w.ImportsSnapshot(ctx, key, one.ID, db.Page{}); err != nil || total != 1 || len(imports) != 1 {
			t.Errorf("its own imports: %v, %v", imports, err)
		}
		if v := got(w.ImportsVersions(ctx, key, other.ID))(t); v.RecordID != 0 || v.Records != 0 {
			t.Errorf("the other record is in the versions: %+v", v)
		}
		if _, imports, _, err := w.ImportsSnapshot(ctx, key, other.ID, db.Page{}); !errors.Is(err, db.ErrNotFound) || len(imports) > 0 {
			t.Errorf("the other's imports: %v, %v", imports, err)
		}
		if _, err := w.FindInstallation(ctx, p.ID, c.Restriction, other.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the other record: %v", err)
		}
		if in := got(w.FindInstallation(ctx, p.ID, c.Restriction, one.ID))(t); in.ID != one.ID {
			t.Errorf("its own record: %+v", in)
		}
		within := db.Filter{Restriction: c.Restriction}
		if imports := got(w.ListImports(ctx, p.ID, within, db.SortID, db.Page{}))(t); len(imports) != 1 || imports[0].InstallationID != one.ID {
			t.Errorf("imports over all installations: %+v", imports)
		}
		if n := got(w.CountImports(ctx, p.ID, within))(t); n != 1 {
			t.Errorf("%d imports are counted", n)
		}

		// Changes elsewhere don't change what it is shown.
		w.importRepositories(other, 13)
		if after := got(w.InstallationsVersions(ctx, key))(t); after.Records != v.Records {
			t.Error("an import in another record changes the versions")
		}
		// When its installation is gone, it has access to nothing, not to everything.
		w.syncInstallations(p, installed(800, beta))
		if _, list, err := w.InstallationsSnapshot(ctx, key, db.Page{}); err != nil || len(list) != 0 {
			t.Errorf("without its installation it sees %+v, %v", list, err)
		}
		if list := got(w.ListAPITokens(ctx, p.ID))(t); !list[0].Restricted || len(list[0].Installations) != 0 {
			t.Errorf("it is listed as %+v", list[0])
		}
	})
}

func TestATokenIsRestrictedToOwnInstallations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, adas := w.member(1, "ada", acme)
		_, bobs := w.member(2, "bob", beta)
		for _, records := range [][]int64{{bobs.ID}, {adas.ID, bobs.ID}, {1 << 40}} {
			token := db.NewAPIToken{UserID: ada.ID, Hash: "h", Request: "r", Name: "ci", Scope: db.ScopeRead, ExpiresAt: w.clock.Now().Add(day), Installations: records}
			if _, err := w.CreateAPIToken(ctx, token); !errors.Is(err, db.ErrUnknownInstallation) {
				t.Errorf("restricted to %v: %v", records, err)
			}
		}
		if list := got(w.ListAPITokens(ctx, ada.ID))(t); len(list) != 0 {
			t.Errorf("created although it isn't allowed: %+v", list)
		}
	})
}

func TestARotatedTokenStaysValidForTheOverlap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme)
		bob := w.login(2, "bob")
		id, key := w.token(p, "ci", db.ScopeWrite, through.ID)
		w.clock.Advance(10 * day)
		if _, err := w.RotateAPIToken(ctx, bob.ID, id, "bobs", day); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another user rotates it: %v", err)
		}
		newID := got(w.RotateAPIToken(ctx, p.ID, id, "second", day))(t)
		if _, err := w.RotateAPIToken(ctx, p.ID, id, "third", day); !errors.Is(err, db.ErrRotated) {
			t.Errorf("it is rotated twice: %v", err)
		}
		list := got(w.ListAPITokens(ctx, p.ID))(t)
		if len(list) != 2 {
			t.Fatalf("%d tokens", len(list))
		}
		old, rotated := list[0], list[1]
		if old.ReplacedBy != newID || !old.ExpiresAt.Equal(w.clock.Now().Add(day)) {
			t.Errorf("the former: %+v", old)
		}
		if rotated.ID != newID || rotated.Name != "ci" || rotated.Scope != db.ScopeWrite || !rotated.Restricted ||
			len(rotated.Installations) != 1 || rotated.Installations[0].ID != through.ID || !rotated.ExpiresAt.Equal(w.clock.Now().Add(30*day)) {
			t.Errorf("the new one: %+v", rotated)
		}
		got(w.FindCredential(ctx, key))(t)
		got(w.FindCredential(ctx, db.APITokenKey("second")))(t)
		w.clock.Advance(day)
		noSession(t, w, key)
		got(w.FindCredential(ctx, db.APITokenKey("second")))(t)
		// Without an overlap the old token ends immediately; an overlap never prolongs it.
		got(w.RotateAPIToken(ctx, p.ID, newID, "fourth", 0))(t)
		noSession(t, w, db.APITokenKey("second"))
		w.clock.Advance(30*day - time.Hour)
		fourth := got(w.ListAPITokens(ctx, p.ID))(t)[2]
		got(w.RotateAPIToken(ctx, p.ID, fourth.ID, "fifth", 7*day))(t)
		if after := got(w.ListAPITokens(ctx, p.ID))(t)[2]; !after.ExpiresAt.Equal(fourth.ExpiresAt) {
			t.Errorf("rotating moved the end from %v to %v", fourth.ExpiresAt, after.ExpiresAt)
		}
	})
}

func TestARepeatedRequestCreatesNoSecondToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		errs := make([]error, 8)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() {
				_, errs[i] = w.CreateAPIToken(ctx, db.NewAPIToken{
					UserID: p.ID, Hash: fmt.Sprint(i), Request: "the same", Name: "ci", Scope: db.ScopeRead, ExpiresAt: w.clock.Now().Add(day),
				})
			})
		}
		wait.Wait()
		created := 0
		for _, err := range errs {
			switch {
			case err == nil:
				created++
			case !errors.Is(err, db.ErrTokenExists):
				t.Error(err)
			}
		}
		if list := got(w.ListAPITokens(ctx, p.ID))(t); created != 1 || len(list) != 1 {
			t.Errorf("%d were created, %d are stored", created, len(list))
		}
	})
}

func TestTheNumberOfTokensIsLimited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		var first int64
		for i := range db.MaxAPITokens {
			if id, _ := w.token(p, fmt.Sprint("t", i), db.ScopeRead); i == 0 {
				first = id
			}
		}
		one := db.NewAPIToken{UserID: p.ID, Hash: "more", Request: "more", Name: "more", Scope: db.ScopeRead, ExpiresAt: w.clock.Now().Add(day)}
		if _, err := w.CreateAPIToken(ctx, one); !errors.Is(err, db.ErrTooManyTokens) {
			t.Errorf("one more: %v", err)
		}
		ok(t, w.RevokeAPIToken(ctx, p.ID, first))
		got(w.CreateAPIToken(ctx, one))(t)
	})
}

func TestEventsThatEndAPITokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		revoked, key := w.token(ada, "a", db.ScopeRead)
		_, adaKey := w.token(ada, "b", db.ScopeRead)
		_, bobKey := w.token(bob, "c", db.ScopeRead)
		if err := w.RevokeAPIToken(ctx, bob.ID, revoked); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("another user revokes it: %v", err)
		}
		ok(t, w.RevokeAPIToken(ctx, ada.ID, revoked))
		noSession(t, w, key)

		// Logging out doesn't; disconnecting does.
		ok(t, w.RevokeSession(ctx, w.session(ada)))
		got(w.FindCredential(ctx, adaKey))(t)
		ok(t, w.EndAuthorization(ctx, ada.ID))
		ada = w.login(1, "ada")
		noSession(t, w, adaKey)
		got(w.FindCredential(ctx, bobKey))(t)

		// API tokens too get nothing that GitHub last confirmed too long ago.
		w.clock.Advance(8 * day)
		if c := got(w.FindCredential(ctx, bobKey))(t); c.Confirmed {
			t.Error("it counts as confirmed after a week")
		}
		if got(w.InstallationsVersions(ctx, bobKey))(t).Confirmed || got(w.ImportsVersions(ctx, bobKey, 1))(t).Confirmed {
			t.Error("its lists count as confirmed after a week")
		}
	})
}

func TestReplacingTheAppEndsAPITokens(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.login(1, "ada")
		_, key := w.token(p, "ci", db.ScopeRead)
		_, err := w.raw().ExecContext(t.Context(), `INSERT INTO settings (id, github_url, client_id, app, app_client_id) VALUES (1, 'https://github.com', 'one', 'x', 'one')`)
		ok(t, err)
		if forgotten := got(w.ForgetApp(t.Context()))(t); !forgotten {
			t.Fatal("there was no App to forget")
		}
		if rows := column(t, w.raw(), `SELECT id FROM api_tokens`); len(rows) != 0 {
			t.Errorf("tokens of a deleted App: %v", rows)
		}
		noSession(t, w, key)
	})
}

func TestCredentialUseIsRecordedOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p := w.login(1, "ada")
		_, key := w.token(p, "ci", db.ScopeRead)
		session := w.session(p)
		use := func(ip string) {
			t.Helper()
			for _, key := range []string{key, session, "nobody's", db.APITokenKey("nobody's")} {
				ok(t, w.RecordUse(ctx, key, db.Client{IP: ip, UserAgent: "curl/8\xff\x00"}))
			}
		}
		noted := func(ip string, at time.Time) {
			t.Helper()
			token, own := got(w.ListAPITokens(ctx, p.ID))(t)[0], got(w.ListSessions(ctx, p.ID))(t)[0]
			if token.LastUsed.IP != ip || !token.LastUsedAt.Equal(at) {
				t.Errorf("the token's use is %+v at %v", token.LastUsed, token.LastUsedAt)
			}
			if own.Seen.IP != ip || !own.SeenAt.Equal(at) {
				t.Errorf("the session's use is %+v at %v", own.Seen, own.SeenAt)
			}
		}
		first := w.clock.Now()
		use("192.0.2.1")
		noted("192.0.2.1", first)
		w.clock.Advance(db.UseInterval - time.Millisecond)
		use("192.0.2.2")
		noted("192.0.2.1", first)
		w.clock.Advance(time.Millisecond)
		use("192.0.2.3")
		noted("192.0.2.3", w.clock.Now())
	})
}

func TestATokenExpiresSoonInItsLastWeek(t *testing.T) {
	createdAt := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	month := db.APIToken{CreatedAt: createdAt, ExpiresAt: createdAt.Add(30 * day)}
	week := db.APIToken{CreatedAt: createdAt, ExpiresAt: createdAt.Add(7 * day)}
	rotated := month
	rotated.ReplacedBy = 2
	for _, c := range []struct {
		name  string
		token db.APIToken
		after time.Duration
		want  bool
	}{
		{"a month's, new", month, 0, false},
		{"a month's, eight days before", month, 22 * day, false},
		{"a month's, a week before", month, 23 * day, true},
		{"a month's, over", month, 30 * day, false},
		{"a rotated one", rotated, 29 * day, false},
		{"a week's, new", week, 0, false},
		{"a week's, after half of it", week, 4 * day, true},
	} {
		if got := c.token.ExpiresSoon(createdAt.Add(c.after)); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
