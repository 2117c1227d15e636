package sandbox

import (
	"net/http"
	"sync"
	"time"
)

// conversionLifetime is how long the code that is exchanged for an App's secrets is valid
// (https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest).
const conversionLifetime = time.Hour

// manifests stores posted manifests that aren't confirmed yet, and the codes of confirmed ones.
type manifests struct {
	mu     sync.Mutex
	drafts map[string]draft
	codes  map[string]conversion
}

type draft struct{ text, state string }

type conversion struct {
	app     *app
	expires time.Time
}

// receiveManifest stores the manifest from another site's form and redirects, so that the browser sends its cookie: it sends none
// with the form.
func (s *web) receiveManifest(w http.ResponseWriter, r *http.Request) {
	id := randomHex(10)
	s.manifests.mu.Lock()
	if s.manifests.drafts == nil {
		s.manifests.drafts, s.manifests.codes = map[string]draft{}, map[string]conversion{}
	}
	s.manifests.drafts[id] = draft{r.Form.Get("manifest"), r.Form.Get("state")}
	s.manifests.mu.Unlock()
	http.Redirect(w, r, withQuery(r.URL.Path, "draft", id), http.StatusSeeOther)
}

func (s *web) draft(id string) (draft, bool) {
	s.manifests.mu.Lock()
	defer s.manifests.mu.Unlock()
	d, ok := s.manifests.drafts[id]
	return d, ok
}

type manifestPage struct {
	Draft    string
	Name     string
	Owner    *account
	Action   string
	Problems []string
	Manifest manifest
}

// showManifest lets the user confirm the App's name.
func (s *web) showManifest(w http.ResponseWriter, r *http.Request) {
	if s.signedIn(r) == nil {
		toSignIn(w, r)
		return
	}
	s.manifestPage(w, r, r.FormValue("draft"), "")
}

// manifestPage shows the name to confirm (the manifest's, or the one entered) or why it is invalid.
func (s *web) manifestPage(w http.ResponseWriter, r *http.Request, id, tried string) {
	me := s.signedIn(r)
	d, ok := s.draft(id)
	s.world.mu.RLock()
	owner := s.settingsOf(r, me)
	page := manifestPage{Draft: id, Owner: owner, Action: "/settings/apps"}
	if owner != nil && owner.organization {
		page.Action = "/organizations/" + owner.Login + "/settings/apps"
	}
	var err error
	page.Manifest, err = readManifest(d.text)
	page.Name = page.Manifest.Name
	if tried != "" {
		page.Name = tried
	}
	if err != nil {
		page.Problems = []string{"The manifest is not valid JSON: " + err.Error()}
	} else if owner != nil {
		page.Problems = page.Manifest.problems()
		if page.Name != "" {
			page.Problems = append(page.Problems, s.world.Apps.nameProblems(page.Name, owner)...)
		}
	}
	s.world.mu.RUnlock()
	if owner == nil || !ok {
		s.notFound(w, r)
		return
	}
	status := http.StatusOK
	if len(page.Problems) > 0 {
		status = http.StatusUnprocessableEntity
	}
	s.render(w, r, status, "Register new GitHub App", page, page.Manifest.RedirectURL)
}

// registerApp registers the App and redirects back with a code. The name is then taken, whether or not the
// code is used.
func (s *web) registerApp(w http.ResponseWriter, r *http.Request) {
	me := s.signedIn(r)
	id, name := r.PostForm.Get("draft"), r.PostForm.Get("name")
	d, ok := s.draft(id)
	m, err := readManifest(d.text)
	var created *app
	key := newKey() // slow, so the world isn't locked yet
	s.world.mu.Lock()
	owner := s.settingsOf(r, me)
	if ok && err == nil && owner != nil && len(m.problems())+len(s.world.Apps.nameProblems(name, owner)) == 0 {
		created = s.world.Apps.registerFrom(&m, name, owner, key)
	}
	s.world.mu.Unlock()
	if created == nil {
		s.manifestPage(w, r, id, name)
		return
	}
	code := randomHex(20)
	s.manifests.mu.Lock()
	delete(s.manifests.drafts, id)
	s.manifests.codes[code] = conversion{created, s.now().Add(conversionLifetime)}
	s.manifests.mu.Unlock()
	http.Redirect(w, r, withQuery(m.RedirectURL, "code", code, "state", d.state), http.StatusFound)
}

// convertManifest returns the new App's secrets for the code, once.
func (s *api) convertManifest(c *call) (any, error) {
	s.manifests.mu.Lock()
	found := s.manifests.codes[c.PathValue("code")]
	delete(s.manifests.codes, c.PathValue("code"))
	s.manifests.mu.Unlock()
	if found.app == nil || !c.now.Before(found.expires) {
		return nil, errNotFound
	}
	body := s.bodies.integration(found.app)
	body["client_secret"] = found.app.ClientSecret
	body["webhook_secret"] = orNull(found.app.WebhookSecret)
	body["pem"] = found.app.PrivateKeyPEM
	return response{http.StatusCreated, body}, nil
}
