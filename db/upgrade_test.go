package db_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// lastRelease is the schema's version of the release before this one. Its
// migrations never change.
const lastRelease = 16

// formerRows are a user with an import, as the last release stores them.
var formerRows = []string{
	`INSERT INTO settings (id, github_url, client_id) VALUES (1, 'https://github.com', 'app-1')`,
	`INSERT INTO users (id, github_id, login, name, avatar_url, created_at, updated_at) VALUES ('u1', 1, 'ada', 'Ada', '', 1000, 1000)`,
	`INSERT INTO accounts (id, kind, github_id, login, avatar_url, html_url) VALUES (1, 'Organization', 5, 'acme', '', '')`,
	`INSERT INTO installations (id, account_id, repository_selection, permissions, events, html_url, suspended_at, suspended_by) VALUES (700, 1, 'all', '{}', '[]', '', 0, '')`,
	`INSERT INTO installation_records (id, user_id, account_id, installation_id, created_at, updated_at, repository_count, import_count) VALUES (1, 'u1', 1, 700, 1000, 1000, 1, 1)`,
	`INSERT INTO repositories (id, account_id, name, name_key, search, html_url, description, language, license, size_kb, website_url, default_branch, topics, visibility, is_private, is_fork, is_template, is_archived, pushed_at, updated_at)
	 VALUES (9, 1, 'Till', 'till', 'till', '', '', '', '', 1, '', '', '[]', 'private', TRUE, FALSE, FALSE, FALSE, 1000, 1000)`,
	`INSERT INTO access (user_id, repository_id, account_id, permission, seen_run) VALUES ('u1', 9, 1, 'admin', 1)`,
	`INSERT INTO imports (id, user_id, repository_id, account_id, created_at, updated_at) VALUES (77, 'u1', 9, 1, 1000, 1000)`,
}

// The migration runs while an instance of the last release keeps writing: its connection for changes
// is lost at this moment, so it isn't noticed (see refuseBesideFormer).
func TestO14UpgradeFromTheLastReleaseUnderLoad(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"sqlite": "sqlite:" + filepath.Join(t.TempDir(), "former.db"), "postgres": dbtest.EmptyPostgres(t)} {
		t.Run(name, func(t *testing.T) {
			ok(t, db.MigrateTo(t.Context(), url, lastRelease))
			former := raw(t, url)
			for _, statement := range formerRows {
				if _, err := former.ExecContext(t.Context(), statement); err != nil {
					t.Fatalf("%s: %v", statement, err)
				}
			}
			stop, stopped := make(chan struct{}), make(chan int)
			go func() {
				wrote := 0
				for {
					select {
					case <-stop:
						stopped <- wrote
						return
					case <-time.After(time.Millisecond):
					}
					if _, err := former.ExecContext(t.Context(), `UPDATE users SET version = version + 1 WHERE id = 'u1'`); err == nil {
						wrote++
					} else if !strings.Contains(err.Error(), "locked") {
						t.Errorf("the last release can't write any more: %v", err)
					}
				}
			}()
			d, err := db.Open(t.Context(), url, db.Options{Keyring: dbtest.Keyring(t), AccessMaxAge: 7 * day, GitHubURL: "https://github.com", ClientID: "app-1"})
			close(stop)
			if wrote := <-stopped; wrote == 0 {
				t.Error("nothing was written during the test")
			}
			ok(t, err)
			stored, known, err := d.SchemaVersion(t.Context())
			ok(t, err)
			if stored != known || known <= lastRelease {
				t.Errorf("migrated to %d of %d", stored, known)
			}
			if rows := column(t, former, `SELECT i.id FROM imports AS i JOIN access AS a ON a.user_id = i.user_id AND a.repository_id = i.repository_id WHERE i.hidden_at = 0`); len(rows) != 1 || rows[0] != "77" {
				t.Errorf("imports after the upgrade: %v", rows)
			}
			ok(t, d.Integrity(t.Context()))
			ok(t, d.Close())
		})
	}
}
