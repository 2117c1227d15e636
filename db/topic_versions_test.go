package db_test

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// Every change that a page shows changes the versions of the topics that show it, and no others, for
// the users concerned only.
func TestTopicVersionsChangeWithWhatPagesShow(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		d, ctx := dbtest.Open(t, url, nil), t.Context()
		ada, in := anchored(t, d, 1, "ada", 99)
		bo, boRecord := anchored(t, d, 2, "bo", 99)
		lone, err := d.SignIn(ctx, db.Profile{GitHubID: 3, Login: "lone"}, db.Token{Access: "a"})
		ok(t, err)
		record, sync := db.InstallationTopic(in.ID), db.SyncTopic(in.ID)

		target, err := d.SyncTarget(ctx, in.ID)
		ok(t, err)
		var run int64
		all, err := d.ListTopicVersions(ctx, []string{ada.ID, bo.ID, lone.ID})
		ok(t, err)
		if len(all) != 3 || len(all[ada.ID]) != 4 || len(all[lone.ID]) != 2 || all[bo.ID][record] != "" || all[bo.ID][db.InstallationTopic(boRecord.ID)] == "" {
			t.Fatalf("the topics are %v", all)
		}
		repository := db.ListedRepository{Repository: db.Repository{ID: 1, Name: "coral"}, OwnerAccount: onReef, Permission: "pull"}
		for _, step := range []struct {
			name   string
			do     func() error
			want   []string // of ada's topics
			others bool     // bo's move too
		}{
			{"nothing", func() error { return nil }, nil, false},
			{"a started sync", func() (err error) {
				run, err = d.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
				return err
			}, []string{sync, db.TopicInstallations}, false},
			{"progress", func() error { return d.ProgressSync(ctx, run, 1, 2, 100) }, []string{sync}, false},
			{"a wait", func() error { return d.WaitSync(ctx, run, time.Now().Add(time.Hour), "later") }, []string{sync, db.TopicInstallations}, false},
			{
				"a new repository", func() error { return dbtest.PutRepositories(ctx, d, target, run, []db.ListedRepository{repository}) },
				[]string{record, db.TopicInstallations, db.TopicImports},
				true,
			},
			{
				"an import", func() error { _, _, err := d.ImportRepositories(ctx, in, []int64{1}); return err },
				[]string{record, db.TopicInstallations, db.TopicImports},
				false,
			},
			{
				"the end of a sync", func() error { return d.FinishRepositoriesSync(ctx, target, run, false) },
				[]string{record, sync, db.TopicInstallations, db.TopicImports},
				false,
			},
			{
				"a suspension", func() error {
					return d.PutSuspended(ctx, db.Installation{GitHubID: 99, Account: onReef, SuspendedAt: time.Now()}, ada)
				},
				[]string{record, db.TopicInstallations, db.TopicImports},
				true,
			},
			{
				"an uninstallation", func() error { return d.MarkInstallationDeleted(ctx, 99) },
				[]string{record, sync, db.TopicInstallations, db.TopicImports},
				true,
			},
		} {
			before, err := d.ListTopicVersions(ctx, []string{ada.ID, bo.ID})
			ok(t, err)
			ok(t, step.do())
			after, err := d.ListTopicVersions(ctx, []string{ada.ID, bo.ID})
			ok(t, err)
			if moved, want := moved(before[ada.ID], after[ada.ID]), slices.Sorted(slices.Values(step.want)); !slices.Equal(moved, want) {
				t.Errorf("%s moves %v, want %v", step.name, moved, want)
			}
			if moved := moved(before[bo.ID], after[bo.ID]); len(moved) > 0 != step.others {
				t.Errorf("%s changes %v of another user", step.name, moved)
			}
			if shown, err := d.GetInstallation(ctx, ada.ID, in.ID); err == nil && (shown.Version() != after[ada.ID][record] || shown.Sync.Version() != after[ada.ID][sync]) {
				t.Errorf("after %s a page shows %s and %s, but the topic versions are %v", step.name, shown.Version(), shown.Sync.Version(), after[ada.ID])
			}
		}
	})
}

// moved are the topics whose version is another, in order.
func moved(before, after db.TopicVersions) (topics []string) {
	for topic := range before {
		if before[topic] != after[topic] {
			topics = append(topics, topic)
		}
	}
	slices.Sort(topics)
	return topics
}

func TestLiveSessions(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		clock := time.Now()
		d, ctx := dbtest.Open(t, url, func() time.Time { return clock }), t.Context()
		person, err := d.SignIn(ctx, db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a"})
		ok(t, err)
		for hash, lives := range map[string]time.Duration{"lives": time.Hour, "revoked": time.Hour, "short": time.Minute} {
			ok(t, d.PutSession(ctx, hash, person.ID, []byte("{}"), clock.Add(lives)))
		}
		ok(t, d.RevokeSession(ctx, "revoked"))
		clock = clock.Add(2 * time.Minute)
		live, err := d.ListActiveSessions(ctx, []string{"lives", "revoked", "short", "unknown", `"`})
		if err != nil || !maps.Equal(live, map[string]bool{"lives": true}) {
			t.Errorf("live are %v, %v", live, err)
		}
	})
}

// A watch notices what another process commits, and ends when its context does.
func TestWatchNoticesOtherProcesses(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, url string) {
		d, other := dbtest.Open(t, url, nil), dbtest.Open(t, url, nil)
		person, err := d.SignIn(t.Context(), db.Profile{GitHubID: 1, Login: "ada"}, db.Token{Access: "a"})
		ok(t, err)
		ctx, stop := context.WithCancel(t.Context())
		changes, ended := make(chan struct{}, 100), make(chan struct{})
		go func() {
			defer close(ended)
			d.Watch(ctx, func() { changes <- struct{}{} })
		}()
		await := func(what <-chan struct{}) {
			t.Helper()
			select {
			case <-what:
			case <-time.After(dbtest.Timeout):
				t.Fatal("timed out")
			}
		}
		await(changes) // the beginning
		for range 2 {
			run, err := other.StartSync(t.Context(), db.SyncInstallations{UserID: person.ID})
			ok(t, err)
			await(changes)
			ok(t, other.FailSync(t.Context(), run, "enough"))
			await(changes)
		}
		stop()
		await(ended)
	})
}
