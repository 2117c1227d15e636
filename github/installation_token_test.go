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

// workshop has an organization with two repositories, of which ada is admin of
// the first and may read the second.
func workshop() (world *sandbox.World, installation int64) {
	world = sandboxtest.EmptyWorld()
	world.AddOrganization(sandbox.Organization{Login: "workshop"})
	world.AddUser(sandbox.User{Login: "boss"})
	world.AddMember("workshop", "boss", sandbox.RoleAdmin)
	world.AddMember("workshop", "ada", sandbox.RoleMember)
	world.AddRepository("workshop", sandbox.Repository{ID: 501, Name: "lathe", Private: true})
	world.AddRepository("workshop", sandbox.Repository{ID: 502, Name: "press", Private: true})
	world.SetPermission(501, "ada", sandbox.Admin)
	world.SetPermission(502, "ada", sandbox.Pull)
	world.SetAppPermissions(map[string]string{"metadata": "read", "members": "read", "contents": "write"})
	return world, world.Install("workshop", sandbox.SelectAll)
}

var lathe = db.NamedRepository{ID: 501, Name: "lathe", Owner: "workshop", Permission: "admin"}

// P36: installation tokens are minted once, for all callers, until shortly
// before they end.
func TestP36InstallationTokensAreMintedOnceForAllCallers(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	s.app().tokens = appSigner{s.app().App, s.clock.Now} // oauth2 keeps tokens by a clock of its own
	use := func(repository int64) {
		t.Helper()
		err := s.AsInstallation(id).do(soon(t), repository, func(c *client) error {
			_, err := c.get(context.Background(), "repos/workshop/lathe", &struct{}{})
			return err
		})
		if err != nil {
			t.Error(err)
		}
	}
	minted := func() int { return s.does(http.MethodPost, "/access_tokens") }
	var callers sync.WaitGroup
	for range 30 {
		callers.Go(func() { use(0) })
	}
	callers.Wait()
	if n := minted(); n != 1 {
		t.Fatalf("%d tokens were minted for 30 calls", n)
	}
	use(501)
	use(501)
	if n := minted(); n != 2 {
		t.Errorf("%d tokens were minted, expected one more for one repository", n)
	}
	s.clock.pass(time.Hour - mintedRest - time.Second)
	use(0)
	if n := minted(); n != 2 {
		t.Errorf("%d tokens were minted, the last of them too soon", n)
	}
	s.clock.pass(time.Second)
	use(0)
	if n := minted(); n != 3 {
		t.Errorf("%d tokens were minted, expected a new one five minutes before the end", n)
	}
}

// Neptun's own tokens can do no more than what they are fetched for.
func TestATokenToLookWithCanOnlyLook(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	if n, err := s.AsInstallation(id).CountRepositories(t.Context()); err != nil || n != 2 {
		t.Fatalf("it reaches %d repositories, %v", n, err)
	}
	if may := s.minted.of(mintKey{id, 0}, s.now()).token.Permissions; len(may) != 1 || may["metadata"] != "read" {
		t.Errorf("the token may %v", may)
	}
}

func TestAnInstallationTokenThatEndedEarlyIsReplacedOnce(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	ask := func() error {
		return s.AsInstallation(id).do(t.Context(), 0, func(c *client) error {
			_, err := c.get(t.Context(), "repos/workshop/lathe", &struct{}{})
			return err
		})
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	token := s.minted.of(mintKey{id, 0}, s.now()).token.Token
	if err := s.RevokeInstallationToken(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := ask(); err != nil {
		t.Fatal(err)
	}
	s.spoil("/lathe", &sandbox.Fault{
		Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Bad credentials"}`,
	})
	expectErr(t, ask(), ErrUnavailable)
}

func TestNoTokenIsMintedWhereTheAppIsNotLetIn(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	never := func(*client) error { t.Error("there is a token"); return nil }
	world.Suspend(id, "boss")
	expectErr(t, s.AsInstallation(id).do(t.Context(), 0, never), ErrSuspended)
	world.Unsuspend(id)
	world.Uninstall(id)
	expectErr(t, s.AsInstallation(id).do(t.Context(), 0, never), ErrNotFound)
}
