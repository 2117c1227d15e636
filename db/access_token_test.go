package db_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// known is a user who sees two repositories of acme, and one of their own.
func known(t *testing.T, d *db.DB, gitHubID int64, login string) db.InstallationRecord {
	t.Helper()
	ctx := t.Context()
	p, err := d.SignIn(ctx, db.Profile{GitHubID: gitHubID, Login: login}, db.Token{Access: "a" + login, Refresh: "r" + login})
	check(t, err)
	run, err := d.StartSync(ctx, db.SyncInstallations{UserID: p.ID})
	check(t, err)
	acme := db.Account{Kind: db.KindOrganization, GitHubID: 7, Login: "Acme"}
	check(t, d.PutInstallations(ctx, p.ID, run, []db.Installation{{GitHubID: 99, Account: acme, RepositorySelection: "all"}}))
	check(t, d.FinishInstallationsSync(ctx, p.ID, run))
	list, err := d.ListAllInstallations(ctx, p.ID, db.OrderByID, db.Page{})
	check(t, err)
	target, err := d.SyncTarget(ctx, list[0].ID)
	check(t, err)
	run, err = d.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
	check(t, err)
	repository := func(id int64, name, permission string) db.ListedRepository {
		return db.ListedRepository{Repository: db.Repository{ID: id, Name: name, Visibility: "private"}, OwnerAccount: acme, Permission: permission}
	}
	check(t, dbtest.PutRepositories(ctx, d, target, run, []db.ListedRepository{
		repository(1, "Till", "admin"), repository(2, "till.js", "pull"), repository(gitHubID, "of-"+login, "push"),
	}))
	check(t, d.FinishRepositoriesSync(ctx, target, run, true))
	in, err := d.GetInstallation(ctx, p.ID, list[0].ID)
	check(t, err)
	return in
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnlyVisibleRepositoriesCanBeNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		d := dbtest.Open(t, url, nil)
		ada, bob := known(t, d, 11, "ada"), known(t, d, 12, "bob")
		for _, c := range []struct {
			through db.InstallationRecord
			ids     []int64
			names   []string
			want    string
		}{
			{ada, []int64{1, 11}, nil, "Acme/Till admin, Acme/of-ada push"},
			{ada, nil, []string{"till.js", "of-ada"}, "Acme/till.js pull, Acme/of-ada push"},
			{ada, []int64{12, 404}, []string{"of-bob", `"}`}, ""},
			{bob, []int64{11, 12}, nil, "Acme/of-bob push"},
			{ada, nil, nil, ""},
		} {
			list, err := d.ListNamedRepositories(t.Context(), c.through, c.ids, c.names)
			check(t, err)
			var got []string
			for _, r := range list {
				got = append(got, r.Owner+"/"+r.Name+" "+r.Permission)
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("%v %v: got %v, want %s", c.ids, c.names, got, c.want)
			}
		}
	})
}

func TestAnAccessTokenIsFoundOnlyByItsOwner(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		now := time.Now()
		ctx, d := t.Context(), dbtest.Open(t, url, func() time.Time { return now })
		ada, bob := known(t, d, 11, "ada"), known(t, d, 12, "bob")
		check(t, d.StoreAccessToken(ctx, ada, db.AccessTokenUser, "ghu_lasting", time.Time{}))
		check(t, d.StoreAccessToken(ctx, ada, db.AccessTokenInstallation, "ghs_hour", now.Add(time.Hour)))
		kind := func(through db.InstallationRecord, token, want string) {
			t.Helper()
			got, err := d.AccessTokenKind(ctx, through, token)
			if got != want || (want == "") != errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s is %q, %v, want %q", token, got, err, want)
			}
		}
		kind(ada, "ghu_lasting", db.AccessTokenUser)
		kind(ada, "ghs_hour", db.AccessTokenInstallation)
		kind(ada, "ghs_other", "")
		kind(bob, "ghu_lasting", "")
		forged := bob
		forged.ID = ada.ID
		kind(forged, "ghu_lasting", "")

		now = now.Add(61 * time.Minute)
		check(t, d.CleanUp(ctx))
		kind(ada, "ghs_hour", "")
		kind(ada, "ghu_lasting", db.AccessTokenUser)
		check(t, d.DeleteAccessToken(ctx, "ghu_lasting"))
		kind(ada, "ghu_lasting", "")
	})
}

// P35: GitHub's tokens have no length that one could count on.
func TestP35TokensOfAnyLengthAreStored(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		ctx, d := t.Context(), dbtest.Open(t, url, nil)
		for _, length := range []int{40, 520, 1000, 20_000} {
			long := db.Token{Access: "ghu_" + strings.Repeat("a", length), Refresh: "ghr_" + strings.Repeat("r", length)}
			p, err := d.SignIn(ctx, db.Profile{GitHubID: 1, Login: "ada"}, long)
			check(t, err)
			got, err := d.GitHubTokenOf(ctx, 1)
			if err != nil || got.Access != long.Access || got.Refresh != long.Refresh {
				t.Errorf("%d characters: %v", length, err)
			}
			longer := db.Token{Access: long.Access + "b", Refresh: long.Refresh + "b"}
			check(t, d.RenewGitHubToken(ctx, p.ID, got.Version, longer))
			if got, err := d.GitHubToken(ctx, p.ID); err != nil || got.Access != longer.Access || got.Refresh != longer.Refresh {
				t.Errorf("%d characters, renewed: %v", length, err)
			}
		}
	})
}

func TestRevokingAnAuthorizationKeepsImports(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		ctx, d := t.Context(), dbtest.Open(t, url, nil)
		ada, bob := known(t, d, 11, "ada"), known(t, d, 12, "bob")
		_, _, err := d.ImportRepositories(ctx, ada, []int64{1})
		check(t, err)
		later := time.Now().Add(time.Hour)
		check(t, d.PutSession(ctx, "one", ada.UserID, []byte("x"), later))
		check(t, d.PutSession(ctx, "two", ada.UserID, []byte("x"), later))
		check(t, d.PutSession(ctx, "bobs", bob.UserID, []byte("x"), later))
		check(t, d.EndAuthorization(ctx, ada.UserID))

		for _, session := range []string{"one", "two"} {
			check(t, d.PutSession(ctx, session, ada.UserID, []byte("y"), later)) // by a request in flight
			if _, err := d.FindCredential(ctx, session); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the session %s lives: %v", session, err)
			}
		}
		if _, err := d.FindCredential(ctx, "bobs"); err != nil {
			t.Errorf("another user's session: %v", err)
		}
		if _, err := d.GitHubToken(ctx, ada.UserID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("the token is still there: %v", err)
		}
		_, err = d.GitHubTokenOf(ctx, 13)
		if !errors.Is(err, db.ErrNotFound) {
			t.Errorf("an unknown user has a token: %v", err)
		}
		again := known(t, d, 11, "ada")
		if n, err := d.CountImports(ctx, again.UserID, db.Filter{}); again.ID != ada.ID || n != 1 || err != nil {
			t.Errorf("after it was added again: record %d, %d imports, %v", again.ID, n, err)
		}
	})
}
