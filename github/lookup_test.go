package github

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

func TestInstallationsAreFoundByOrganizationUserAndRepository(t *testing.T) {
	world, ids := offices()
	personal := world.Installations.Install("ines", sandbox.SelectAll)
	s := newStage(t, dbtest.SQLite(t), world)
	ctx := t.Context()

	found, err := s.github.AsApp().OrganizationInstallation(ctx, "north")
	if err != nil || found.GitHubID != ids[0] || found.Account.Login != "north" {
		t.Errorf("by organization: %+v, %v", found, err)
	}
	if found, err = s.github.AsApp().UserInstallation(ctx, "ines"); err != nil || found.GitHubID != personal {
		t.Errorf("by user: %+v, %v", found, err)
	}
	if found, err = s.github.AsApp().RepositoryInstallation(ctx, "south", "secret-of-south"); err != nil || found.GitHubID != ids[2] {
		t.Errorf("by repository: %+v, %v", found, err)
	}
	if _, err := s.github.db.FindAppInstallation(ctx, ids[0]); err != nil {
		t.Errorf("the result isn't stored: %v", err)
	}
	// P24
	if found, err = s.github.AsApp().OrganizationInstallation(ctx, "middle"); err != nil || found.SuspendedAt.IsZero() {
		t.Errorf("a suspended one: %+v, %v", found, err)
	}

	_, err = s.github.AsApp().OrganizationInstallation(ctx, "nowhere")
	expectErr(t, err, ErrNotFound)
	_, err = s.github.AsApp().UserInstallation(ctx, "nobody")
	expectErr(t, err, ErrNotFound)
	_, err = s.github.AsApp().RepositoryInstallation(ctx, "north", "nothing")
	expectErr(t, err, ErrNotFound)
	_, err = s.github.AsApp().OrganizationInstallation(ctx, "../app")
	expectErr(t, err, ErrNotFound)
}

// P26: a repository that was transferred and renamed is found under its old name.
func TestP26TheLookUpFollowsATransferAndARename(t *testing.T) {
	world, ids := offices()
	repository := world.Repositories.List("north")[0]
	world.Repositories.Transfer(repository.ID, "south")
	world.Repositories.Rename(repository.ID, "opened")
	s := newStage(t, dbtest.SQLite(t), world)
	found, err := s.github.AsApp().RepositoryInstallation(t.Context(), "north", "secret-of-north")
	if err != nil || found.GitHubID != ids[2] || found.Account.Login != "south" {
		t.Errorf("under its old name: %+v, %v", found, err)
	}
}

func TestLookUpErrorsAreClassified(t *testing.T) {
	world, _ := offices()
	s := newStage(t, dbtest.SQLite(t), world)
	for name, c := range map[string]struct {
		fault *sandbox.Fault
		want  error
	}{
		"down":    {sandbox.BadGateway(http.StatusServiceUnavailable), ErrUnavailable},
		"dropped": {&sandbox.Fault{Drop: true}, ErrUnavailable},
		"403":     {&sandbox.Fault{Status: http.StatusForbidden, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Resource not accessible by integration"}`}, ErrForbidden},
		"401":     {&sandbox.Fault{Status: http.StatusUnauthorized, Header: http.Header{"Content-Type": {"application/json"}}, Body: `{"message":"Bad credentials"}`}, ErrAppCredentials},
	} {
		t.Run(name, func(t *testing.T) {
			s.server.FailPath("/installation", c.fault)
			_, err := s.github.AsApp().OrganizationInstallation(t.Context(), "north")
			expectErr(t, err, c.want)
		})
	}
	until := s.clock.Now().Add(20 * time.Minute)
	s.server.FailPath("/installation", sandbox.PrimaryLimit(until))
	_, err := s.github.AsApp().OrganizationInstallation(t.Context(), "north")
	if limit := new(RateLimitError); !errors.As(err, &limit) || !limit.Until.Equal(until.Truncate(time.Second)) {
		t.Errorf("a limit: %v", err)
	}
}

// offices returns a stage with three installations, the second of which is suspended.
func offices() (w *sandbox.World, ids []int64) {
	w = sandbox.NewWorld()
	w.Accounts.AddUser(sandbox.User{Login: "ines"})
	for _, org := range []string{"north", "middle", "south"} {
		w.Accounts.AddOrganization(sandbox.Organization{Login: org})
		w.Accounts.AddMember(org, "ines", sandbox.RoleAdmin)
		w.Repositories.Add(org, sandbox.Repository{Name: "secret-of-" + org, Private: true})
		ids = append(ids, w.Installations.Install(org, sandbox.SelectAll))
	}
	w.Installations.Suspend(ids[1], "ines")
	return w, ids
}
