package github

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// stage is a GitHub client connected to a sandbox over HTTP.
type stage struct {
	github *GitHub
	t      testing.TB
	clock  *dbtest.Clock
	world  *sandbox.World
	server *sandboxtest.Server
	person db.User // who signed in last
}

func newStage(t testing.TB, databaseURL string, world *sandbox.World) *stage {
	t.Helper()
	clock := dbtest.NewClock(time.Now().Truncate(time.Second))
	world.Apps.SetCallbackURLs(sandboxtest.CallbackURL)
	server := sandboxtest.Serve(t, world, clock.Now)
	s := &stage{t: t, clock: clock, world: world, server: server}
	s.github = New(configFor(t, server.URL, server.App(), dbtest.Open(t, databaseURL, clock.Now), clock.Now))
	return s
}

func configFor(t testing.TB, address string, app sandbox.App, d *db.DB, now func() time.Time) Config {
	t.Helper()
	host, err := ParseHost(address, "", false)
	if err != nil {
		t.Fatal(err)
	}
	var own App
	if app.ClientID != "" {
		key, err := ParsePrivateKey(app.PrivateKeyPEM)
		if err != nil {
			t.Fatal(err)
		}
		own = App{ClientID: app.ClientID, ClientSecret: app.ClientSecret, PrivateKey: key, WebhookSecret: app.WebhookSecret}
	}
	return Config{
		Host:         host,
		App:          own,
		DB:           d,
		Now:          now,
		Logger:       slog.New(slog.DiscardHandler),
		UserAgent:    "Neptun/test",
		TokenRetries: []time.Duration{time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond},
	}
}

const verifier = "a-verifier-of-at-least-forty-three-characters-for-pkce"

// code signs in on GitHub's side and returns the authorization code.
func (s *stage) code(login string) string {
	s.t.Helper()
	return sandboxtest.Code(s.t, s.github.AuthorizeURL("some-state", verifier, sandboxtest.CallbackURL, false), "some-state", login)
}

func (s *stage) signIn(login string) db.User {
	s.t.Helper()
	ctx := s.t.Context()
	token, err := s.github.Exchange(ctx, s.code(login), verifier, sandboxtest.CallbackURL)
	if err != nil {
		s.t.Fatal(err)
	}
	profile, err := s.github.User(ctx, token)
	if err != nil {
		s.t.Fatal(err)
	}
	s.person, err = s.github.db.SignIn(ctx, profile, token)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.person
}

// at returns the installation on an account that GitHub shows to the user who signed in last.
func (s *stage) at(login string) db.InstallationRecord {
	s.t.Helper()
	list, err := allInstallations(s.t.Context(), s.github.AsUser(s.person.ID))
	if err != nil {
		s.t.Fatal(err)
	}
	found := installationOn(list, login)
	if found == nil {
		s.t.Fatalf("%s sees no installation on %s", s.person.Login, login)
	}
	facts := convertInstallation(*found)
	return db.InstallationRecord{UserID: s.person.ID, GitHubID: facts.GitHubID, Account: facts.Account}
}

// expectErr fails the test unless err is the expected one.
func expectErr(t testing.TB, err, expected error) {
	t.Helper()
	if !errors.Is(err, expected) {
		t.Fatalf("the error is %v, expected %v", err, expected)
	}
}

// testContext returns a context for calls that must not block.
func testContext(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), dbtest.Timeout)
	t.Cleanup(cancel)
	return ctx
}
