package github

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"time"

	"neptun/db"
)

// AppFacts is GitHub's description of the app
// (https://docs.github.com/rest/apps/apps#get-the-authenticated-app).
type AppFacts struct {
	ID      int64
	Slug    string
	Name    string
	HTMLURL string
	Owner   db.Account
	// HomepageURL and Description are set by the app's owner.
	HomepageURL string
	Description string
	// Visibility is Public or Private, or empty if it is unknown.
	Visibility string
	// Permissions and Events are what the app requests of accounts that install it.
	Permissions map[string]string
	Events      []string
	// Installations is the number of installations, nil if GitHub sent none.
	Installations *int64
	// ReadAt is when the facts were read from GitHub.
	ReadAt time.Time
}

// The values of Visibility: who can install an app.
const (
	Public  = "public"  // any account
	Private = "private" // its owner's alone
)

// InstallURL is GitHub's page to install the app on an account, empty if GitHub
// sent no page of the app.
func (a AppFacts) InstallURL() string { return InstallURL(a.HTMLURL) }

// InstallURL is the page to install the app whose page is htmlURL
// (https://docs.github.com/apps/sharing-github-apps/sharing-your-github-app).
// It is empty if htmlURL is.
func InstallURL(htmlURL string) string {
	if htmlURL == "" {
		return ""
	}
	return htmlURL + "/installations/new"
}

// SettingsURL is the app's settings page on GitHub.
func (g *GitHub) SettingsURL() string {
	facts, known := g.AppFacts()
	if !known || facts.Slug == "" {
		return ""
	}
	page := "settings/apps/" + facts.Slug + "/permissions"
	switch facts.Owner.Kind {
	case db.KindOrganization:
		page = "organizations/" + facts.Owner.Login + "/" + page
	case db.KindEnterprise:
		page = "enterprises/" + facts.Owner.Login + "/" + page
	}
	return g.host.webPage(page)
}

// AppFacts returns the latest facts of the app, and whether there are any. It never
// sends a request, so pages can show them.
func (g *GitHub) AppFacts() (AppFacts, bool) {
	if facts := g.facts.Load(); facts != nil {
		return *facts, true
	}
	return AppFacts{}, false
}

// AppErrorMessage explains why the app's facts could not be read the last time. It is
// empty if they were read.
func (g *GitHub) AppErrorMessage() string {
	if g.app().PrivateKey == nil {
		return "The app's private key is missing. Set GITHUB_PRIVATE_KEY or GITHUB_PRIVATE_KEY_FILE and restart Neptun."
	}
	if problem := g.factsProblem.Load(); problem != nil {
		return *problem
	}
	return ""
}

// AppChanged receives a value when the app is replaced by another one.
func (g *GitHub) AppChanged() <-chan struct{} { return g.appChanged }

// ReadAppFacts requests the app's facts from GitHub and stores them for all instances.
func (g *GitHub) ReadAppFacts(ctx context.Context) error {
	err := g.readAppFacts(ctx)
	if ctx.Err() != nil {
		return err
	}
	problem := ""
	if err != nil {
		problem = Explain(err)
	}
	g.factsProblem.Store(&problem)
	stored, encodeErr := json.Marshal(storedFacts{ClientID: g.app().ClientID, Facts: g.facts.Load(), Problem: problem})
	if encodeErr != nil {
		return errors.Join(err, encodeErr)
	}
	return errors.Join(err, g.db.PutAppFacts(ctx, string(stored)))
}

// storedFacts is the stored form of the facts, shared by all instances.
type storedFacts struct {
	ClientID string // the app that the facts describe
	Facts    *AppFacts
	Problem  string
}

// LoadAppFacts loads the facts that this or another instance last stored. It reports
// whether there were any.
func (g *GitHub) LoadAppFacts(ctx context.Context) (bool, error) {
	encoded, err := g.db.AppFacts(ctx)
	if err != nil || encoded == "" {
		return false, err
	}
	var stored storedFacts
	if err := json.Unmarshal([]byte(encoded), &stored); err != nil || stored.ClientID != g.app().ClientID || stored.Facts == nil {
		return false, nil //nolint:nilerr // what another version stored is read again
	}
	g.facts.Store(stored.Facts)
	g.factsProblem.Store(&stored.Problem)
	return true, nil
}

func (g *GitHub) readAppFacts(ctx context.Context) error {
	credentials := g.app()
	app, err := g.AsApp().client()
	if err != nil {
		return err
	}
	var answer struct {
		ID            int64             `json:"id"`
		Slug          string            `json:"slug"`
		Name          string            `json:"name"`
		HTMLURL       string            `json:"html_url"`
		ExternalURL   string            `json:"external_url"`
		Description   string            `json:"description"`
		Owner         *Account          `json:"owner"`
		Permissions   map[string]string `json:"permissions"`
		Events        []string          `json:"events"`
		Installations optional[int64]   `json:"installations_count"`
	}
	if _, err := app.get(ctx, "app", &answer); err != nil {
		return err
	}
	if answer.ID <= 0 {
		return malformed("the App")
	}
	var owner db.Account // zero if GitHub sent none
	if answer.Owner != nil && answer.Owner.ID > 0 {
		owner = answer.Owner.Convert("")
	}
	if g.app() != credentials {
		return nil // the App was replaced meanwhile, and is read next
	}
	g.facts.Store(&AppFacts{
		ID:            answer.ID,
		Slug:          Clean(answer.Slug),
		Name:          Clean(answer.Name),
		HTMLURL:       link(answer.HTMLURL),
		HomepageURL:   link(answer.ExternalURL),
		Description:   Clean(answer.Description),
		Visibility:    g.visibility(ctx, answer.Slug),
		Owner:         owner,
		Permissions:   answer.Permissions,
		Events:        answer.Events,
		Installations: natural(answer.Installations.value),
		ReadAt:        g.now(),
	})
	switch owner.Kind {
	case "":
		return nil // the operators who own the App stay
	case db.KindUser:
	default:
		return g.db.SetOwner(ctx, 0)
	}
	return g.db.SetOwner(ctx, owner.GitHubID)
}

// visibility sends an unauthenticated request, to which GitHub shows only public apps
// (https://docs.github.com/rest/apps/apps#get-an-app).
func (g *GitHub) visibility(ctx context.Context, slug string) string {
	var answer struct {
		ID int64 `json:"id"`
	}
	err := ErrUnavailable
	if slug != "" {
		_, err = g.newClient(g.interactive, "", ErrForbidden).get(ctx, "apps/"+url.PathEscape(slug), &answer)
	}
	switch {
	case err == nil && answer.ID > 0:
		return Public
	case errors.Is(err, ErrNotFound):
		return Private
	}
	if last, known := g.AppFacts(); known {
		return last.Visibility
	}
	return ""
}
