package db_test

import (
	"errors"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/jobs"
)

// anchored is a user with one installation, on reef.
func anchored(t *testing.T, d *db.DB, gitHubID int64, login string, installation int64) (db.User, db.InstallationRecord) {
	t.Helper()
	ctx := t.Context()
	person, err := d.SignIn(ctx, db.Profile{GitHubID: gitHubID, Login: login}, db.Token{Access: "a", Refresh: "b"})
	if err != nil {
		t.Fatal(err)
	}
	return person, anchor(t, d, person, db.Installation{GitHubID: installation, Account: onReef, RepositorySelection: "all"})
}

var onReef = db.Account{Kind: db.KindOrganization, GitHubID: 7, Login: "reef"}

// anchor makes GitHub show a user one installation.
func anchor(t *testing.T, d *db.DB, person db.User, facts db.Installation) db.InstallationRecord {
	t.Helper()
	ctx := t.Context()
	run, err := d.StartSync(ctx, db.SyncInstallations{UserID: person.ID})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.PutInstallations(ctx, person.ID, run, []db.Installation{facts}); err != nil {
		t.Fatal(err)
	}
	if err := d.FinishInstallationsSync(ctx, person.ID, run); err != nil {
		t.Fatal(err)
	}
	found, err := d.FindInstallationByGitHubID(ctx, person.ID, facts.GitHubID)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestTheSuspenderIsStoredUntilUnsuspended(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		d, ctx := dbtest.Open(t, url, nil), t.Context()
		ada, in := anchored(t, d, 1, "ada", 99)
		facts := db.Installation{GitHubID: 99, Account: onReef, RepositorySelection: "all", SuspendedAt: time.Now(), SuspendedBy: "neptun[bot]"}
		if err := d.PutSuspended(ctx, facts, ada); err != nil {
			t.Fatal(err)
		}
		after := anchor(t, d, ada, facts) // a sync says the same
		if after.SuspendedThrough != 1 || after.SuspendedThroughLogin != "ada" || after.AccountVersion == in.AccountVersion {
			t.Errorf("the installation is %+v", after)
		}
		facts.SuspendedAt, facts.SuspendedBy = time.Time{}, ""
		if err := d.PutInstallation(ctx, facts); err != nil {
			t.Fatal(err)
		}
		facts.SuspendedAt, facts.SuspendedBy = time.Now(), "bo" // on GitHub
		if again := anchor(t, d, ada, facts); again.SuspendedThrough != 0 || again.SuspendedThroughLogin != "" {
			t.Errorf("the next suspension is %+v", again)
		}
	})
}

func TestUninstalledIsShownToUsersWhoHadAccess(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		clock := time.Now()
		d, ctx := dbtest.Open(t, url, func() time.Time { return clock }), t.Context()
		ada, in := anchored(t, d, 1, "ada", 99)
		bo, _ := anchored(t, d, 2, "bo", 99)
		lost, coRecord := anchored(t, d, 3, "cy", 99)
		moved, _ := anchored(t, d, 4, "di", 99)

		run, err := d.StartSync(ctx, db.SyncInstallations{UserID: lost.ID})
		if err != nil {
			t.Fatal(err)
		}
		unseen, err := d.ListUnseenInstallations(ctx, lost.ID, run)
		if err != nil || len(unseen) != 1 {
			t.Fatal(unseen, err)
		}
		if err := d.HideInstallation(ctx, lost.ID, unseen[0]); err != nil {
			t.Fatal(err)
		}
		clock = clock.Add(time.Minute)
		anchor(t, d, moved, db.Installation{GitHubID: 100, Account: onReef, RepositorySelection: "all"}) // reinstalled already
		if err := d.MarkInstallationDeleted(ctx, 99); err != nil {
			t.Fatal(err)
		}
		for person, want := range map[*db.User]int{&ada: 1, &bo: 1, &lost: 0, &moved: 0} {
			list, err := d.ListUninstalled(ctx, person.ID)
			if err != nil || len(list) != want {
				t.Errorf("%s sees %v, %v", person.Login, list, err)
			}
		}
		if _, err := d.FindInstallationByGitHubID(ctx, moved.ID, 100); err != nil {
			t.Errorf("the new installation was removed with the old one: %v", err)
		}
		for _, forget := range []struct {
			person string
			id     int64
			want   error
		}{{bo.ID, in.ID, db.ErrNotFound}, {lost.ID, coRecord.ID, db.ErrNotFound}, {ada.ID, in.ID, nil}, {ada.ID, in.ID, db.ErrNotFound}} {
			if err := d.DeleteUninstalled(ctx, forget.person, forget.id); !errors.Is(err, forget.want) {
				t.Errorf("deleting %d returns %v", forget.id, err)
			}
		}
		if _, err := d.FindUninstalled(ctx, ada.ID, in.ID); !errors.Is(err, db.ErrNotFound) {
			t.Errorf("a deleted one is found: %v", err)
		}
	})
}

func TestUsageCountsWhatAllUsersWouldLose(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		d, ctx := dbtest.Open(t, url, nil), t.Context()
		_, in := anchored(t, d, 1, "ada", 99)
		_, other := anchored(t, d, 2, "bo", 99)
		for _, record := range []db.InstallationRecord{in, other} {
			target, err := d.SyncTarget(ctx, record.ID)
			if err != nil {
				t.Fatal(err)
			}
			run, err := d.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
			if err != nil {
				t.Fatal(err)
			}
			page := []db.ListedRepository{{Repository: db.Repository{ID: 1, Name: "coral"}, OwnerAccount: onReef, Permission: "pull"}}
			if err := dbtest.PutRepositories(ctx, d, target, run, page); err != nil {
				t.Fatal(err)
			}
			if _, _, err := d.ImportRepositories(ctx, record, []int64{1}); err != nil {
				t.Fatal(err)
			}
		}
		reach, err := d.CountUsage(ctx, in)
		if want := (db.InstallationUsage{Users: 2, Repositories: 1, Imports: 2}); err != nil || reach != want {
			t.Errorf("the usage is %+v, %v, expected %+v", reach, err, want)
		}
	})
}

func TestWatchingRequestsIsOneJobThatCanRunNow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		clock := time.Now()
		d, ctx := dbtest.Open(t, url, func() time.Time { return clock }), t.Context()
		for range 2 {
			if err := d.WatchInstallRequests(ctx); err != nil {
				t.Fatal(err)
			}
		}
		job, err := d.Jobs().Claim(ctx, everyKind, time.Minute)
		if err != nil || job.Kind != "watch_requests" {
			t.Fatal(job, err)
		}
		if _, err := d.Jobs().Claim(ctx, everyKind, time.Minute); !errors.Is(err, jobs.ErrNone) {
			t.Fatalf("another job is due: %v", err)
		}
		if err := d.Jobs().Release(ctx, job, clock.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Jobs().Claim(ctx, everyKind, time.Minute); !errors.Is(err, jobs.ErrNone) {
			t.Fatalf("it is due too early: %v", err)
		}
		if err := d.WatchInstallRequests(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := d.Jobs().Claim(ctx, everyKind, time.Minute); err != nil {
			t.Errorf("it can't run now: %v", err)
		}
	})
}

func TestMissingPermissions(t *testing.T) {
	in := db.InstallationRecord{Permissions: `{"metadata":"read","contents":"read","issues":"admin"}`}
	got := in.MissingPermissions(map[string]string{"metadata": "read", "contents": "write", "members": "read", "issues": "write"})
	if len(got) != 2 || got[0] != (db.PermissionDrift{Name: "contents", Requested: "write", Granted: "read"}) || got[1].Name != "members" {
		t.Errorf("missing is %v", got)
	}
	if got := (db.InstallationRecord{}).MissingPermissions(map[string]string{"contents": "read"}); got != nil {
		t.Errorf("deliveries that GitHub doesn't list lack %v", got)
	}
}
