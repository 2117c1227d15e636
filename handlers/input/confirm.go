package input

import (
	"strings"

	"neptun/handlers/openapi"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/labstack/echo/v4"
)

// ConfirmForm is Confirm for an action that only a form can confirm.
func ConfirmForm(c echo.Context, login, back string) error {
	form, err := web.Form(c)
	if form == nil || err != nil {
		return err
	}
	return confirm(form.Get("account"), login, back)
}

// Confirm returns an error unless the request repeats the name of its account,
// in upper or lower case. back is the page to return to.
func Confirm(c echo.Context, login, back string) error {
	form, err := web.Form(c)
	if err != nil {
		return err
	}
	body := openapi.UninstallBody{Account: form.Get("account")}
	if form == nil && c.Request().ContentLength != 0 {
		if err := web.DecodeBody(c, &body); err != nil {
			return err
		}
	}
	return confirm(body.Account, login, back)
}

func confirm(name, login, back string) error {
	if strings.EqualFold(strings.TrimSpace(name), login) {
		return nil
	}
	wrong := web.InvalidField("account", "must be the name of the account")
	wrong.Link = ui.Link{Text: "Go back", URL: back}
	return wrong
}
