package db_test

import (
	"fmt"
	"testing"

	"neptun/db"
)

// skewed is a world in which others store much more than Ada, whose lists are looked
// at: one account has most repositories, one user imported all of them, and many
// users share one account. Ada has a few repositories of the large account, all of
// two of her own, and half of the shared one.
type skewed struct {
	*world
	few, own, mine, shared db.InstallationRecord
}

// size is how many repositories each account has, and how many users share one. few is what Ada sees
// of the large account, which has no more of them if huge is 0.
type size struct {
	huge, few, own, mine, shared, users int
	// analyzeEarly refreshes PostgreSQL's statistics before others than Ada store anything.
	analyzeEarly bool
}

// The first ids of the repositories of each account.
const (
	firstOwn    = 10_000_001
	firstMine   = 15_000_001
	firstShared = 20_000_001
)

func newSkewed(t testing.TB, url string, n size) *skewed {
	t.Helper()
	w := newWorld(t, url)
	w.withoutAutovacuum()
	huge := db.Account{Kind: db.KindOrganization, GitHubID: 9, Login: "huge"}
	mine := db.Account{Kind: db.KindOrganization, GitHubID: 10, Login: "mine"}
	whale, ada := w.login(1, "whale"), w.login(2, "ada")
	w.syncInstallations(whale, installed(900, huge), installed(700, acme))
	w.syncInstallations(ada, installed(900, huge), installed(700, acme), installed(800, beta), installed(1000, mine))
	w.fill(firstOwn, n.own, beta)
	w.fill(firstMine, n.mine, mine)
	w.grant(ada, beta, 1)
	w.grant(ada, mine, 1)
	if n.analyzeEarly {
		w.analyze()
	}
	w.fill(1, max(n.huge, n.few), huge)
	w.fill(firstShared, n.shared, acme)
	if n.huge > 0 {
		w.grant(whale, huge, 1)
		w.grant(whale, acme, 1)
	}
	w.grant(ada, huge, max(1, n.huge/max(1, n.few)))
	w.grant(ada, acme, 2)
	for i := range n.users {
		p := w.login(int64(10+i), fmt.Sprintf("user-%d", i))
		w.syncInstallations(p, installed(700, acme))
		w.grant(p, acme, 1)
	}
	w.exec(`UPDATE installation_records SET
		repository_count = (SELECT COUNT(*) FROM access AS a WHERE a.user_id = installation_records.user_id AND a.account_id = installation_records.account_id),
		import_count = (SELECT COUNT(*) FROM imports AS i WHERE i.user_id = installation_records.user_id AND i.account_id = installation_records.account_id)`)
	return &skewed{w, w.record(ada, huge), w.record(ada, beta), w.record(ada, mine), w.record(ada, acme)}
}

func (w *world) exec(query string, args ...any) {
	w.t.Helper()
	_, err := w.filling().ExecContext(w.t.Context(), query, args...)
	ok(w.t, err)
}

// withoutAutovacuum keeps PostgreSQL from analyzing the tables at a time of its own.
func (w *world) withoutAutovacuum() {
	if onPostgres(w.url) {
		w.exec(`DO $$
			DECLARE name TEXT;
			BEGIN
				FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP
					EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = false)', name);
				END LOOP;
			END $$`)
	}
}

// analyze does what PostgreSQL's autovacuum does within a minute.
func (w *world) analyze() {
	if onPostgres(w.url) {
		w.exec("ANALYZE")
	}
}

func (w *world) accountID(on db.Account) (id int64) {
	w.t.Helper()
	ok(w.t, w.filling().QueryRowContext(w.t.Context(), `SELECT id FROM accounts WHERE github_id = $1`, on.GitHubID).Scan(&id))
	return id
}

// fill stores count repositories of an account, with ids starting at first.
func (w *world) fill(first, count int, on db.Account) {
	w.t.Helper()
	if count == 0 {
		return
	}
	w.exec(`WITH RECURSIVE n(i) AS (SELECT CAST($1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i + 1 < $1 + $2)
		INSERT INTO repositories (id, account_id, name, name_key, search, html_url, description, language, license, size_kb, website_url, default_branch, topics, visibility, is_private, is_fork, is_template, is_archived, pushed_at, updated_at)
		SELECT i, CAST($3 AS BIGINT), 'repo-' || i, 'repo-' || i, 'repo-' || i || ' needle', 'https://github.com/x/repo-' || i, 'needle', 'Go', 'MIT', (i * 7919) % 10007, '', 'main', '[]', 'public', FALSE, FALSE, FALSE, FALSE, (i * 104729) % 1000003, 1 FROM n`,
		first, count, w.accountID(on))
}

// grant gives a user access to every nth repository of an account. The whale imports
// all of them, others one of twenty.
func (w *world) grant(p db.User, on db.Account, every int) {
	w.t.Helper()
	account := w.accountID(on)
	w.exec(`INSERT INTO access (user_id, repository_id, account_id, name_key, permission, generation)
		SELECT CAST($1 AS TEXT), id, account_id, name_key, 'pull', 1 FROM repositories WHERE account_id = $2 AND id % $3 = 0`, p.ID, account, every)
	w.exec(`INSERT INTO imports (user_id, repository_id, account_id, created_at, updated_at)
		SELECT user_id, repository_id, account_id, 1, 1 FROM access WHERE user_id = $1 AND account_id = $2 AND ($3 = 'whale' OR repository_id % 20 = 0)`, p.ID, account, p.Login)
}
