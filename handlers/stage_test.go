package handlers_test

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/github"
	"neptun/handlers"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/sessions"
	"neptun/syncer"

	"github.com/PuerkitoBio/goquery"
)

// stage is a whole Neptun and the GitHub it speaks to, over real HTTP.
type stage struct {
	t         testing.TB
	url       string // where it listens
	publicURL string // where people reach it
	world     *sandbox.World
	gitHub    *sandbox.Server
	gitHubURL string
	db        *db.DB
	syncer    *syncer.Syncer // the instance's
	clock     *clock
	operators []string
	configure []func(*handlers.Config)
	appless   bool                         // there is no App yet
	secrets   []string                     // GitHub may sign webhooks with; none unless a test sets them
	logs      io.Writer                    // everything that is logged; nil for the test's own log
	front     atomic.Pointer[http.Handler] // the instance that answers
	instances []*handlers.Server
}

// clock is real time that tests can move forward.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// open puts a world on stage, with a Neptun on a SQLite database.
func open(t testing.TB, world *sandbox.World) *stage {
	t.Helper()
	return openOn(t, world, dbtest.SQLite(t))
}

// openOn puts a world on stage, with a Neptun on the database at an address.
func openOn(t testing.TB, world *sandbox.World, databaseURL string) *stage {
	t.Helper()
	return openAs(t, world, databaseURL, "")
}

// openAs puts a world on stage, with a Neptun that people reach at a public
// address, through a proxy; empty for where it listens. configure sets what
// else differs from the defaults.
func openAs(t testing.TB, world *sandbox.World, databaseURL, publicURL string, configure ...func(*handlers.Config)) *stage {
	t.Helper()
	return openRunBy(t, world, databaseURL, publicURL, nil, configure...)
}

// openRunBy is openAs with operators.
func openRunBy(t testing.TB, world *sandbox.World, databaseURL, publicURL string, operators []string, configure ...func(*handlers.Config)) *stage {
	t.Helper()
	s := &stage{t: t, world: world, clock: &clock{}, operators: operators, configure: configure}
	s.start(databaseURL, publicURL)
	return s
}

// start starts the GitHub and the Neptun of a stage.
func (s *stage) start(databaseURL, publicURL string) {
	t, world := s.t, s.world
	t.Helper()
	gitHubServer := httptest.NewUnstartedServer(nil)
	gitHubURL := "http://" + gitHubServer.Listener.Addr().String()
	s.gitHubURL = gitHubURL
	s.gitHub = sandbox.New(world, sandbox.Config{URL: gitHubURL, Now: s.clock.Now})
	gitHubServer.Config.Handler = s.gitHub
	gitHubServer.Start()
	t.Cleanup(gitHubServer.Close)

	neptun := httptest.NewUnstartedServer(nil)
	s.url = "http://" + neptun.Listener.Addr().String()
	s.publicURL = cmp.Or(publicURL, s.url)
	if !s.appless {
		world.SetCallbackURLs(s.publicURL + "/auth/github/callback")
	}
	s.instance(databaseURL)
	neptun.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { (*s.front.Load()).ServeHTTP(w, r) })
	neptun.Start()
	t.Cleanup(func() {
		for _, instance := range s.instances {
			instance.EndStreams() // which the listener would wait for
		}
		neptun.Close()
	})
}

// instance starts a Neptun on a database, which answers from then on at the
// stage's address. The one that answered before goes on working.
func (s *stage) instance(databaseURL string) {
	s.t.Helper()
	handler := s.neptun(s.gitHubURL, databaseURL)
	s.front.Store(&handler)
}

// neptun wires the house the way main does, with the stage's clock.
func (s *stage) neptun(gitHubURL, databaseURL string) http.Handler {
	t := s.t
	host, err := github.ParseHost(gitHubURL, "", false)
	must(t, err)
	var app github.App // none while the set-up is to make it
	if !s.appless {
		made := s.gitHub.App()
		block, _ := pem.Decode([]byte(made.PrivateKeyPEM))
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		must(t, err)
		app = github.App{ClientID: made.ClientID, ClientSecret: made.ClientSecret, PrivateKey: key}
	}
	s.db, err = db.Open(t.Context(), databaseURL, db.Options{
		Keyring: dbtest.Keyring(t), AccessMaxAge: 168 * time.Hour, GitHubURL: host.WebURL(), ClientID: app.ClientID, Now: s.clock.Now,
		Operators: db.ParseOperators(s.operators),
	})
	must(t, err)
	t.Cleanup(func() { must(t, s.db.Close()) })

	logger := slog.New(slog.NewTextHandler(testWriter{s}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if s.logs != nil {
		logger = slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	gitHub := github.New(github.Config{
		Host: host, App: app, WebhookSecrets: s.secrets, DB: s.db, Now: s.clock.Now, Logger: logger, UserAgent: "neptun-test",
		TokenRetries: []time.Duration{time.Millisecond, 2 * time.Millisecond, 4 * time.Millisecond},
	})
	s.syncer = syncer.New(syncer.Config{GitHub: gitHub, DB: s.db, Now: s.clock.Now, Logger: logger, Poll: 50 * time.Millisecond, RequestInterval: -1})
	address, err := url.Parse(s.publicURL)
	must(t, err)
	config := handlers.Config{URL: address, GitHub: host, Build: "test"}
	for _, configure := range s.configure {
		configure(&config)
	}
	server, err := handlers.New(config, handlers.Deps{
		DB:       s.db,
		Sessions: sessions.New(sessions.Options{DB: s.db, Keyring: dbtest.Keyring(t), Secure: address.Scheme == "https", Now: s.clock.Now}),
		GitHub:   gitHub,
		Syncer:   s.syncer,
		Logger:   logger,
		Now:      s.clock.Now,
	})
	must(t, err)
	t.Cleanup(server.Close)

	ctx, stop := context.WithCancel(context.Background())
	var working sync.WaitGroup
	working.Go(func() { s.syncer.Work(ctx) })
	t.Cleanup(func() { stop(); working.Wait() })
	s.instances = append(s.instances, server)
	return server
}

// visitor is a browser without JavaScript, or a script.
type visitor struct {
	s      *stage
	client *http.Client
}

// visit makes a visitor who isn't logged in and follows no redirects.
func (s *stage) visit() *visitor {
	jar, err := cookiejar.New(nil)
	must(s.t, err)
	return &visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// logIn is a visitor who went the whole way through GitHub, and whose first
// sync has ended.
func (s *stage) logIn(login string) *visitor {
	s.t.Helper()
	v := s.visit()
	v.logIn(login)
	v.settle()
	return v
}

func (v *visitor) logIn(login string) answer {
	v.s.t.Helper()
	return v.get(v.path(v.approve(v.get("/auth/github").header("Location"), login)))
}

// approve lets a person approve on GitHub's page, and gives back the address
// that GitHub sends the browser to.
func (v *visitor) approve(authorizeURL, login string) string {
	v.s.t.Helper()
	back, err := sandboxtest.Authorize(&http.Client{}, authorizeURL, login)
	must(v.s.t, err)
	return back
}

// path is an address on this Neptun without the host.
func (v *visitor) path(address string) string {
	v.s.t.Helper()
	path, ok := strings.CutPrefix(address, v.s.url)
	if !ok {
		v.s.t.Fatalf("%s does not lead to Neptun", address)
	}
	return path
}

// settle waits until every sync has come to its end.
func (v *visitor) settle() {
	v.s.t.Helper()
	dbtest.Until(v.s.t, "every sync has ended", v.settled)
}

func (v *visitor) settled() bool {
	id := v.me()
	list, err := v.s.db.GetSync(context.Background(), db.SyncInstallations{UserID: id})
	must(v.s.t, err)
	if list.Active() {
		return false
	}
	installations, err := v.s.db.ListAllInstallations(context.Background(), id, db.OrderByID, db.Page{})
	must(v.s.t, err)
	for _, installation := range installations {
		if installation.Sync.Active() {
			return false
		}
	}
	return true
}

// me is the visitor's own id.
func (v *visitor) me() string {
	v.s.t.Helper()
	person := v.get("/api/users/me").object()
	id, _ := person["id"].(string)
	if id == "" {
		v.s.t.Fatalf("nobody is logged in: %v", person)
	}
	return id
}

// session is the visitor's session token.
func (v *visitor) session() string {
	address, err := url.Parse(v.s.url)
	must(v.s.t, err)
	for _, cookie := range v.client.Jar.Cookies(address) {
		if cookie.Name == sessions.CookieName {
			return cookie.Value
		}
	}
	return ""
}

// answer is a response, read to its end.
type answer struct {
	*http.Response
	t    testing.TB
	body string
}

func (v *visitor) do(method, path, contentType, body string, header http.Header) answer {
	v.s.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, v.s.url+path, strings.NewReader(body))
	must(v.s.t, err)
	for name, values := range header {
		request.Header[name] = values
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := v.client.Do(request)
	must(v.s.t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(v.s.t, err)
	holdAgainstDescription(v.s.t, response, content)
	if v.s.hasSecret(string(content)) && !(method == http.MethodPost && showsSecret.MatchString(path)) {
		v.s.t.Errorf("%s %s tells a secret", method, path)
	}
	return answer{response, v.s.t, string(content)}
}

// showsSecret are the addresses whose answer to a POST shows a token, this once.
var showsSecret = regexp.MustCompile(`/access_tokens$|/tokens$|^/scripts$|/rotation$`)

func (v *visitor) get(path string) answer {
	v.s.t.Helper()
	return v.do(http.MethodGet, path, "", "", nil)
}

// getWith sends headers, given as names and values by turns.
func (v *visitor) getWith(path string, headers ...string) answer {
	v.s.t.Helper()
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return v.do(http.MethodGet, path, "", "", header)
}

// fragment asks for the part of a page with an id, the way htmx does.
func (v *visitor) fragment(path, id string) answer {
	v.s.t.Helper()
	return v.do(http.MethodGet, path, "", "", http.Header{
		"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"section#" + id}, "Hx-Current-Url": {v.s.url + path},
	})
}

func (v *visitor) post(path string, form url.Values) answer {
	v.s.t.Helper()
	return v.do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), nil)
}

func (v *visitor) postJSON(path, body string) answer {
	v.s.t.Helper()
	return v.do(http.MethodPost, path, "application/json", body, nil)
}

func (a answer) header(name string) string { return a.Header.Get(name) }

// status fails the test unless the answer has this status.
func (a answer) status(want int) answer {
	a.t.Helper()
	if a.StatusCode != want {
		a.t.Fatalf("%s %s: status %d, want %d\n%.600s", a.Request.Method, a.Request.URL, a.StatusCode, want, a.body)
	}
	return a
}

// page reads the answer as HTML.
func (a answer) page() *goquery.Document {
	a.t.Helper()
	document, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
	must(a.t, err)
	return document
}

// text is what a selector finds on the page, with white space folded.
func (a answer) text(selector string) string {
	a.t.Helper()
	return strings.Join(strings.Fields(a.page().Find(selector).Text()), " ")
}

func (a answer) into(target any) {
	a.t.Helper()
	if err := json.Unmarshal([]byte(a.body), target); err != nil {
		a.t.Fatalf("%s: %v in %.300s", a.Request.URL, err, a.body)
	}
}

func (a answer) object() map[string]any {
	a.t.Helper()
	var object map[string]any
	a.into(&object)
	return object
}

func (a answer) list() []map[string]any {
	a.t.Helper()
	var list []map[string]any
	a.into(&list)
	return list
}

// message is the sentence of an error in JSON, whose shape it checks.
func (a answer) message() string {
	a.t.Helper()
	var body struct {
		StatusCode    int    `json:"statusCode"`
		StatusMessage string `json:"statusMessage"`
		Data          struct {
			Message string `json:"message"`
		} `json:"data"`
	}
	a.into(&body)
	if body.StatusCode != a.StatusCode || body.StatusMessage != http.StatusText(a.StatusCode) || body.Data.Message == "" {
		a.t.Fatalf("%s: not the shape of an error: %s", a.Request.URL, a.body)
	}
	return body.Data.Message
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
