package db_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// anotherStore opens the world's database once more, as a second process would.
func (w *world) anotherStore(options db.Options) *world {
	w.t.Helper()
	options.Keyring, options.Now = dbtest.Keyring(w.t), w.clock.Now
	d := got(db.Open(w.t.Context(), w.url, options))(w.t)
	w.t.Cleanup(func() { ok(w.t, d.Close()) })
	return &world{DB: d, t: w.t, url: w.url, clock: w.clock, filling: w.filling}
}

// sameVersions compares what requests get with what is stored. It reports whether the key is
// that of an active credential.
func (w *world) sameVersions(after, key string, record int64) bool {
	w.t.Helper()
	ctx := w.t.Context()
	installations, imports, err := w.StoredVersions(ctx, key, record)
	for range 2 { // the second time from the cache, if it caches
		gotInstallations, err1 := w.InstallationsVersions(ctx, key)
		gotImports, err2 := w.ImportsVersions(ctx, key, record)
		for _, e := range []error{err1, err2} {
			if (e == nil) != (err == nil) || errors.Is(e, db.ErrNotFound) != errors.Is(err, db.ErrNotFound) {
				w.t.Fatalf("%s: %v, stored: %v", after, e, err)
			}
		}
		if gotInstallations != installations || gotImports != imports {
			w.t.Fatalf("%s: got %+v and %+v, stored are %+v and %+v", after, gotInstallations, gotImports, installations, imports)
		}
	}
	return err == nil
}

// What another store on the file takes away, the very next request doesn't get.
func TestCachedVersionsEndWithAnyWriteByAnotherStore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		other := w.anotherStore(db.Options{AccessMaxAge: 168 * time.Hour})
		ada, record := w.member(1, "ada", acme, repos(1, 3, acme)...)
		imported := w.importRepositories(record, 1, 2)
		_, token := w.token(ada, "ci", db.ScopeRead)
		session := w.session(ada)
		suspended := installed(700, acme)
		suspended.SuspendedAt = w.clock.Now()
		for _, step := range []struct {
			name string
			key  string
			do   func() error
		}{
			{"an import is removed", session, func() error { return other.RemoveImport(ctx, record, imported[0]) }},
			{"access to a repository is revoked", session, func() error {
				_, err := other.RevokeAccess(ctx, got(other.CheckTarget(ctx, record.ID))(t), 2, false)
				return err
			}},
			{"the installation is suspended", token, func() error { return other.PutInstallation(ctx, suspended) }},
			{"the token is revoked", token, func() error {
				return other.RevokeAPIToken(ctx, ada.ID, got(other.ListAPITokens(ctx, ada.ID))(t)[0].ID)
			}},
			{"the app is uninstalled", session, func() error { return other.MarkInstallationDeleted(ctx, 700) }},
			{"the session is signed out", session, func() error { return other.RevokeSession(ctx, session) }},
			{"another session begins", "another", func() error {
				return other.PutSession(ctx, "another", ada.ID, []byte("{}"), w.clock.Now().Add(day))
			}},
			{"GitHub refuses the user", "another", func() error { return other.RefuseGitHubToken(ctx, ada.ID, 1, db.AccountSuspended) }},
			{"the user signs in again", "another", func() error {
				_, err := other.SignIn(ctx, db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "b", Refresh: "b"})
				return err
			}},
			{"the account is deleted", "another", func() error { return other.DeleteUser(ctx, ada) }},
		} {
			before, errBefore := w.InstallationsVersions(ctx, step.key)
			if active := errBefore == nil && before.Confirmed; !onPostgres(w.url) && active != w.VersionsAreCached(step.key) {
				t.Errorf("before %s: cached %v, active %v", step.name, !active, active)
			}
			ok(t, step.do())
			if w.VersionsAreCached(step.key) {
				t.Errorf("after %s: still cached", step.name)
			}
			w.sameVersions(step.name, step.key, record.ID)
			after, err := w.InstallationsVersions(ctx, step.key)
			if after == before && errors.Is(err, db.ErrNotFound) == errors.Is(errBefore, db.ErrNotFound) {
				t.Errorf("%s: nothing changed", step.name)
			}
		}
	})
}

// A credential ends by time alone, without a write, at the same moment with and without the cache.
func TestCachedVersionsLapse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ada, record := w.member(1, "ada", acme, repos(1, 2, acme)...)
		until := func(lasts time.Duration) string {
			hash := lasts.String()
			ok(t, w.PutSession(t.Context(), hash, ada.ID, []byte("{}"), w.clock.Now().Add(lasts)))
			return hash
		}
		hour, week := until(time.Hour), until(365*day)
		_, token := w.token(ada, "ci", db.ScopeRead) // for 30 days
		for _, c := range []struct {
			name, key string
			options   db.Options
			lasts     time.Duration
		}{
			{"a session ends", hour, db.Options{AccessMaxAge: 1000 * day}, time.Hour},
			{"a session is idle", week, db.Options{AccessMaxAge: 1000 * day, SessionIdle: 2 * time.Hour}, 2 * time.Hour},
			{"GitHub's confirmation is too old", week, db.Options{AccessMaxAge: 3 * time.Hour}, 3 * time.Hour},
			{"a token expires", token, db.Options{AccessMaxAge: 1000 * day, SessionIdle: 2 * time.Hour}, 30 * day},
			{"a token's confirmation is too old", token, db.Options{AccessMaxAge: 3 * time.Hour}, 3 * time.Hour},
		} {
			clock := *w
			clock.clock = dbtest.NewClock(w.clock.Now())
			store := clock.anotherStore(c.options)
			valid := func() bool {
				versions, err := store.InstallationsVersions(t.Context(), c.key)
				return err == nil && versions.Confirmed
			}
			store.sameVersions(c.name, c.key, record.ID)
			store.clock.Advance(c.lasts - time.Millisecond)
			if !valid() || !onPostgres(w.url) && !store.VersionsAreCached(c.key) {
				t.Errorf("%s: not cached, or cached too early", c.name)
			}
			store.clock.Advance(time.Millisecond)
			if store.sameVersions(c.name, c.key, record.ID); valid() {
				t.Errorf("%s: the credential still counts", c.name)
			}
		}
	})
}

// Two stores make random changes; each sees all of them at once.
func TestCachedVersionsAreThoseStored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		options := db.Options{AccessMaxAge: 2 * day, SessionIdle: day}
		stores := []*world{w.anotherStore(options), w.anotherStore(options)}
		ada, record := w.member(1, "ada", acme, repos(1, 6, acme)...)
		facts := installed(700, acme)
		random := rand.New(rand.NewPCG(1, 2))
		keys := []string{}
		newKey := func(in *world, i int) {
			key := fmt.Sprintf("key %d", i)
			if random.IntN(2) == 0 {
				ok(t, in.PutSession(ctx, key, ada.ID, []byte("{}"), w.clock.Now().Add(time.Duration(random.IntN(72))*time.Hour)))
			} else {
				_, err := in.CreateAPIToken(ctx, db.NewAPIToken{
					UserID: ada.ID, Hash: key, Request: key, Name: key, Scope: db.ScopeRead, ExpiresAt: w.clock.Now().Add(time.Duration(random.IntN(72)) * time.Hour),
				})
				ok(t, err)
				key = db.APITokenKey(key)
			}
			keys = append(keys[max(0, len(keys)-3):], key)
		}
		active := 0
		for i := range dbtest.Size(300, 1000) {
			in := stores[random.IntN(2)]
			operation := random.IntN(12)
			switch operation {
			case 0:
				newKey(in, i)
			case 1:
				_, _, err := in.ImportRepositories(ctx, record, []int64{1 + random.Int64N(6)})
				if err != nil && !errors.Is(err, db.ErrSuspended) {
					t.Fatal(err)
				}
			case 2:
				changed(in.RemoveImports(ctx, ada.ID, 0, []int64{1 + random.Int64N(6)}))(t)
			case 3:
				facts.SuspendedAt = []time.Time{{}, w.clock.Now()}[random.IntN(2)]
				ok(t, in.PutInstallation(ctx, facts))
			case 4:
				w.clock.Advance(time.Duration(random.IntN(1000)) * time.Millisecond)
			case 5:
				w.clock.Advance(time.Duration(random.IntN(12)) * time.Hour)
			case 6:
				in.syncInstallations(ada, facts)
			case 7:
				in.syncRepositories(record, repos(1, 3+random.IntN(4), acme)...)
			case 8:
				if len(keys) > 0 {
					ok(t, in.RecordUse(ctx, keys[random.IntN(len(keys))], db.Client{IP: "192.0.2.1", Network: "192.0.2.1/32"}))
				}
			case 9:
				if len(keys) > 0 {
					ok(t, in.RevokeSession(ctx, keys[random.IntN(len(keys))]))
				}
			case 10:
				if tokens := got(in.ListAPITokens(ctx, ada.ID))(t); len(tokens) > 0 {
					ok(t, in.RevokeAPIToken(ctx, ada.ID, tokens[0].ID))
				}
			case 11: // nothing
			}
			for _, store := range stores {
				for _, key := range keys {
					if store.sameVersions(fmt.Sprintf("step %d, operation %d", i, operation), key, record.ID) {
						active++
					}
				}
			}
		}
		if active < 100 {
			t.Errorf("only %d comparisons were of an active credential", active)
		}
	})
}

// writerEnv makes the test binary write to a database until it is killed.
const writerEnv = "NEPTUN_TEST_WRITER"

// writeUntilKilled is what the process does that TestCachedVersionsSurviveKills kills.
func writeUntilKilled(url string) error {
	store, err := dbtest.OpenWithoutTest(url)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		facts := installed(700, acme)
		facts.HTMLURL = strconv.Itoa(os.Getpid()) + "/" + strconv.Itoa(i)
		if err := store.PutInstallation(context.Background(), facts); err != nil {
			return err
		}
		fmt.Println("committed") // to the parent
	}
}

// A commit of another process counts immediately, and the remains of a killed process change nothing.
func TestCachedVersionsSurviveKills(t *testing.T) {
	t.Parallel()
	w := newWorld(t, dbtest.SQLite(t))
	ctx := t.Context()
	ada, record := w.member(1, "ada", acme, repos(1, 2, acme)...)
	key := w.session(ada)
	versions := func() int64 { return got(w.InstallationsVersions(ctx, key))(t).Records }
	stored := func() int64 {
		installations, _, err := w.StoredVersions(ctx, key, record.ID)
		ok(t, err)
		return installations.Records
	}
	for range dbtest.Size(3, 30) {
		writer := exec.CommandContext(ctx, os.Args[0])
		writer.Env = append(os.Environ(), writerEnv+"="+w.url)
		output := got(writer.StdoutPipe())(t)
		ok(t, writer.Start())
		lines := bufio.NewScanner(output)
		start, committed := stored(), 0
		for ; committed < 50 && lines.Scan(); committed++ {
			atLeast := stored()
			if now, atMost := versions(), stored(); now < atLeast || now > atMost || now <= start {
				t.Fatalf("got version %d, stored are %d to %d, at first %d", now, atLeast, atMost, start)
			}
		}
		if committed < 50 {
			t.Fatalf("the writer ended after %d commits: %s", committed, lines.Text())
		}
		ok(t, writer.Process.Kill())
		_ = writer.Wait()
		w.sameVersions("the kill", key, record.ID)
		if !w.VersionsAreCached(key) {
			t.Error("nothing is cached after a kill")
		}
		ok(t, w.PutInstallation(ctx, installed(700, acme)))
		w.sameVersions("a write after the kill", key, record.ID)
	}
}
