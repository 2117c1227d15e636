package db_test

import (
	"errors"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

func TestSmoke(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		ctx := t.Context()
		d := dbtest.Open(t, url, nil)
		p, err := d.LogIn(ctx, db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a", Refresh: "b"})
		if err != nil {
			t.Fatal(err)
		}
		run, err := d.StartInstallationsSync(ctx, p.ID)
		if err != nil {
			t.Fatal(err)
		}
		acme := db.Account{Kind: "Organization", GitHubID: 7, Login: "Acme"}
		if err := d.PutInstallations(ctx, p.ID, run, []db.InstallationFacts{{GitHubID: 99, Account: acme, RepositorySelection: "all"}}); err != nil {
			t.Fatal(err)
		}
		if err := d.FinishInstallationsSync(ctx, p.ID, run); err != nil {
			t.Fatal(err)
		}
		list, err := d.Installations(ctx, p.ID, db.OrderByLogin, db.Window{})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		target, err := d.SyncTarget(ctx, list[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		run, err = d.StartSync(ctx, target)
		if err != nil {
			t.Fatal(err)
		}
		var page []db.RepositoryFacts
		for i := range 300 {
			page = append(page, db.RepositoryFacts{Repository: db.Repository{ID: int64(i + 1), Name: "Repo", Description: "Ünicode \"x\"", Language: "Go", Visibility: "public", Topics: []string{"cli"}, PushedAt: time.Now(), IsFork: i%2 == 0}, OwnerAccount: acme, Permission: "admin"})
		}
		if err := d.PutRepositories(ctx, target, run, page); err != nil {
			t.Fatal(err)
		}
		if n, err := d.UnseenRepositories(ctx, target, run); n != 0 || err != nil {
			t.Fatal(n, err)
		}
		if err := d.FinishSync(ctx, target, run, true); err != nil {
			t.Fatal(err)
		}
		in, err := d.Installation(ctx, p.ID, list[0].ID)
		if err != nil || in.RepositoryCount != 300 {
			t.Fatal(in, err)
		}
		res, err := d.ImportMatching(ctx, in, db.Filter{Query: "acme/üni", Fork: db.Yes, Topic: "cli", Imported: db.No, Language: "Go"})
		if err != nil || len(res) != 150 || res[0].Status != db.Imported {
			t.Fatal(len(res), err)
		}
		av, err := d.Available(ctx, in, db.Filter{Imported: db.Yes}, db.SortPushedDesc, db.Window{Limit: 50, Offset: 50})
		if err != nil || len(av) != 50 {
			t.Fatal(len(av), err)
		}
		for {
			j, err := d.ClaimJob(ctx, time.Minute)
			if errors.Is(err, db.ErrNotFound) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if j, err = d.ExtendJob(ctx, j, 2*time.Minute); err != nil {
				t.Fatal(err)
			}
			if err := d.FinishJob(ctx, j); err != nil {
				t.Fatal(err)
			}
		}
		f, err := d.Facets(ctx, in)
		if err != nil || len(f.Languages) != 1 {
			t.Fatal(f, err)
		}
		if err := d.CleanUp(ctx); err != nil {
			t.Fatal(err)
		}
	})
}
