package handlerstest

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
	"neptun/sessions"
)

// BecomeOperator presses the button to become an operator.
func (v *Visitor) BecomeOperator() Answer {
	v.Stage.T.Helper()
	page := v.Get("/setup").Status(http.StatusOK).Page()
	id := page.Find(`form[action="/setup/operator"] input[name="github_id"]`).AttrOr("value", "")
	return v.Post("/setup/operator", url.Values{"github_id": {id}}).Status(http.StatusSeeOther)
}

// WithoutApp is a GitHub without the app.
func WithoutApp() *sandbox.World {
	world := sandbox.NewWorldWithoutApp()
	world.Accounts.AddUser(sandbox.User{Login: "ada"})
	world.Accounts.AddUser(sandbox.User{Login: "bob"})
	world.Accounts.AddOrganization(sandbox.Organization{Login: "acme"})
	world.Accounts.AddMember("acme", "ada", sandbox.RoleAdmin)
	world.Repositories.Add("acme", sandbox.Repository{Name: "anvil"})
	return world
}

// OpenEmpty opens a Neptun without an app.
func OpenEmpty(t testing.TB, databaseURL string) *Stage {
	t.Helper()
	return OpenEmptyAs(t, databaseURL, "")
}

// OpenEmptyAs is OpenEmpty at a public address.
func OpenEmptyAs(t testing.TB, databaseURL, publicURL string) *Stage {
	t.Helper()
	s := &Stage{T: t, World: WithoutApp(), Clock: &Clock{}, Appless: true}
	s.Start(databaseURL, publicURL)
	return s
}

// SetupCode creates a setup code as a start does.
func (s *Stage) SetupCode() string {
	s.T.Helper()
	code := sessions.NewSetupCode()
	Must(s.T, s.DB.AddSetupCode(s.T.Context(), sessions.HashSetupCode(code)))
	return code
}

// EnterSetup returns a visitor who has entered the setup code.
func (s *Stage) EnterSetup() *Visitor {
	s.T.Helper()
	v := s.Visit()
	if to := v.Post("/setup", url.Values{"code": {s.SetupCode()}}).Status(http.StatusSeeOther).Header.Get("Location"); to != "/setup" {
		s.T.Fatalf("the code leads to %s", to)
	}
	return v
}

// SetupForm is the form to describe an app with this name.
func SetupForm(name string) url.Values {
	return url.Values{"name": {name}, "owner": {"personal"}, "install": {"anyone"}, "public_url": {"https://neptun.example"}}
}

// Review describes an app, and returns where the form is sent and the manifest.
func (v *Visitor) Review(form url.Values) (action, manifest string) {
	v.Stage.T.Helper()
	if form.Get("public_url") == "https://neptun.example" {
		form.Set("public_url", v.Stage.PublicURL)
	}
	page := v.Post("/setup/app", form).Status(http.StatusOK).Page()
	sent := page.Find(`form:has(input[name="manifest"])`)
	return sent.AttrOr("action", ""), sent.Find("input").AttrOr("value", "")
}

// Register describes an app and creates it on GitHub, and returns the path that GitHub redirects
// to.
func (v *Visitor) Register(name, login string) string {
	v.Stage.T.Helper()
	action, manifest := v.Review(SetupForm(name))
	back, err := sandboxtest.RegisterApp(&http.Client{}, action, manifest, login)
	Must(v.Stage.T, err)
	return v.Path(back)
}

// Conversions counts the exchanges of a manifest's code.
func (s *Stage) Conversions() (n int) {
	for _, request := range s.GitHub.Requests() {
		if strings.Contains(request.Path, "/app-manifests/") {
			n++
		}
	}
	return n
}
