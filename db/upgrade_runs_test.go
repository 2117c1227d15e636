package db_test

import (
	"path/filepath"
	"testing"

	"neptun/db"
	"neptun/db/dbtest"
)

// beforeRuns is the last version of the schema that stored each kind of sync in a
// table of its own.
const beforeRuns = 34

// formerSyncs are syncs of each kind: two finished, one that failed, one that runs
// and two that wait.
var formerSyncs = []string{
	`INSERT INTO users (id, github_id, login, name, avatar_url, created_at, updated_at) VALUES ('u1', 1, 'ada', 'Ada', '', 1000, 1000)`,
	`INSERT INTO accounts (id, kind, github_id, login, avatar_url, html_url) VALUES (1, 'Organization', 5, 'acme', '', '')`,
	`INSERT INTO installations (id, account_id, repository_selection, permissions, events, html_url, suspended_at, suspended_by, seen_reading) VALUES (700, 1, 'all', '{}', '[]', '', 0, '', 90)`,
	`INSERT INTO installation_records (id, user_id, account_id, installation_id, created_at, updated_at, repository_count, import_count) VALUES (4, 'u1', 1, 700, 1000, 1000, 1, 1)`,
	`INSERT INTO sync_runs (id, user_id, state, queued_at, started_at, finished_at) VALUES (7, 'u1', 'done', 1000, 1000, 2000)`,
	`INSERT INTO sync_runs (id, user_id, record_id, state, pages_done, pages_total, queued_at, started_at) VALUES (8, 'u1', 4, 'running', 2, 9, 1000, 3000)`,
	`INSERT INTO app_readings (id, run, state, message, started_at, retry_at, finished_at, synced_at) VALUES (1, 90, 'waiting', 'slow down', 5000, 9000, 4000, 4000)`,
	`INSERT INTO catch_ups (id, state, message, watermark, cursor, newest, found, fetched, started_at, finished_at) VALUES (1, 'failed', 'GitHub is away', 6000, 'v1_7', 7000, 3, 2, 8000, 6500)`,
	`INSERT INTO jobs (kind, subject, run_at, created_at) VALUES ('catch_up', '', 9000, 9000)`,
}

func TestSyncsOfEachKindSurviveTheUpgrade(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "former.db"), "postgres": dbtest.EmptyPostgres(t)} {
		t.Run(name, func(t *testing.T) {
			ok(t, db.MigrateTo(t.Context(), url, beforeRuns))
			former := raw(t, url)
			for _, statement := range formerSyncs {
				if _, err := former.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			if onPostgres(url) {
				column(t, former, `SELECT setval(pg_get_serial_sequence('sync_runs', 'id'), 8)`)
			}
			w := newWorld(t, url)
			ctx := t.Context()
			if s := got(w.GetSync(ctx, db.SyncInstallations{UserID: "u1"}))(t); s.State != db.SyncIdle || s.SyncedAt.UnixMilli() != 2000 {
				t.Errorf("the user's installations: %+v", s)
			}
			if s := got(w.GetSync(ctx, db.SyncRepositories{RecordID: 4}))(t); s.State != db.SyncRunning || s.PagesDone != 2 || s.StartedAt.UnixMilli() != 3000 {
				t.Errorf("the record's repositories: %+v", s)
			}
			if run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: 4}))(t); run != 8 {
				t.Errorf("the record's run is resumed as %d, want 8", run)
			}
			if s := got(w.GetSync(ctx, db.SyncAppInstallations{}))(t); s.State != db.SyncWaiting || s.Message != "slow down" || s.SyncedAt.UnixMilli() != 4000 || s.RetryAt.UnixMilli() != 9000 {
				t.Errorf("the App's installations: %+v", s)
			}
			run := got(w.StartSync(ctx, db.SyncAppInstallations{}))(t)
			if run <= 8 {
				t.Errorf("the App's next run is %d, want one after 8", run)
			}
			if unseen := got(w.ListUnseenAppInstallations(ctx, run))(t); len(unseen) != 1 {
				t.Errorf("the App's next run has to see %v, want one installation", unseen)
			}
			if s := got(w.GetRecovery(ctx))(t); s.State != db.SyncFailed || s.Message != "GitHub is away" || s.SyncedAt.UnixMilli() != 6500 || s.Found != 3 || s.Fetched != 2 {
				t.Errorf("the recovery: %+v", s)
			}
			if at := got(w.GetDeliveryCursor(ctx))(t); at.Cursor != "v1_7" || at.Watermark.UnixMilli() != 6000 || at.Newest.UnixMilli() != 7000 {
				t.Errorf("the cursor: %+v", at)
			}
			if kinds := column(t, former, `SELECT kind FROM jobs WHERE run_at = 9000`); len(kinds) != 1 || kinds[0] != "recover_deliveries" {
				t.Errorf("the job is %v", kinds)
			}
			ok(t, w.Integrity(ctx))
		})
	}
}
