package db_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// TestTransferMovesTheImport: bob's sync meets repository 1 under its new
// owner; everybody's import moves there, under the same id.
func TestTransferMovesTheImport(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		people := []db.User{w.login(1, "ada"), w.login(2, "bob")}
		var imported [][]int64
		for _, p := range people {
			w.syncInstallations(p, installed(700, acme), installed(800, beta))
			in := w.syncRepositories(w.record(p, acme), repos(1, 3, acme)...)
			w.syncRepositories(w.record(p, beta), repos(11, 2, beta)...)
			imported = append(imported, w.importRepositories(in, 1, 2))
		}

		moved := repo(1, "moved-and-renamed", beta)
		w.syncRepositories(w.record(people[1], beta), append(repos(11, 2, beta), moved)...)
		for i, p := range people {
			from, to := w.record(p, acme), w.record(p, beta)
			if from.RepositoryCount != 2 || from.ImportCount != 1 || to.RepositoryCount != 3 || to.ImportCount != 1 {
				t.Errorf("%s's counts are %d/%d and %d/%d", p.Login, from.RepositoryCount, from.ImportCount, to.RepositoryCount, to.ImportCount)
			}
			list := got(w.ListInstallationImports(ctx, to, db.Filter{}, db.SortID, db.Page{}))(t)
			if len(list) != 1 || list[0].ID != imported[i][0] || list[0].FullName() != "beta/moved-and-renamed" || list[0].InstallationID != to.ID {
				t.Errorf("%s's imports of beta are %+v", p.Login, list)
			}
			if rest := got(w.ListInstallationImports(ctx, from, db.Filter{}, db.SortID, db.Page{}))(t); len(rest) != 1 || rest[0].ID != imported[i][1] {
				t.Errorf("%s's imports of acme are %+v", p.Login, rest)
			}
		}
		// Ada's next sync of the old owner doesn't see it, and removes nothing.
		w.syncRepositories(w.record(people[0], acme), repos(2, 2, acme)...)
		if to := w.record(people[0], beta); to.ImportCount != 1 {
			t.Errorf("the old owner's sync removed the import: %+v", to)
		}
	})
}

// While a list is read, a new repository moves to another account of the user's.
func TestARepositoryIsCountedAtItsOwner(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := w.login(1, "ada")
		w.syncInstallations(p, installed(700, acme), installed(800, beta))
		w.syncRepositories(w.record(p, acme), append(repos(1, 2, acme), repo(9, "new", beta))...)
		for _, in := range []db.InstallationRecord{w.record(p, acme), w.record(p, beta)} {
			list := got(w.ListAvailable(t.Context(), in, db.Filter{}, db.SortName, db.Page{}))(t)
			if in.RepositoryCount != int64(len(list)) {
				t.Errorf("%s counts %d and lists %d", in.Account.Login, in.RepositoryCount, len(list))
			}
		}
	})
}

func TestRenameKeepsTheRepository(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, repo(1, "old", acme), repo(2, "other", acme))
		id := w.importRepositories(through, 1)[0]
		// The names are swapped: only the id identifies a repository (P26).
		through = w.syncRepositories(through, repo(1, "other", acme), repo(2, "old", acme))
		list := got(w.ListInstallationImports(ctx, through, db.Filter{}, db.SortID, db.Page{}))(t)
		if len(list) != 1 || list[0].ID != id || list[0].Repository.ID != 1 || list[0].Name != "other" {
			t.Errorf("imports are %+v", list)
		}
	})
}

// TestTwoUsersSyncOneAccountAtOnce: the same thousand repositories, their
// pages in opposite orders, must neither deadlock nor lose a count.
func TestTwoUsersSyncOneAccountAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		ada, bob := w.login(1, "ada"), w.login(2, "bob")
		all := repos(1, 1000, acme)
		for i := range all {
			all[i].OwnerAccount = []db.Account{acme, beta}[i/500]
		}
		var wait sync.WaitGroup
		for i, p := range []db.User{ada, bob} {
			facts := []db.Installation{installed(700, acme), installed(800, beta)}
			pages := slices.Collect(slices.Chunk(all, 100))
			pages = append(pages, all[450:550]) // of two owners
			if i == 1 {
				slices.Reverse(facts)
				slices.Reverse(pages)
				pages[0] = slices.Clone(pages[0])
				slices.Reverse(pages[0])
			}
			wait.Go(func() {
				for round := range 3 {
					run, err := w.StartSync(ctx, db.SyncInstallations{UserID: p.ID})
					if err == nil {
						err = w.PutInstallations(ctx, p.ID, run, facts)
					}
					if err == nil {
						err = w.FinishInstallationsSync(ctx, p.ID, run)
					}
					if err != nil {
						t.Errorf("%s's installations: %v", p.Login, err)
						return
					}
					target, err := w.SyncTarget(ctx, w.record(p, acme).ID)
					if err == nil {
						run, err = w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
					}
					if err != nil {
						t.Errorf("%s's sync: %v", p.Login, err)
						return
					}
					var parallel sync.WaitGroup
					for _, page := range pages {
						page = slices.Clone(page)
						for j := range page {
							page[j].Description = fmt.Sprintf("by %s in round %d", p.Login, round)
						}
						parallel.Go(func() {
							if err := dbtest.PutRepositories(ctx, w.DB, target, run, page); err != nil {
								t.Errorf("%s's page: %v", p.Login, err)
							}
						})
					}
					parallel.Wait()
					if err := w.FinishRepositoriesSync(ctx, target, run, true); err != nil {
						t.Errorf("%s's sync: %v", p.Login, err)
					}
				}
			})
		}
		wait.Wait()
		for _, p := range []db.User{ada, bob} {
			for _, on := range []db.Account{acme, beta} {
				if in := w.record(p, on); in.RepositoryCount != 500 {
					t.Errorf("%s counts %d of %s", p.Login, in.RepositoryCount, on.Login)
				}
			}
		}
	})
}
