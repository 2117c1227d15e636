package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
)

// movedPages maps the old URLs of pages and forms to the current ones. Bookmarks and open
// tabs still use them.
var movedPages = map[string]string{
	"/scripts":                                               "/tokens",
	"/scripts/tokens/:token_id/rotation":                     "/tokens/:token_id/rotation",
	"/scripts/tokens/:token_id/revocation":                   "/tokens/:token_id/revocation",
	"/scripts/sessions/ending":                               "/account/sessions/revocation",
	"/scripts/sessions/:session_id/ending":                   "/account/sessions/:session_id/revocation",
	"/doctor":                                                "/access",
	"/installations/arrival":                                 "/installations/new",
	"/installations/:installation_id/manage":                 "/installations/:installation_id/settings",
	"/installations/:installation_id/automatic":              "/installations/:installation_id/auto-import",
	"/installations/:installation_id/automatic/readmissions": "/installations/:installation_id/auto-import/exclusions/removal",
}

// moved redirects permanently to a path with the same parameters and query. Status 308
// keeps the method and the body of a form.
func moved(path string) echo.HandlerFunc {
	return func(c echo.Context) error {
		target := path
		for _, name := range c.ParamNames() {
			value := c.Param(name)
			if c.Request().URL.RawPath == "" { // otherwise Echo leaves parameters escaped
				value = url.PathEscape(value)
			}
			target = strings.ReplaceAll(target, ":"+name, value)
		}
		if query := c.Request().URL.RawQuery; query != "" {
			target += "?" + query
		}
		return c.Redirect(http.StatusPermanentRedirect, target)
	}
}
