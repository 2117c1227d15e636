package input

import (
	"strings"

	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// Confirm is an error unless the request repeats the name of the account that it
// is for, in any case. back is the page to return to.
func Confirm(c echo.Context, login, back string) error {
	var asked openapi.UninstallBody
	switch {
	case !web.IsAPI(c.Request().URL.Path):
		asked.Account = c.FormValue("account")
	case c.Request().ContentLength != 0:
		if err := web.DecodeBody(c, &asked); err != nil {
			return err
		}
	}
	if strings.EqualFold(strings.TrimSpace(asked.Account), login) {
		return nil
	}
	wrong := web.InvalidField("account", "must be the name of the account")
	wrong.Link = ui.Link{Text: "Go back", URL: back}
	return wrong
}
