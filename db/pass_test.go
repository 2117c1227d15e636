package db_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/jobs"
)

// pageOf returns a page of a list, as GitHub returned it with token version 1.
func pageOf(number, total int64, facts ...db.ListedRepository) db.SyncPage {
	return db.SyncPage{
		PageSummary: db.PageSummary{Number: number, Total: total, Items: int64(len(facts)), More: true},
		ETag:        `W/"a"`, TokenVersion: 1, Repositories: facts,
	}
}

func TestAPassResumesWhereAnotherWorkerStopped(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		first := got(w.ResumePass(ctx, target, run))(t)
		fresh := got(w.PutPages(ctx, target, first, []db.SyncPage{
			pageOf(1, 6, repos(1, 2, acme)...), pageOf(3, 6, repos(5, 2, acme)...),
		}))(t)
		if fresh != 4 {
			t.Errorf("%d repositories were new", fresh)
		}
		if again := got(w.PutPages(ctx, target, first, []db.SyncPage{pageOf(3, 6, repos(5, 2, acme)...)}))(t); again != 0 {
			t.Errorf("%d repositories of a page that was stored before were new", again)
		}

		ok(t, w.WaitSync(ctx, run, w.clock.Now().Add(time.Hour), "GitHub asks to wait"))
		w.clock.Advance(time.Hour)
		if next := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t); next != run {
			t.Fatalf("run %d follows run %d", next, run)
		}
		if s := w.reload(through).Sync; s.State != db.SyncRunning || s.Message != "" || !s.RetryAt.IsZero() {
			t.Errorf("after it resumed, the sync is %+v", s)
		}
		second := got(w.ResumePass(ctx, target, run))(t)
		want := []db.PageSummary{{Number: 1, Total: 6, Items: 2, More: true}, {Number: 3, Total: 6, Items: 2, More: true}}
		if second.Number != first.Number || second.Seen != 4 || !reflect.DeepEqual(second.Done, want) {
			t.Errorf("it continues with %+v", second)
		}

		w.clock.Advance(time.Hour)
		late := got(w.ResumePass(ctx, target, run))(t)
		if late.Number != first.Number+1 || len(late.Done) != 0 || late.Seen != 0 {
			t.Errorf("hours later it continues with %+v", late)
		}
		// The pages of a late worker count for its own pass.
		got(w.PutPages(ctx, target, first, []db.SyncPage{pageOf(2, 6, repos(3, 2, acme)...)}))(t)
		if seen := got(w.CountSeen(ctx, target, late))(t); seen != 0 {
			t.Errorf("the new pass saw %d of them", seen)
		}
		ok(t, w.FinishPass(ctx, late, true))
		confirming := got(w.ResumePass(ctx, target, run))(t)
		if !confirming.Confirming || confirming.Number != late.Number+1 {
			t.Errorf("after a complete pass, the next is %+v", confirming)
		}
		ok(t, w.FinishRepositoriesSync(ctx, target, run, false))
		if _, err := w.ResumePass(ctx, target, run); !errors.Is(err, jobs.ErrLost) {
			t.Errorf("a pass of a finished run: %v", err)
		}
	})
}

// A reinstall brings another list.
func TestAReinstallStartsANewPass(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		first := got(w.ResumePass(ctx, target, run))(t)
		got(w.PutPages(ctx, target, first, []db.SyncPage{pageOf(1, 2, repos(1, 2, acme)...)}))(t)
		w.syncInstallations(p, installed(701, acme))
		target = got(w.SyncTarget(ctx, through.ID))(t)
		if next := got(w.ResumePass(ctx, target, run))(t); next.Number == first.Number || len(next.Done) > 0 {
			t.Errorf("it continues with %+v", next)
		}
		if _, err := w.FindCachedPage(ctx, target, 1, 1); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a page of the former installation: %v", err)
		}
	})
}

func TestConcurrentWorkersShareARun(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		runs := make([]int64, 8)
		var wait sync.WaitGroup
		for i := range runs {
			wait.Go(func() {
				var err error
				if runs[i], err = w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}); err != nil {
					t.Errorf("start: %v", err)
				}
				if _, err := w.StartSync(ctx, db.SyncInstallations{UserID: p.ID}); err != nil && !errors.Is(err, jobs.ErrLost) {
					t.Errorf("start the list's: %v", err)
				}
			})
		}
		wait.Wait()
		if slices.Sort(runs); runs[0] == 0 || runs[0] != runs[7] {
			t.Errorf("the runs are %v", runs)
		}
	})
}

// A worker that lost its job must not finish the run again: no pass has seen what
// a webhook added meanwhile.
func TestARunEndsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		_, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, run, repos(1, 3, acme)))
		ok(t, w.FinishRepositoriesSync(ctx, target, run, true))
		ok(t, dbtest.PutRepositories(ctx, w.DB, target, 0, repos(4, 1, acme)))
		ok(t, w.FinishRepositoriesSync(ctx, target, run, true))
		if after := w.reload(through); after.RepositoryCount != 4 {
			t.Errorf("%d repositories are left", after.RepositoryCount)
		}
	})
}

func TestAnUnchangedPageIsStoredAsItWasRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		facts := repos(1, 3, acme)
		facts[1].Topics, facts[1].License = []string{"a", "b"}, "MIT"
		facts[1].PushedAt = w.clock.Now()
		_, through := w.member(1, "ada", acme)
		target := got(w.SyncTarget(ctx, through.ID))(t)
		run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(t)
		pass := got(w.ResumePass(ctx, target, run))(t)
		got(w.PutPages(ctx, target, pass, []db.SyncPage{pageOf(1, 3, facts...)}))(t)
		ok(t, w.FinishPass(ctx, pass, true))

		known := got(w.FindCachedPage(ctx, target, 1, 1))(t)
		if known.ETag != `W/"a"` || known.Items != 3 || known.Total != 3 {
			t.Errorf("the page is %+v", known)
		}
		next := got(w.ResumePass(ctx, target, run))(t)
		fresh := got(w.PutPages(ctx, target, next, []db.SyncPage{{PageSummary: known.PageSummary, TokenVersion: 1, Unchanged: &known}}))(t)
		if seen := got(w.CountSeen(ctx, target, next))(t); seen != 3 || fresh != 3 {
			t.Errorf("of an unchanged page %d were seen, %d of them new", seen, fresh)
		}

		unknown := func(why string) {
			t.Helper()
			if _, err := w.FindCachedPage(ctx, target, 1, 1); !errors.Is(err, db.ErrNotFound) {
				t.Errorf("%s: the page is known, %v", why, err)
			}
		}
		if _, err := w.FindCachedPage(ctx, target, 1, 2); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("under another token: %v", err)
		}
		for why, change := range map[string]func(*db.ListedRepository){
			"another name":       func(f *db.ListedRepository) { f.Name = "renamed" },
			"another permission": func(f *db.ListedRepository) { f.Permission = "triage" },
			"another owner":      func(f *db.ListedRepository) { f.OwnerAccount = beta },
			"a renamed owner":    func(f *db.ListedRepository) { f.OwnerAccount.Login = "acme-inc" },
			"other topics":       func(f *db.ListedRepository) { f.Topics = nil },
		} {
			changed := facts[1]
			change(&changed)
			ok(t, dbtest.PutRepositories(ctx, w.DB, target, 0, []db.ListedRepository{changed}))
			unknown(why)
			ok(t, dbtest.PutRepositories(ctx, w.DB, target, 0, []db.ListedRepository{facts[1]}))
			got(w.FindCachedPage(ctx, target, 1, 1))(t)
		}
		for _, kind := range []struct {
			change, restore string
			columns         []string
		}{
			{"%[1]s || '~'", "RTRIM(%[1]s, '~')", []string{
				"html_url", "description", "language", "license", "website_url", "default_branch", "topics", "visibility",
				"clone_url", "ssh_url", "node_id", "custom_properties",
			}},
			{"%[1]s + 1", "%[1]s - 1", []string{
				"size_kb", "pushed_at", "stars", "forks", "open_issues", "is_disabled", "github_created_at", "github_updated_at",
			}},
			{"NOT %[1]s", "NOT %[1]s", []string{"is_private", "is_fork", "is_template", "is_archived"}},
		} {
			for _, column := range kind.columns {
				w.exec("UPDATE repositories SET " + column + " = " + fmt.Sprintf(kind.change, column) + " WHERE id = 2")
				unknown("another " + column)
				w.exec("UPDATE repositories SET " + column + " = " + fmt.Sprintf(kind.restore, column) + " WHERE id = 2")
				got(w.FindCachedPage(ctx, target, 1, 1))(t)
			}
		}
		w.exec(`DELETE FROM access WHERE repository_id = 2`)
		unknown("access taken away")
	})
}

func TestTheLongerOfTwoLimitsApplies(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, other := w.login(1, "ada"), w.login(2, "bob")
		long := db.RequestLimit{Until: w.clock.Now().Add(time.Hour).UTC()}
		ok(t, w.PutRequestLimit(ctx, p.ID, long))
		ok(t, w.PutRequestLimit(ctx, p.ID, db.RequestLimit{Until: w.clock.Now().Add(time.Minute), Secondary: true}))
		if now := got(w.RequestLimit(ctx, p.ID))(t); !now.Until.Equal(long.Until) || now.Secondary {
			t.Errorf("the limit is %+v", now)
		}
		if now := got(w.RequestLimit(ctx, other.ID))(t); !now.Until.IsZero() {
			t.Errorf("another user's limit is %+v", now)
		}
		w.clock.Advance(time.Hour)
		if now := got(w.RequestLimit(ctx, p.ID))(t); !now.Until.IsZero() {
			t.Errorf("at its end the limit is %+v", now)
		}
	})
}
