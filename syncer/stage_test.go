package syncer

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/jobs"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// stage is a Syncer connected to a sandbox over HTTP.
type stage struct {
	syncer *Syncer
	github *github.GitHub
	t      testing.TB
	config github.Config
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
	s.config = configFor(t, server.URL, server.App(), dbtest.Open(t, databaseURL, clock.Now), clock.Now)
	return s.instance(s.config.DB)
}

// instance returns another Syncer with the same GitHub.
func (s *stage) instance(d *db.DB) *stage {
	other := *s
	other.config.DB = d
	other.github = github.New(other.config)
	other.syncer = New(Config{GitHub: other.github, DB: d, Now: other.config.Now, Logger: other.config.Logger, RequestInterval: -1})
	return &other
}

// app returns the App's configuration.
func (s *stage) app() github.App { return s.config.App }

func configFor(t testing.TB, address string, app sandbox.App, d *db.DB, now func() time.Time) github.Config {
	t.Helper()
	host, err := github.ParseHost(address, "", false)
	if err != nil {
		t.Fatal(err)
	}
	var own github.App
	if app.ClientID != "" {
		key, err := github.ParsePrivateKey(app.PrivateKeyPEM)
		if err != nil {
			t.Fatal(err)
		}
		own = github.App{ClientID: app.ClientID, ClientSecret: app.ClientSecret, PrivateKey: key, WebhookSecret: app.WebhookSecret}
	}
	return github.Config{
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
	s.person, err = s.syncer.db.SignIn(ctx, profile, token)
	if err != nil {
		s.t.Fatal(err)
	}
	s.startSession()
	return s.person
}

// startSession starts a session for the user, and returns its key.
func (s *stage) startSession() string {
	s.t.Helper()
	key := rand.Text()
	if err := s.syncer.db.PutSession(s.t.Context(), key, s.person.ID, []byte("{}"), s.clock.Now().Add(365*24*time.Hour)); err != nil {
		s.t.Fatal(err)
	}
	return key
}

// work runs all jobs that are due, one after the other.
func (s *stage) work() {
	s.t.Helper()
	for range 100 {
		row, err := s.claim()
		if errors.Is(err, jobs.ErrNone) {
			return
		}
		if err != nil {
			s.t.Fatal(err)
		}
		s.syncer.runner.Do(s.t.Context(), row)
	}
	s.t.Fatal("the jobs never end")
}

// do runs the jobs of one kind that are due.
func (s *stage) do(args jobs.Args) {
	s.t.Helper()
	for range 100 {
		row, err := s.syncer.db.Jobs().Claim(s.t.Context(), []string{args.Kind()}, jobLease)
		if errors.Is(err, jobs.ErrNone) {
			return
		}
		if err != nil {
			s.t.Fatal(err)
		}
		s.syncer.runner.Do(s.t.Context(), row)
	}
	s.t.Fatal("the jobs never end")
}

// jobLease is the lease of jobs in tests.
const jobLease = 20 * time.Second

// claim leases the next job.
func (s *stage) claim() (jobs.Row, error) {
	return s.syncer.db.Jobs().Claim(s.t.Context(), s.syncer.runner.Kinds(), jobLease)
}

// sync syncs everything of the user.
func (s *stage) sync() {
	s.t.Helper()
	if err := s.syncer.db.QueueSync(s.t.Context(), db.SyncInstallations{UserID: s.person.ID}); err != nil {
		s.t.Fatal(err)
	}
	s.work()
}

func (s *stage) installations() []db.InstallationRecord {
	s.t.Helper()
	list, err := s.syncer.db.ListAllInstallations(s.t.Context(), s.person.ID, db.OrderByLogin, db.Page{})
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// at returns the user's installation on an account.
func (s *stage) at(login string) db.InstallationRecord {
	s.t.Helper()
	list := s.installations()
	i := slices.IndexFunc(list, func(i db.InstallationRecord) bool { return i.Account.Login == login })
	if i < 0 {
		s.t.Fatalf("%s sees no installation on %s", s.person.Login, login)
	}
	return list[i]
}

// names returns the repositories that the user sees on an account, in order.
func (s *stage) names(login string) []string {
	s.t.Helper()
	list := dbtest.ListAvailable(s.t, s.syncer.db, s.at(login), db.Filter{})
	names := make([]string, 0, len(list))
	for _, item := range list {
		names = append(names, item.Name)
	}
	return names
}

func (s *stage) listSync() db.Sync {
	s.t.Helper()
	latest, err := s.syncer.db.GetSync(s.t.Context(), db.SyncInstallations{UserID: s.person.ID})
	if err != nil {
		s.t.Fatal(err)
	}
	return latest.Sync
}

func (s *stage) expectSync(got db.Sync, state db.SyncState, words string) {
	s.t.Helper()
	if got.State != state || !strings.Contains(got.Message, words) {
		s.t.Fatalf("the sync is %s: %q, expected %s and %q", got.State, got.Message, state, words)
	}
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
