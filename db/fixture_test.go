package db_test

import (
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// world is a database with a clock that stands still, filled by the calls that
// a login and a sync make.
type world struct {
	*db.DB
	t     testing.TB
	url   string
	clock *dbtest.Clock
	// filling is one raw pool for statements by the thousand.
	filling func() *sql.DB
}

const day = 24 * time.Hour

// each runs test in a new world on SQLite and on PostgreSQL.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) { test(t, newWorld(t, url)) })
}

func newWorld(t testing.TB, url string) *world {
	t.Helper()
	c := dbtest.NewClock(time.Date(2026, 3, 20, 10, 0, 0, 0, time.UTC))
	return &world{DB: dbtest.Open(t, url, c.Now), t: t, url: url, clock: c, filling: sync.OnceValue(func() *sql.DB { return raw(t, url) })}
}

// got unpacks a call that must succeed: got(d.Imports(…))(t).
func got[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// changed is got for a call that also gives the id of an action.
func changed[T any](value T, _ int64, err error) func(testing.TB) T { return got(value, err) }

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// The accounts of these tests.
var (
	acme = db.Account{Kind: db.KindOrganization, GitHubID: 7, Login: "Acme", AvatarURL: "https://avatars/acme", HTMLURL: "https://github.com/Acme"}
	beta = db.Account{Kind: db.KindOrganization, GitHubID: 8, Login: "beta", AvatarURL: "https://avatars/beta", HTMLURL: "https://github.com/beta"}
)

// installed is GitHub's word that the App is on an account.
func installed(id int64, on db.Account) db.Installation {
	return db.Installation{
		GitHubID: id, Account: on, RepositorySelection: db.SelectionAll,
		Permissions: map[string]string{"metadata": "read"}, Events: []string{"repository"},
		HTMLURL: on.HTMLURL + "/settings",
	}
}

// repo is GitHub's word of a repository.
func repo(id int64, name string, owner db.Account) db.ListedRepository {
	return db.ListedRepository{
		Repository: db.Repository{
			ID: id, Name: name, HTMLURL: owner.HTMLURL + "/" + name, DefaultBranch: "main",
			Visibility: "public", Language: "Go", License: "MIT", SizeKB: id % 7,
			PushedAt: time.Date(2026, 1, 1, 0, 0, int(id%5), 0, time.UTC),
		},
		OwnerAccount: owner,
		Permission:   "pull",
	}
}

// repos are n repositories of one owner with ids from first on.
func repos(first int64, n int, owner db.Account) []db.ListedRepository {
	var list []db.ListedRepository
	for id := first; id < first+int64(n); id++ {
		list = append(list, repo(id, fmt.Sprintf("repo-%05d", id), owner))
	}
	return list
}

// login logs a user in whose token is known by their login.
func (w *world) login(githubID int64, login string) db.User {
	w.t.Helper()
	return got(w.SignIn(w.t.Context(),
		db.Profile{GitHubID: githubID, Login: login, AvatarURL: "https://avatars/" + login},
		db.Token{Access: "access-" + login, Refresh: "refresh-" + login}))(w.t)
}

// session starts a session and returns its hash.
func (w *world) session(p db.User) string {
	w.t.Helper()
	hash := "session of " + p.ID
	ok(w.t, w.PutSession(w.t.Context(), hash, p.ID, []byte("{}"), w.clock.Now().Add(365*day)))
	return hash
}

// syncInstallations is a complete pass over a user's installations.
func (w *world) syncInstallations(p db.User, installations ...db.Installation) {
	w.t.Helper()
	ctx := w.t.Context()
	run := got(w.StartSync(ctx, db.SyncInstallations{UserID: p.ID}))(w.t)
	ok(w.t, w.PutInstallations(ctx, p.ID, run, installations))
	for _, unseen := range got(w.ListUnseenInstallations(ctx, p.ID, run))(w.t) {
		ok(w.t, w.HideInstallation(ctx, p.ID, unseen))
	}
	ok(w.t, w.FinishInstallationsSync(ctx, p.ID, run))
}

// record is a user's record of an account.
func (w *world) record(p db.User, on db.Account) db.InstallationRecord {
	w.t.Helper()
	for _, i := range got(w.ListAllInstallations(w.t.Context(), p.ID, db.OrderByID, db.Page{}))(w.t) {
		if i.Account.Kind == on.Kind && i.Account.GitHubID == on.GitHubID {
			return i
		}
	}
	w.t.Fatalf("%s has no record of %s", p.Login, on.Login)
	return db.InstallationRecord{}
}

// syncRepositories runs a whole, confirmed pass over the repositories of a record, and returns the record
// afterwards.
func (w *world) syncRepositories(through db.InstallationRecord, page ...db.ListedRepository) db.InstallationRecord {
	w.t.Helper()
	ctx := w.t.Context()
	target := got(w.SyncTarget(ctx, through.ID))(w.t)
	run := got(w.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID}))(w.t)
	ok(w.t, dbtest.PutRepositories(ctx, w.DB, target, run, page))
	ok(w.t, w.FinishRepositoriesSync(ctx, target, run, true))
	return w.reload(through)
}

// reload reads a record again.
func (w *world) reload(through db.InstallationRecord) db.InstallationRecord {
	w.t.Helper()
	return got(w.GetInstallation(w.t.Context(), through.UserID, through.ID))(w.t)
}

// member creates a user with a record of an account and its repositories.
func (w *world) member(githubID int64, login string, on db.Account, page ...db.ListedRepository) (db.User, db.InstallationRecord) {
	w.t.Helper()
	p := w.login(githubID, login)
	w.syncInstallations(p, installed(on.GitHubID*100, on))
	return p, w.syncRepositories(w.record(p, on), page...)
}

// importRepositories imports repositories and returns the ids of the imports.
func (w *world) importRepositories(through db.InstallationRecord, repositories ...int64) []int64 {
	w.t.Helper()
	var ids []int64
	for _, result := range changed(w.ImportRepositories(w.t.Context(), through, repositories))(w.t) {
		if result.Status == db.ImportNotFound {
			w.t.Fatalf("repository %d can't be imported", result.RepositoryID)
		}
		ids = append(ids, result.ImportID)
	}
	return ids
}

// importedBy reads what the results of an import imported.
func (w *world) importedBy(through db.InstallationRecord, results []db.ImportResult) (all []*db.Import) {
	w.t.Helper()
	for item, err := range w.StreamImported(w.t.Context(), through, results) {
		ok(w.t, err)
		all = append(all, item)
	}
	return all
}

// raw returns a connection without the package, to read what is stored.
func (w *world) raw() *sql.DB { return raw(w.t, w.url) }

func raw(t testing.TB, url string) *sql.DB {
	t.Helper()
	driver, address := "pgx", url
	if file, isSQLite := db.SQLiteFile(url); isSQLite {
		driver, address = "sqlite", file+"?_pragma=busy_timeout(5000)"
	}
	pool := got(sql.Open(driver, address))(t)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

// column reads the first column of a query as text.
func column(t testing.TB, pool *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows := got(pool.QueryContext(t.Context(), query, args...))(t)
	defer rows.Close()
	columns := got(rows.Columns())(t)
	var list []string
	for rows.Next() {
		targets := make([]any, len(columns))
		for i := range targets {
			targets[i] = new(any)
		}
		ok(t, rows.Scan(targets...))
		list = append(list, fmt.Sprint(*targets[0].(*any)))
	}
	ok(t, rows.Err())
	return list
}

func onPostgres(url string) bool { return !strings.HasPrefix(url, "sqlite:") }
