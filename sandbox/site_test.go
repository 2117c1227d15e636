package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// object is a JSON object.
type object = map[string]any

const (
	apiPrefix = "/api/v3"
	callback  = "https://neptun.example/auth/github/callback"
	verifier  = "a-verifier-of-at-least-forty-three-characters-0123456789"
	// challenge is verifier's S256 challenge.
	challenge = "NiC162c0QrSD2DAiXkn9HJo4rKjj6GAubjqyJCS0vgU"
)

// site is a sandbox under test, over real HTTP, with a clock that tests can advance.
type site struct {
	*testing.T
	*sandbox.Server
	world *sandbox.World
	url   string
	ahead atomic.Int64 // of testStart, in nanoseconds
}

var testStart = time.Date(2026, time.November, 2, 10, 0, 0, 0, time.UTC)

func open(t *testing.T, world *sandbox.World, changes ...func(*sandbox.Config)) *site {
	t.Helper()
	s := &site{T: t, world: world}
	listener := httptest.NewUnstartedServer(nil)
	s.url = "http://" + listener.Listener.Addr().String()
	config := sandbox.Config{URL: s.url, Now: s.now}
	for _, change := range changes {
		change(&config)
	}
	s.Server = sandbox.New(world, config)
	if world.HasApp() {
		world.Apps.SetCallbackURLs(callback)
	}
	listener.Config.Handler = s.Server
	listener.Start()
	t.Cleanup(listener.Close)
	t.Cleanup(s.Server.Close)
	return s
}

func (s *site) now() time.Time { return testStart.Add(time.Duration(s.ahead.Load())) }

// wait advances the clock.
func (s *site) wait(d time.Duration) { s.ahead.Add(int64(d)) }

// browser is a client that keeps cookies and follows no redirects.
func (s *site) browser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.Fatal(err)
	}
	return &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// authorizeURL is a link with all recommended parameters; changes come in pairs, an empty value removes a parameter.
func (s *site) authorizeURL(changes ...string) string {
	query := url.Values{
		"client_id": {s.App().ClientID}, "redirect_uri": {callback}, "state": {"st&te"},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	change(query, changes)
	return s.url + "/login/oauth/authorize?" + query.Encode()
}

func change(values url.Values, changes []string) {
	for i := 0; i < len(changes); i += 2 {
		values.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			values.Del(changes[i])
		}
	}
}

// code signs a user in and returns the code that the client receives.
func (s *site) code(login string) string {
	s.Helper()
	back, err := sandboxtest.Authorize(http.DefaultClient, s.authorizeURL(), login)
	if err != nil {
		s.Fatal(err)
	}
	code := queryOf(s.T, back).Get("code")
	if code == "" {
		s.Fatalf("no code in %s", back)
	}
	return code
}

func queryOf(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

type tokens struct {
	Access           string  `json:"access_token"`
	ExpiresIn        int     `json:"expires_in"`
	Refresh          string  `json:"refresh_token"`
	RefreshExpiresIn int     `json:"refresh_token_expires_in"`
	Scope            *string `json:"scope"`
	Type             string  `json:"token_type"`
	Error            string  `json:"error"`
	Description      string  `json:"error_description"`
	URI              string  `json:"error_uri"`
}

// exchange posts to the token endpoint with the App's credentials, the verifier and the changes.
func (s *site) exchange(changes ...string) tokens {
	s.Helper()
	form := url.Values{"client_id": {s.App().ClientID}, "client_secret": {s.App().ClientSecret}, "code_verifier": {verifier}}
	change(form, changes)
	request, _ := http.NewRequest("POST", s.url+"/login/oauth/access_token", strings.NewReader(form.Encode()))
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		s.Fatalf("exchange answered %d", response.StatusCode)
	}
	var t tokens
	if err := json.NewDecoder(response.Body).Decode(&t); err != nil {
		s.Fatal(err)
	}
	return t
}

// token returns an access token of the user.
func (s *site) token(login string) string {
	s.Helper()
	t := s.exchange("code", s.code(login))
	if t.Access == "" {
		s.Fatalf("no token: %+v", t)
	}
	return t.Access
}

// reply is a response of the API that was validated against GitHub's description.
type reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// get sends a GET with the token, "" for none, and validates the response. Headers come in pairs.
func (s *site) get(path, token string, headers ...string) reply {
	s.Helper()
	return s.send("GET", path, token, "", headers...)
}

// send is get with any method; the body is JSON, "" for none.
func (s *site) send(method, path, token, sent string, headers ...string) reply {
	s.Helper()
	request, err := http.NewRequest(method, s.url+"/api/v3"+path, strings.NewReader(sent))
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Accept", "application/vnd.github+json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header[headers[i]] = []string{headers[i+1]}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	checkAgainstDescription(s.T, method, request.URL.Path, response.StatusCode, response.Header, body)
	return reply{response.StatusCode, response.Header, body}
}

// raw sends a GET with a media type, and doesn't validate the response.
func (s *site) raw(path, token, accept string) reply {
	s.Helper()
	request, err := http.NewRequest("GET", s.url+apiPrefix+path, nil)
	if err != nil {
		s.Fatal(err)
	}
	request.Header.Set("Accept", accept)
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		s.Fatal(err)
	}
	return reply{response.StatusCode, response.Header, body}
}

// into decodes the body.
func (r reply) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(r.Body, v); err != nil {
		t.Fatalf("%v in %.200s", err, r.Body)
	}
}

func (r reply) message(t *testing.T) string {
	t.Helper()
	var body struct{ Message string }
	r.into(t, &body)
	return body.Message
}

type listed struct {
	Total        int `json:"total_count"`
	Repositories []struct {
		ID          int64
		FullName    string `json:"full_name"`
		Private     bool
		Permissions map[string]bool
		PushedAt    *time.Time `json:"pushed_at"`
	}
	Installations []struct {
		ID          int64
		Selection   string     `json:"repository_selection"`
		SuspendedAt *time.Time `json:"suspended_at"`
		Account     struct{ Login string }
	}
}

func (s *site) list(path, token string) listed {
	s.Helper()
	r := s.get(path, token)
	if r.Status != http.StatusOK {
		s.Fatalf("%s answered %d: %.200s", path, r.Status, r.Body)
	}
	var l listed
	r.into(s.T, &l)
	return l
}
