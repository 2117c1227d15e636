package handlerstest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"
	"neptun/sessions"
)

// Visitor is a browser without JavaScript, or a script.
type Visitor struct {
	Stage  *Stage
	Client *http.Client
}

// Visit returns a visitor who isn't signed in and follows no redirects.
func (s *Stage) Visit() *Visitor {
	jar, err := cookiejar.New(nil)
	Must(s.T, err)
	return &Visitor{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// LogIn returns a visitor who signed in through GitHub, and whose first sync has finished.
func (s *Stage) LogIn(login string) *Visitor {
	s.T.Helper()
	v := s.Visit()
	v.LogIn(login)
	v.Settle()
	return v
}

// LogIn signs in through GitHub.
func (v *Visitor) LogIn(login string) Answer {
	v.Stage.T.Helper()
	return v.Get(v.Path(v.Approve(v.Get("/auth/github").Header.Get("Location"), login)))
}

// Approve authorizes the app on GitHub's page, and returns the URL that GitHub redirects to.
func (v *Visitor) Approve(authorizeURL, login string) string {
	v.Stage.T.Helper()
	back, err := sandboxtest.Authorize(&http.Client{}, authorizeURL, login)
	Must(v.Stage.T, err)
	return back
}

// Path is a path and query of this Neptun, without the host.
func (v *Visitor) Path(address string) string {
	v.Stage.T.Helper()
	path, ok := strings.CutPrefix(address, v.Stage.URL)
	if !ok {
		v.Stage.T.Fatalf("%s does not lead to Neptun", address)
	}
	return path
}

// Settle waits until all syncs have finished.
func (v *Visitor) Settle() {
	v.Stage.T.Helper()
	dbtest.Until(v.Stage.T, "every sync has ended", v.Settled)
}

// Settled reports whether all syncs have finished.
func (v *Visitor) Settled() bool {
	id := v.Me()
	list, err := v.Stage.DB.GetSync(context.Background(), db.SyncInstallations{UserID: id})
	Must(v.Stage.T, err)
	if list.Active() {
		return false
	}
	installations, err := v.Stage.DB.ListAllInstallations(context.Background(), id, db.OrderByID, db.Page{})
	Must(v.Stage.T, err)
	for _, installation := range installations {
		if installation.Sync.Active() {
			return false
		}
	}
	return true
}

// Me is the visitor's id.
func (v *Visitor) Me() string {
	v.Stage.T.Helper()
	person := v.Get("/api/users/me").Object()
	id, _ := person["id"].(string)
	if id == "" {
		v.Stage.T.Fatalf("nobody is signed in: %v", person)
	}
	return id
}

// Session is the visitor's session token.
func (v *Visitor) Session() string {
	address, err := url.Parse(v.Stage.URL)
	Must(v.Stage.T, err)
	for _, cookie := range v.Client.Jar.Cookies(address) {
		if cookie.Name == sessions.CookieName {
			return cookie.Value
		}
	}
	return ""
}

// Do sends a request and reads the response, which it compares with the API's description.
func (v *Visitor) Do(method, path, contentType, body string, header http.Header) Answer {
	v.Stage.T.Helper()
	request, err := http.NewRequestWithContext(context.Background(), method, v.Stage.URL+path, strings.NewReader(body))
	Must(v.Stage.T, err)
	for name, values := range header {
		request.Header[name] = values
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := v.Client.Do(request)
	Must(v.Stage.T, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	Must(v.Stage.T, err)
	checkAgainstDescription(v.Stage.T, response, content)
	if v.Stage.HasSecret(string(content)) && !(method == http.MethodPost && showsSecret.MatchString(path)) {
		v.Stage.T.Errorf("%s %s tells a secret", method, path)
	}
	return Answer{response, v.Stage.T, string(content)}
}

// showsSecret matches the paths whose POST may show a token.
var showsSecret = regexp.MustCompile(`/access_tokens$|/tokens$|^/scripts$|/rotation$`)

// Get requests a path.
func (v *Visitor) Get(path string) Answer {
	v.Stage.T.Helper()
	return v.Do(http.MethodGet, path, "", "", nil)
}

// GetWith sends headers, as alternating names and values.
func (v *Visitor) GetWith(path string, headers ...string) Answer {
	v.Stage.T.Helper()
	header := http.Header{}
	for i := 0; i < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	return v.Do(http.MethodGet, path, "", "", header)
}

// Fragment requests a fragment by its id, the way htmx does.
func (v *Visitor) Fragment(path, id string) Answer {
	v.Stage.T.Helper()
	return v.Do(http.MethodGet, path, "", "", http.Header{
		"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"section#" + id}, "Hx-Current-Url": {v.Stage.URL + path},
	})
}

// Post sends a form.
func (v *Visitor) Post(path string, form url.Values) Answer {
	v.Stage.T.Helper()
	return v.Do(http.MethodPost, path, "application/x-www-form-urlencoded", form.Encode(), nil)
}

// PostJSON sends JSON.
func (v *Visitor) PostJSON(path, body string) Answer {
	v.Stage.T.Helper()
	return v.Do(http.MethodPost, path, "application/json", body, nil)
}

// DeleteJSON sends a DELETE with a body.
func (v *Visitor) DeleteJSON(path, body string) Answer {
	v.Stage.T.Helper()
	return v.Do(http.MethodDelete, path, "application/json", body, nil)
}

// UntilField repeats a request until a field has a value.
func (v *Visitor) UntilField(path, field string, want any) {
	v.Stage.T.Helper()
	dbtest.Until(v.Stage.T, fmt.Sprintf("%s of %s is %v", field, path, want), func() bool {
		answer := v.Get(path)
		return answer.StatusCode == http.StatusOK && answer.Object()[field] == want
	})
}

// GitHubID is the id of the installation on an account.
func (v *Visitor) GitHubID(login string) string {
	v.Stage.T.Helper()
	list := v.Get("/api/app/installations?q=" + login).Status(http.StatusOK).List()
	if len(list) != 1 {
		v.Stage.T.Fatalf("%d installations on %s", len(list), login)
	}
	return list[0]["github_installation_id"].(string)
}

// Until requests a page until its text contains something.
func (v *Visitor) Until(path, selector, text string) Answer {
	v.Stage.T.Helper()
	var last Answer
	for end := time.Now().Add(dbtest.Timeout); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if last = v.Get(path); strings.Contains(last.Text(selector), text) {
			return last
		}
	}
	v.Stage.T.Fatalf("%s says %q and never %q", path, last.Text(selector), text)
	return last
}

// Send sends JSON, if any, by any method.
func (v *Visitor) Send(method, path, body string) Answer {
	v.Stage.T.Helper()
	contentType := ""
	if body != "" {
		contentType = "application/json"
	}
	return v.Do(method, path, contentType, body, nil)
}

// Press submits a form by htmx.
func (v *Visitor) Press(path, body string) Answer {
	v.Stage.T.Helper()
	return v.Do(http.MethodPost, path, "application/x-www-form-urlencoded", body, http.Header{
		"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Target": {"section#settings"},
	})
}

// Exhaust repeats a request until it is refused, and returns the refusal.
func (v *Visitor) Exhaust(path string, header http.Header) Answer {
	v.Stage.T.Helper()
	for range 200 {
		if a := v.Do(http.MethodGet, path, "", "", header); a.StatusCode == http.StatusTooManyRequests {
			return a
		}
	}
	v.Stage.T.Fatalf("%s is never refused", path)
	return Answer{}
}

// ThroughGitHub signs in again where a refusal redirects to, and returns the response at the
// end.
func (v *Visitor) ThroughGitHub(refused Answer, login string) string {
	v.Stage.T.Helper()
	again := refused.Status(http.StatusForbidden).Page().Find(`a[href^="/auth/github?"]`).AttrOr("href", "")
	return v.Get(v.Path(v.Approve(v.Get(again).Status(http.StatusSeeOther).Header.Get("Location"), login))).Status(http.StatusSeeOther).Header.Get("Location")
}
