package github

import (
	"errors"
	"net/http"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// canRead reports whether a token can read a repository.
func (s *stage) canRead(token, repository string) bool {
	s.t.Helper()
	_, err := s.github.newClient(s.github.interactive, token, ErrForbidden).get(s.t.Context(), "repos/workshop/"+repository, &struct{}{})
	if err != nil && !errors.Is(err, ErrNotFound) && !errors.Is(err, ErrForbidden) {
		s.t.Fatal(err)
	}
	return err == nil
}

var readContents = map[string]string{"contents": "read"}

func TestAScopedTokenAccessesOnlyItsRepositoriesAndCanBeRevoked(t *testing.T) {
	world, _ := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	s.signIn("ada")
	token, err := s.github.AsUser(s.person.ID).CreateScopedToken(t.Context(), s.at("workshop").Account, []int64{502}, readContents)
	if err != nil {
		t.Fatal(err)
	}
	if token.Token == s.token().Access || token.ExpiresAt.IsZero() || token.Permissions["contents"] != "read" {
		t.Errorf("got a token with %v until %v", token.Permissions, token.ExpiresAt)
	}
	if s.canRead(token.Token, "lathe") || !s.canRead(token.Token, "press") {
		t.Error("the token can't read its repository")
	}
	for range 2 {
		if err := s.github.RevokeUserToken(t.Context(), token.Token); err != nil {
			t.Fatal(err)
		}
	}
	if s.canRead(token.Token, "press") {
		t.Error("the token works after its revocation")
	}
}

func TestAnInstallationTokenAccessesOnlyItsRepositoriesAndCanBeRevoked(t *testing.T) {
	world, _ := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	s.signIn("ada")
	token, err := s.github.AsApp().CreateToken(t.Context(), s.at("workshop").GitHubID, []int64{501}, readContents)
	if err != nil {
		t.Fatal(err)
	}
	if !s.canRead(token.Token, "lathe") || s.canRead(token.Token, "press") {
		t.Error("the token can't read its repository")
	}
	for range 2 {
		if err := s.github.RevokeInstallationToken(t.Context(), token.Token); err != nil {
			t.Fatal(err)
		}
	}
	if s.canRead(token.Token, "lathe") {
		t.Error("the token works after its revocation")
	}
}

func TestGitHubRejectsTokensForMoreThanIsGranted(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	s.signIn("ada")
	in := s.at("workshop")
	administration := map[string]string{"administration": "write"}
	_, err := s.github.AsUser(s.person.ID).CreateScopedToken(t.Context(), in.Account, []int64{501}, administration)
	expectErr(t, err, ErrInvalid)
	_, err = s.github.AsApp().CreateToken(t.Context(), in.GitHubID, []int64{501}, administration)
	expectErr(t, err, ErrInvalid)
	world.Installations.Suspend(id, "boss")
	_, err = s.github.AsUser(s.person.ID).CreateScopedToken(t.Context(), in.Account, []int64{501}, readContents)
	expectErr(t, err, ErrSuspended)
	_, err = s.github.AsApp().CreateToken(t.Context(), in.GitHubID, []int64{501}, readContents)
	expectErr(t, err, ErrSuspended)
}

func TestAdministersIsCheckedOnGitHub(t *testing.T) {
	world, _ := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	ada := s.signIn("ada")
	press := db.NamedRepository{ID: 502, Name: "press", Owner: "workshop"}
	other := db.NamedRepository{ID: 9, Name: "lathe", Owner: "workshop"}
	gone := db.NamedRepository{ID: 8, Name: "gone", Owner: "workshop"}
	for want, lists := range map[bool][][]db.NamedRepository{
		true:  {{lathe}},
		false: {{press}, {lathe, press}, {other}, {gone}},
	} {
		for _, list := range lists {
			if got, err := s.github.AsUser(ada.ID).Administers(t.Context(), list); got != want || err != nil {
				t.Errorf("%v: %v, %v", list, got, err)
			}
		}
	}
	world.Repositories.Rename(501, "mill")
	if got, err := s.github.AsUser(ada.ID).Administers(t.Context(), []db.NamedRepository{lathe}); !got || err != nil {
		t.Errorf("under an earlier name: %v, %v", got, err)
	}
}

func TestAPersonalTokenChangesAnInstallationsRepositories(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	ctx := t.Context()
	ada := s.signIn("ada")
	own := s.github.WithPersonalToken(world.Accounts.AddPersonalToken("ada"))
	if owner, err := own.Owner(ctx); owner != ada.GitHubID || err != nil {
		t.Fatalf("the owner is %d, %v", owner, err)
	}
	expectErr(t, own.AddRepository(ctx, id, 501), ErrInvalid) // the installation has access to all repositories
	world.Installations.Select(id, "selected", 502)
	for _, step := range []error{
		own.AddRepository(ctx, id, 501),
		own.AddRepository(ctx, id, 501),
		own.RemoveRepository(ctx, id, 501),
	} {
		if step != nil {
			t.Error(step)
		}
	}
	expectErr(t, own.RemoveRepository(ctx, id, 501), ErrNotFound)
	expectErr(t, own.AddRepository(ctx, id, 502), ErrForbidden) // not an admin
	weak := s.github.WithPersonalToken(world.Accounts.AddPersonalToken("ada", "gist"))
	if err := weak.AddRepository(ctx, id, 501); err == nil {
		t.Error("a token without the scope repo is enough")
	}
	_, err := s.github.WithPersonalToken("ghp_unknown").Owner(ctx)
	expectErr(t, err, ErrPersonalToken)

	s.server.FailPath("/501", &sandboxNotModified)
	if err := own.AddRepository(ctx, id, 501); err != nil {
		t.Errorf("an unchanged response: %v", err)
	}
	if n := s.count(http.MethodPut, "/501"); n == 0 {
		t.Error("no request was sent to GitHub")
	}
}
