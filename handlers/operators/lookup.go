package operators

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/auth"
	"neptun/handlers/input"
	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/operators"

	"github.com/labstack/echo/v4"
)

var errNotInstalled = &web.Error{Code: "app_not_installed", Status: http.StatusNotFound, Message: "The app isn't installed there, or it doesn't exist on GitHub"}

// lookupFields are the parameters that an installation can be found by.
var lookupFields = []string{"org", "user", "repository"}

// FindAppInstallation returns the installation on an organization or a user, or the one that can
// access a repository. On pages it is a part of App.
func (h *Handlers) FindAppInstallation(c echo.Context) error {
	kind, name, err := lookupParams(c.QueryParams())
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	facts, err := h.findInstallation(c, kind, name)
	if err != nil {
		return operatorError(err, errNotInstalled)
	}
	found, err := h.DB.FindAppInstallation(ctx, facts.GitHubID)
	if err != nil {
		return operatorError(err, errNotInstalled)
	}
	return c.JSON(http.StatusOK, openapi.ToAppInstallation(found, h.drift(found)))
}

func lookupParams(values url.Values) (kind, name string, err error) {
	for _, field := range lookupFields {
		if value := strings.TrimSpace(values.Get(field)); value != "" {
			if kind != "" {
				return "", "", web.InvalidField(field, "can't be combined with "+kind)
			}
			kind, name = field, value
		}
	}
	if kind == "" {
		return "", "", web.InvalidField("org", "or user or repository is required")
	}
	return kind, name, nil
}

// lookup is the result of the look-up on the page.
func (h *Handlers) lookup(c echo.Context) (operators.Lookup, error) {
	p := web.Query(c)
	page := operators.Lookup{Kind: p.OneOf("kind", lookupFields), Query: p.Text("asked")}
	if err := p.Err(); err != nil || page.Query == "" {
		return page, err
	}
	if page.Kind == "" {
		page.Kind = lookupFields[0]
	}
	ctx := c.Request().Context()
	var httpErr *web.Error
	facts, err := h.findInstallation(c, page.Kind, page.Query)
	switch {
	case err == nil:
		found, err := h.DB.FindAppInstallation(ctx, facts.GitHubID)
		page.Found = &found
		return page, operatorError(err, errNotInstalled)
	case errors.Is(err, github.ErrNotFound):
		page.Error = errNotInstalled.Text()
	case errors.As(err, &httpErr):
		page.Error = httpErr.Text()
	default:
		return page, operatorError(err, errNotInstalled)
	}
	return page, nil
}

// login matches GitHub's logins. Those of managed users have an underscore.
var login = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?$`)

func (h *Handlers) findInstallation(c echo.Context, kind, name string) (db.Installation, error) {
	ctx := c.Request().Context()
	if kind == "repository" {
		owner, name, err := input.Repository(h.Host, name)
		if err != nil {
			return db.Installation{}, err
		}
		// The app can see private repositories. Operators get only those that GitHub shows to
		// them, since a result reveals that the name exists.
		if err := h.GitHub.AsUser(auth.User(c).ID).SeesRepository(ctx, owner, name); err != nil {
			return db.Installation{}, err
		}
		return h.GitHub.AsApp().RepositoryInstallation(ctx, owner, name)
	}
	name = strings.TrimPrefix(name, "@")
	if !login.MatchString(name) {
		return db.Installation{}, web.InvalidField(kind, "must be a login, such as octocat")
	}
	if kind == "user" {
		return h.GitHub.AsApp().UserInstallation(ctx, name)
	}
	return h.GitHub.AsApp().OrganizationInstallation(ctx, name)
}
