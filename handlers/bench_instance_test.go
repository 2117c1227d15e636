package handlers_test

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/handlers"
	"neptun/handlers/handlerstest"
	"neptun/sessions"
	"neptun/syncer"
)

// instance is a Neptun to measure, wired the way main does. It writes a log, which is thrown
// away, sends nothing to GitHub, and its clock stands still, so that pages are identical each
// time.
type instance struct {
	b        testing.TB
	address  string // of the database
	db       *db.DB
	sessions *sessions.Sessions
	handler  http.Handler
	url      string
	client   *http.Client
	// The latest of GitHub's ids.
	people, accounts, repositories int64
}

// highLimit is a rate limit that counts requests but is never reached.
const highLimit = 1_000_000_000

func openInstance(b testing.TB, databaseURL string) *instance {
	b.Helper()
	server := httptest.NewUnstartedServer(nil)
	h := &instance{b: b, address: databaseURL, url: "http://" + server.Listener.Addr().String()}
	opened := time.Now()
	now := func() time.Time { return opened }
	h.db = dbtest.Open(b, databaseURL, now)
	h.sessions = sessions.New(sessions.Options{DB: h.db, Keyring: dbtest.Keyring(b), Now: now})
	host, err := github.ParseHost("https://github.com", "", false)
	handlerstest.Must(b, err)
	address, err := url.Parse(h.url)
	handlerstest.Must(b, err)
	logger := slog.New(slog.NewTextHandler(io.Discard, nil))
	gitHub := github.New(github.Config{
		Host: host, App: github.App{ClientID: "asked for nothing"}, DB: h.db, Now: now, Logger: logger, UserAgent: "neptun-bench",
	})
	h.handler, err = handlers.New(handlers.Config{URL: address, GitHub: host, Build: "bench", RateLimit: highLimit}, handlers.Deps{
		DB:       h.db,
		Sessions: h.sessions,
		GitHub:   gitHub,
		Syncer:   syncer.New(syncer.Config{GitHub: gitHub, DB: h.db, Now: now, Logger: logger}),
		Logger:   logger,
		Now:      now,
	})
	handlerstest.Must(b, err)
	server.Config.Handler = h.handler
	server.Start()
	b.Cleanup(server.Close)
	h.client = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 10}}
	b.Cleanup(h.client.CloseIdleConnections)
	return h
}

// benchUser is a user with a session and installations. The first installation has the
// repositories.
type benchUser struct {
	h            *instance
	id           string
	cookie       string
	page         []db.Installation
	installation db.InstallationRecord
	repositories int64 // the ids of the user's repositories are greater than this
	changes      int
}

// addUser creates a user with so many installations, and so many repositories in the first
// installation.
func (h *instance) addUser(installations, repositories int) *benchUser {
	r := h.newUser(installations)
	r.sync(repositories)
	return r
}

// newUser creates a user whose installations have no repositories yet.
func (h *instance) newUser(installations int) *benchUser {
	b, ctx := h.b, context.Background()
	h.people++
	r := &benchUser{h: h, repositories: h.repositories}
	person, err := h.db.SignIn(ctx, db.Profile{GitHubID: h.people, Login: "person-" + strconv.FormatInt(h.people, 10)}, db.Token{Access: "a", Refresh: "r"})
	handlerstest.Must(b, err)
	r.id = person.ID
	r.logIn()

	run, err := h.db.StartSync(ctx, db.SyncInstallations{UserID: r.id})
	handlerstest.Must(b, err)
	for range installations {
		h.accounts++
		login := fmt.Sprintf("organization-%d", h.accounts)
		r.page = append(r.page, db.Installation{
			GitHubID: 5_000_000 + h.accounts,
			Account: db.Account{
				Kind: db.KindOrganization, GitHubID: h.accounts, Login: login,
				AvatarURL: fmt.Sprintf("https://avatars.githubusercontent.com/u/%d?v=4", h.accounts),
				HTMLURL:   "https://github.com/" + login,
			},
			RepositorySelection: db.SelectionAll,
			HTMLURL:             fmt.Sprintf("https://github.com/organizations/%s/settings/installations/%d", login, 5_000_000+h.accounts),
		})
	}
	handlerstest.Must(b, h.db.PutInstallations(ctx, r.id, run, r.page))
	handlerstest.Must(b, h.db.FinishInstallationsSync(ctx, r.id, run))
	r.read()
	return r
}

// logIn gives the user a session and stores its cookie.
func (r *benchUser) logIn() {
	request, err := r.h.sessions.Load(httptest.NewRequest(http.MethodGet, "/", nil), nil)
	handlerstest.Must(r.h.b, err)
	recorder := httptest.NewRecorder()
	handlerstest.Must(r.h.b, r.h.sessions.SignIn(request.Context(), recorder, r.id))
	cookie := recorder.Result().Cookies()[0]
	r.cookie = cookie.Name + "=" + cookie.Value
}

func (r *benchUser) read() {
	list, err := r.h.db.ListAllInstallations(context.Background(), r.id, db.OrderByID, db.Page{Limit: 1})
	handlerstest.Must(r.h.b, err)
	r.installation = list[0]
}

// sync stores a listing of so many repositories, in pages of GitHub's size.
func (r *benchUser) sync(repositories int) {
	b, ctx := r.h.b, context.Background()
	target, err := r.h.db.SyncTarget(ctx, r.installation.ID)
	handlerstest.Must(b, err)
	run, err := r.h.db.StartSync(ctx, db.SyncRepositories{RecordID: target.RecordID})
	handlerstest.Must(b, err)
	for first := 0; first < repositories; first += 100 {
		var page []db.ListedRepository
		for n := first; n < min(first+100, repositories); n++ {
			page = append(page, r.repository(int64(n)))
		}
		handlerstest.Must(b, dbtest.PutRepositories(ctx, r.h.db, target, run, page))
	}
	handlerstest.Must(b, r.h.db.FinishRepositoriesSync(ctx, target, run, true))
	r.h.repositories = max(r.h.repositories, r.repositories+int64(repositories))
	r.read()
}

// repository returns the nth of the user's repositories, with texts of common length.
func (r *benchUser) repository(n int64) db.ListedRepository {
	owner := r.page[0].Account
	languages := []string{"Go", "TypeScript", "Python", "Rust", "Ruby", ""}
	subjects := []string{"billing", "search", "quarterly reports", "sign-in", "telemetry", "shipping", "the design system"}
	name := fmt.Sprintf("%s-%05d", []string{"service", "library", "tool", "Website"}[n%4], (n*7919)%100_000)
	subject := subjects[n%int64(len(subjects))]
	return db.ListedRepository{
		Repository: db.Repository{
			ID:            100_000_000 + r.repositories + n,
			Name:          name,
			HTMLURL:       owner.HTMLURL + "/" + name,
			Description:   "All that has to do with " + subject + ": the code, its tests & the <notes> of those who run it",
			Language:      languages[n%int64(len(languages))],
			License:       "Apache-2.0",
			SizeKB:        (n * 104_729) % 50_000,
			WebsiteURL:    "https://example.com/" + name,
			DefaultBranch: "main",
			Topics:        []string{"platform", "internal-tools"},
			Visibility:    []string{"private", "public", "internal"}[n%3],
			IsPrivate:     n%3 != 1,
			IsFork:        n%11 == 0,
			IsArchived:    n%13 == 0,
			PushedAt:      time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration((n*15_485_863)%30_000_000) * time.Second),
		},
		OwnerAccount: owner,
		Permission:   "push",
	}
}

func (r *benchUser) importAll() {
	_, _, err := r.h.db.ImportMatching(context.Background(), r.installation, db.Filter{})
	handlerstest.Must(r.h.b, err)
	r.read()
}

// analyze does immediately what PostgreSQL does by itself within a minute.
func (h *instance) analyze() {
	if !strings.HasPrefix(h.address, "postgres") {
		return
	}
	pool, err := sql.Open("pgx", h.address)
	handlerstest.Must(h.b, err)
	defer pool.Close()
	_, err = pool.ExecContext(context.Background(), "ANALYZE")
	handlerstest.Must(h.b, err)
}

// change stores a payload from GitHub after which both published replies are encoded again,
// though their bytes are the same.
func (r *benchUser) change() {
	r.changes++
	news := r.page[0]
	news.HTMLURL = fmt.Sprintf("%s?%d", news.HTMLURL, r.changes)
	handlerstest.Must(r.h.b, r.h.db.PutInstallation(context.Background(), news))
}

// benchRequest is a request that is sent repeatedly.
type benchRequest struct {
	path   string
	header http.Header
}

func (r *benchUser) get(path string) benchRequest {
	return benchRequest{path, http.Header{"Cookie": {r.cookie}}}
}

func (q benchRequest) with(name, value string) benchRequest {
	header := q.header.Clone()
	header.Set(name, value)
	return benchRequest{q.path, header}
}

func (q benchRequest) to(server string) *http.Request {
	request := httptest.NewRequest(http.MethodGet, server+q.path, nil)
	request.RequestURI = "" // a client refuses to send one
	request.Header = q.header
	return request
}

// send calls the handler directly, without a network.
func (h *instance) send(q benchRequest) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	h.handler.ServeHTTP(recorder, q.to(h.url))
	return recorder
}
