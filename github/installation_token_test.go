package github

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// workshop returns a stage with an organization with two repositories; ada is admin of the
// first and can read the second.
func workshop() (world *sandbox.World, installation int64) {
	world = sandboxtest.EmptyWorld()
	world.Accounts.AddOrganization(sandbox.Organization{Login: "workshop"})
	world.Accounts.AddUser(sandbox.User{Login: "boss"})
	world.Accounts.AddMember("workshop", "boss", sandbox.RoleAdmin)
	world.Accounts.AddMember("workshop", "ada", sandbox.RoleMember)
	world.Repositories.Add("workshop", sandbox.Repository{ID: 501, Name: "lathe", Private: true})
	world.Repositories.Add("workshop", sandbox.Repository{ID: 502, Name: "press", Private: true})
	world.Repositories.SetPermission(501, "ada", sandbox.Admin)
	world.Repositories.SetPermission(502, "ada", sandbox.Pull)
	world.Apps.SetPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "write"})
	return world, world.Installations.Install("workshop", sandbox.SelectAll)
}

var lathe = db.NamedRepository{ID: 501, Name: "lathe", Owner: "workshop", Permission: "admin"}

// P36: installation tokens are created once, for all callers, until shortly before they
// expire.
func TestP36InstallationTokensAreCreatedOnceForAllCallers(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	s.github.app().tokens = appSigner{s.github.app().App, s.clock.Now} // oauth2 uses the machine's clock
	use := func(repository int64) {
		t.Helper()
		err := s.github.AsInstallation(id).do(testContext(t), repository, func(c *client) error {
			_, err := c.get(context.Background(), "repos/workshop/lathe", &struct{}{})
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	created := func() int { return s.count(http.MethodPost, "/access_tokens") }
	var callers sync.WaitGroup
	for range 30 {
		callers.Go(func() { use(0) })
	}
	callers.Wait()
	if n := created(); n != 1 {
		t.Fatalf("%d tokens were created for 30 calls", n)
	}
	use(501)
	use(501)
	if n := created(); n != 2 {
		t.Errorf("%d tokens were created, expected one more for one repository", n)
	}
	s.clock.Advance(time.Hour - tokenMargin - time.Second)
	use(0)
	if n := created(); n != 2 {
		t.Errorf("%d tokens were created, the last of them too soon", n)
	}
	s.clock.Advance(time.Second)
	use(0)
	if n := created(); n != 3 {
		t.Errorf("%d tokens were created, expected a new one five minutes before the end", n)
	}
}

// Neptun's own tokens have only the permissions they need.
func TestAReadingTokenCanOnlyRead(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	if n, err := s.github.AsInstallation(id).CountRepositories(t.Context()); err != nil || n != 2 {
		t.Fatalf("it has access to %d repositories, %v", n, err)
	}
	if may := s.github.installationTokens.of(tokenKey{id, 0}, s.github.now()).token.Permissions; len(may) != 1 || may["metadata"] != "read" {
		t.Errorf("the token may %v", may)
	}
}

func TestAnInstallationTokenThatExpiredEarlyIsReplacedOnce(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	request := func() error {
		return s.github.AsInstallation(id).do(t.Context(), 0, func(c *client) error {
			_, err := c.get(t.Context(), "repos/workshop/lathe", &struct{}{})
			return err
		})
	}
	if err := request(); err != nil {
		t.Fatal(err)
	}
	token := s.github.installationTokens.of(tokenKey{id, 0}, s.github.now()).token.Token
	if err := s.github.RevokeInstallationToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := request(); err != nil {
		t.Fatal(err)
	}
	s.server.FailPath("/lathe", &sandbox.Fault{
		Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Bad credentials"}`,
	})
	expectErr(t, request(), ErrUnavailable)
}

func TestNoTokenIsCreatedWithoutAccess(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	never := func(*client) error { t.Error("there is a token"); return nil }
	world.Installations.Suspend(id, "boss")
	expectErr(t, s.github.AsInstallation(id).do(t.Context(), 0, never), ErrSuspended)
	world.Installations.Unsuspend(id)
	world.Installations.Uninstall(id)
	expectErr(t, s.github.AsInstallation(id).do(t.Context(), 0, never), ErrNotFound)
}
