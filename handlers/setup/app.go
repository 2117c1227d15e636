package setup

import (
	"cmp"
	"crypto/rand"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/sessions"
	"neptun/views/operators"

	"github.com/labstack/echo/v4"
)

// errSetupElsewhere is the error for a browser that can't continue a setup.
const errSetupElsewhere = "Setup continues only in the browser where the code was entered, within 24 hours. Enter a code to continue here."

// SuggestApp fills the form with defaults for a server at a public URL.
func SuggestApp(public *url.URL) operators.SetupForm {
	form := operators.SetupForm{
		Name: "Neptun", Owner: operators.OwnerPersonal, Install: operators.InstallOwner,
		PublicURL: public.String(), Webhooks: github.CanHook(public), Access: operators.AccessList,
	}
	// The names of GitHub Apps are unique.
	if name := "Neptun at " + public.Hostname(); form.Webhooks && len(name) <= github.MaxAppName {
		form.Name = name
	}
	return form
}

// AppPage is the form to describe the app. appsURL is GitHub's list of its owner's apps.
func AppPage(appsURL string, form operators.SetupForm) operators.SetupAppPage {
	return operators.SetupAppPage{
		Form: form, MaxName: github.MaxAppName, AppsURL: appsURL,
		Permissions: openapi.Each(github.AppPermissions, func(p github.AppPermission) operators.PermissionOption {
			return operators.PermissionOption(p)
		}),
	}
}

// askApp shows the form to describe the app; wrong is why the last attempt failed.
func (h *Handlers) askApp(c echo.Context, status int, form operators.SetupForm, wrong string) error {
	page := AppPage(h.Host.AppsURL(form.Organization), form)
	page.Frame, page.Error = h.Respond.Frame(c, "Setup"), wrong
	return web.Render(c, status, operators.SetupApp(page))
}

// DescribeApp shows the manifest that will be sent to GitHub, and the form that sends it.
func (h *Handlers) DescribeApp(c echo.Context) error {
	switch configured, err := h.Configured(c); {
	case err != nil:
		return err
	case configured:
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	browser, marked, err := h.setupBrowser(c)
	switch {
	case err != nil:
		return err
	case !marked:
		return h.askSetupCode(c, http.StatusForbidden, errSetupElsewhere)
	}
	form, manifest := readSetupForm(c)
	if form.Errors != (operators.SetupErrors{}) {
		return h.askApp(c, http.StatusUnprocessableEntity, form, "")
	}
	encoded, err := manifest.JSON()
	if err != nil {
		return err
	}
	state := rand.Text()
	if err := h.DB.AddSetupState(c.Request().Context(), sessions.Hash(state), browser); err != nil {
		return err
	}
	header := c.Response().Header()
	header.Set("Content-Security-Policy", h.Site.Policy("'self' "+h.Host.WebURL()))
	// With our usual policy the browser would send "Origin: null" to GitHub.
	header.Set("Referrer-Policy", "strict-origin")
	page := operators.SetupReviewPage{
		Frame: h.Respond.Frame(c, "Setup"), Form: form, Manifest: encoded,
		Action:      h.Host.NewAppURL(form.Organization, state),
		Permissions: manifest.Permissions(), Events: manifest.Events(),
	}
	if manifest.PublicURL.String() != h.URL.String() {
		page.OtherURL = h.URL.String()
	}
	return web.Render(c, http.StatusOK, operators.SetupReview(page))
}

// orgLogin matches GitHub's organization logins.
var orgLogin = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$`)

// readSetupForm reads the form, its errors, and the manifest it describes.
func readSetupForm(c echo.Context) (operators.SetupForm, github.Manifest) {
	form := operators.SetupForm{
		Name:      strings.TrimSpace(c.FormValue("name")),
		Owner:     c.FormValue("owner"),
		Install:   c.FormValue("install"),
		PublicURL: strings.TrimSpace(c.FormValue("public_url")),
		Webhooks:  c.FormValue("webhooks") == "on",
	}
	switch length := utf8.RuneCountInString(form.Name); {
	case length == 0:
		form.Errors.Name = "Enter a name."
	case length > github.MaxAppName:
		form.Errors.Name = "The name can have up to " + strconv.Itoa(github.MaxAppName) + " characters. This one has " + strconv.Itoa(length) + "."
	}
	switch form.Owner {
	case operators.OwnerPersonal:
	case operators.OwnerOrganization:
		form.Organization = strings.TrimPrefix(strings.TrimSpace(c.FormValue("organization")), "@")
		if !orgLogin.MatchString(form.Organization) {
			form.Errors.Owner = "Enter the organization's name as in its URL on GitHub."
		}
	default:
		form.Errors.Owner = "Select an owner."
	}
	if form.Install != operators.InstallOwner && form.Install != operators.InstallAnyone {
		form.Errors.Install = "Select where the app can be installed."
	}
	permissions, events := readAccess(c, &form)
	address, ok := parsePublicURL(form.PublicURL)
	switch {
	case !ok:
		form.Errors.PublicURL = "Enter a URL without a path, such as https://neptun.example.com."
	case form.Webhooks && !github.CanHook(address):
		form.Errors.Webhooks = "GitHub can't deliver webhooks to " + address.Host + ". Turn them off, or use a URL that GitHub can reach."
	}
	return form, github.Manifest{
		Name: form.Name, PublicURL: address, Public: form.Install == operators.InstallAnyone, Webhooks: form.Webhooks,
		MorePermissions: permissions, MoreEvents: events,
	}
}

// readAccess reads the app's repository permissions.
func readAccess(c echo.Context, form *operators.SetupForm) (permissions map[string]string, events []string) {
	form.Access, form.Permissions = cmp.Or(c.FormValue("access"), operators.AccessList), map[string]string{}
	for _, offered := range github.AppPermissions {
		if level := c.FormValue(operators.PermissionField(offered.Name)); slices.Contains(offered.Levels, level) {
			form.Permissions[offered.Name] = level
		}
	}
	for _, event := range c.Request().Form["event"] {
		if github.PermissionOf(event) != "" && !slices.Contains(form.Events, event) {
			form.Events = append(form.Events, event)
		}
	}
	switch form.Access {
	case operators.AccessList:
		return nil, nil
	case operators.AccessTokens:
		return github.TokenPermissions(), nil
	case operators.AccessOwn:
	default:
		form.Errors.Access = "Select permissions."
		return nil, nil
	}
	for _, event := range form.Events {
		switch needed := github.PermissionOf(event); {
		case form.Permissions[needed] == "":
			form.Errors.Access = "GitHub sends " + event + " only to apps with the permission " + needed + ". Select it, or unsubscribe."
		case !form.Webhooks:
			form.Errors.Access = "Events require webhooks. Turn them on, or unsubscribe."
		}
	}
	return form.Permissions, form.Events
}

// parsePublicURL parses a scheme and a host.
func parsePublicURL(text string) (*url.URL, bool) {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "https" && address.Scheme != "http" || address.Hostname() == "" ||
		address.User != nil || strings.Trim(address.Path, "/") != "" || address.RawQuery != "" || address.Fragment != "" {
		return nil, false
	}
	return &url.URL{Scheme: address.Scheme, Host: strings.ToLower(address.Host)}, true
}
