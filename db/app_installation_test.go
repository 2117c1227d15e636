package db_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"neptun/db"
	"neptun/jobs"
)

// officePage returns a page of n installations, the first of which is suspended.
func (w *world) officePage(n int) (page []db.Installation) {
	for i := range n {
		facts := installed(int64(900+i), db.Account{Kind: db.KindOrganization, GitHubID: int64(9000 + i), Login: fmt.Sprintf("Office_%02d", i)})
		if i == 0 {
			facts.SuspendedAt, facts.SuspendedBy = w.clock.Now(), "ada"
		}
		page = append(page, facts)
	}
	return page
}

func TestOperatorsSeeAllInstallations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		p, through := w.member(1, "ada", acme, repos(1, 3, acme)...)
		stranger := w.login(2, "bob")
		run := got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
		ok(t, w.PutAppInstallations(ctx, run, w.officePage(12)))

		if n := got(w.CountAppInstallations(ctx, db.InstallationFilter{}))(t); n != 13 {
			t.Errorf("%d installations, want 13", n)
		}
		page := got(w.ListAppInstallations(ctx, db.InstallationFilter{}, db.OrderByLogin, db.Page{Limit: 5, Offset: 1}))(t)
		if len(page) != 5 || page[0].Account.Login != "Office_00" || !page[0].Suspended() || page[0].SuspendedBy != "ada" || page[1].Suspended() {
			t.Errorf("the second five are %+v", page)
		}
		for query, want := range map[string]int64{"OFFICE_0": 10, "office_11": 1, "%": 0, `\`: 0, "e": 13, "_": 12} {
			if n := got(w.CountAppInstallations(ctx, db.InstallationFilter{Query: query}))(t); n != want {
				t.Errorf("%q matches %d, want %d", query, n, want)
			}
			if list := got(w.ListAppInstallations(ctx, db.InstallationFilter{Query: query}, db.OrderByLogin, db.Page{}))(t); int64(len(list)) != want {
				t.Errorf("%q lists %d, want %d", query, len(list), want)
			}
		}
		one := got(w.FindAppInstallation(ctx, through.GitHubID))(t)
		if one.Users != 1 || one.Account.Login != acme.Login || one.RepositorySelection != through.RepositorySelection {
			t.Errorf("one of them is %+v", one)
		}
		if own := got(w.FindInstallationByGitHubID(ctx, p.ID, through.GitHubID))(t); own.ID != through.ID || own.RepositoryCount != 3 {
			t.Errorf("ada's own record is %+v", own)
		}
		for _, err := range []error{
			second(w.FindInstallationByGitHubID(ctx, stranger.ID, through.GitHubID)), second(w.FindInstallationByGitHubID(ctx, p.ID, 900)), second(w.FindAppInstallation(ctx, 7)),
		} {
			if !errors.Is(err, db.ErrNotFound) {
				t.Errorf("the error is %v, want ErrNotFound", err)
			}
		}

		unseen := got(w.ListUnseenAppInstallations(ctx, run))(t)
		if !slices.Equal(unseen, []int64{through.GitHubID}) {
			t.Errorf("the run didn't see %v", unseen)
		}
		if next := got(w.StartSync(ctx, db.SyncAppInstallations{}))(t); len(got(w.ListUnseenAppInstallations(ctx, next))(t)) != 13 {
			t.Error("the next run has already seen some")
		}
		ok(t, w.MarkInstallationDeleted(ctx, 900))
		if n := got(w.CountAppInstallations(ctx, db.InstallationFilter{}))(t); n != 12 {
			t.Errorf("%d installations are left, want 12", n)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestAppInstallationsSync(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		expect := func(state db.SyncState, message string) db.SyncStatus {
			t.Helper()
			status := got(w.GetSync(ctx, db.SyncAppInstallations{}))(t)
			if status.State != state || status.Message != message {
				t.Fatalf("the sync is %s: %q, want %s: %q", status.State, status.Message, state, message)
			}
			return status
		}
		expect(db.SyncIdle, "")
		for range 2 { // the second joins the first
			ok(t, w.QueueSync(ctx, db.SyncAppInstallations{}))
		}
		expect(db.SyncQueued, "")
		job := got(w.Jobs().Claim(ctx, everyKind, time.Minute))(t)
		if job.Kind != "sync_app_installations" {
			t.Fatalf("the job is %+v", job)
		}
		if _, err := w.Jobs().Claim(ctx, everyKind, time.Minute); !errors.Is(err, jobs.ErrNone) {
			t.Errorf("a second job: %v", err)
		}
		run := got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
		expect(db.SyncRunning, "")
		until := w.clock.Now().Add(time.Hour).Truncate(time.Millisecond)
		ok(t, w.WaitSync(ctx, run, until, "slow down"))
		if status := expect(db.SyncWaiting, "slow down"); !status.RetryAt.Equal(until) {
			t.Errorf("it waits until %s", status.RetryAt)
		}
		ok(t, w.FailSync(ctx, run, "gave up"))
		if status := expect(db.SyncFailed, "gave up"); !status.SyncedAt.IsZero() {
			t.Error("a failed sync counts as complete")
		}
		ok(t, w.FinishSync(ctx, got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)))
		if status := expect(db.SyncIdle, ""); status.SyncedAt.IsZero() {
			t.Error("a complete sync has no time")
		}
		ok(t, w.QueueSyncUnlessFresh(ctx, db.SyncAppInstallations{}, time.Hour))
		expect(db.SyncIdle, "")
		w.clock.Advance(time.Hour)
		ok(t, w.QueueSyncUnlessFresh(ctx, db.SyncAppInstallations{}, time.Hour))
		expect(db.SyncQueued, "")
		w.clock.Advance(100 * day)
		ok(t, w.CleanUp(ctx))
		if status := expect(db.SyncQueued, ""); status.SyncedAt.IsZero() {
			t.Error("the time of the last complete sync is deleted")
		}
	})
}

func TestAnotherAppHasItsOwnInstallations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := t.Context()
		got(bound(w, "https://github.com", "app-1"))(t)
		run := got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
		ok(t, w.PutAppInstallations(ctx, run, w.officePage(2)))
		ok(t, w.FinishSync(ctx, run))
		ok(t, w.ChangeApp(ctx, "https://github.com", "app-2"))
		if n := got(w.CountAppInstallations(ctx, db.InstallationFilter{}))(t); n != 0 {
			t.Errorf("%d installations of the former App are shown", n)
		}
		if status := got(w.GetSync(ctx, db.SyncAppInstallations{}))(t); !status.SyncedAt.IsZero() {
			t.Errorf("the old App's list counts as this one's: %+v", status)
		}
	})
}

func TestDrift(t *testing.T) {
	accepted := db.AppInstallation{
		Permissions: map[string]string{"metadata": "read", "contents": "read", "issues": "write", "former": "read"}, Events: []string{"push"},
	}
	drift := accepted.DriftFrom(map[string]string{"metadata": "read", "contents": "write", "issues": "read", "members": "read"}, []string{"team", "push", "member"})
	want := []db.PermissionDrift{{Name: "contents", Requested: "write", Granted: "read"}, {Name: "members", Requested: "read"}}
	if !slices.Equal(drift.Permissions, want) || !slices.Equal(drift.Events, []string{"member", "team"}) || drift.Empty() {
		t.Errorf("the drift is %+v", drift)
	}
	if drift := accepted.DriftFrom(nil, nil); !drift.Empty() {
		t.Errorf("an App that requests no permissions has drift: %+v", drift)
	}
}
