package operators

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"neptun/db"
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/handlers/respond"
	"neptun/handlers/web"
	"neptun/views/operators"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

var errNoHook = &web.Error{
	Code:   "no_webhook",
	Status: http.StatusNotFound, Message: "The app has no webhook. Activate it in the app settings on GitHub",
	Link: ui.Link{Text: "About the app", URL: "/app"},
}

// webhookURL is where this server receives webhooks.
func (h *Handlers) webhookURL() string { return h.URL.JoinPath(web.WebhookPath).String() }

// Hook shows the app's webhook settings.
func (h *Handlers) Hook(c echo.Context) error {
	hook, err := h.GitHub.AsApp().Hook(c.Request().Context())
	if err != nil && !errors.Is(err, github.ErrNoHook) {
		return operatorError(err, errNoHook)
	}
	return respond.Choose(c, func() error {
		if err != nil {
			return operatorError(err, errNoHook)
		}
		if err := tagHook(c, hook); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, present.ToHook(hook))
	}, func() error {
		page := operators.AppHookPage{WebhookURL: h.webhookURL(), SettingsURL: h.settingsURL()}
		if err == nil {
			page.Hook = new(operators.Hook(hook))
			if page.Version, err = web.Version(present.ToHook(hook)); err != nil {
				return err
			}
		}
		return h.show(c, "Webhook", func(frame ui.Frame) templ.Component {
			page.Frame = frame
			return operators.AppHook(page)
		})
	})
}

// ChangeHook changes the app's webhook settings.
func (h *Handlers) ChangeHook(c echo.Context) error {
	change, err := readHookChange(c)
	if err != nil {
		return err
	}
	changed, err := h.checkHookChange(change)
	if err != nil {
		return err
	}
	if err := h.checkHookUnchanged(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	hook, err := h.GitHub.AsApp().ChangeHook(ctx, change)
	if err != nil {
		return operatorError(err, errNoHook)
	}
	if err := tagHook(c, hook); err != nil {
		return err
	}
	// Only the names of fields: a URL can contain a secret.
	if err := h.Audit.Record(ctx, c, db.AuditChangeHook, strings.Join(changed, ", ")); err != nil {
		return err
	}
	return h.Respond.Finish(c, respond.Result{
		Status: http.StatusOK, Body: present.ToHook(hook),
		Next: "/app/hook", Notices: []ui.Notice{{Kind: ui.KindSuccess, Text: "Webhook updated."}},
	})
}

// tagHook sets the ETag of the webhook settings.
func tagHook(c echo.Context, hook github.Hook) error {
	version, err := web.Version(present.ToHook(hook))
	c.Response().Header().Set("ETag", `"`+version+`"`)
	return err
}

// checkHookUnchanged returns web.ErrChanged if the webhook changed since the operator saw it.
// GitHub has no conditional update, so it is checked just before the change.
func (h *Handlers) checkHookUnchanged(c echo.Context) error {
	form, err := web.Form(c)
	if err != nil || form.Get("version") == "" && !web.HasIfMatch(c) {
		return err
	}
	hook, err := h.GitHub.AsApp().Hook(c.Request().Context())
	if err != nil {
		return operatorError(err, errNoHook)
	}
	if form != nil {
		return web.CheckVersion(form.Get("version"), present.ToHook(hook))
	}
	version, err := web.Version(present.ToHook(hook))
	if err != nil {
		return err
	}
	return web.CheckIfMatch(c, version)
}

func readHookChange(c echo.Context) (github.HookChange, error) {
	form, err := web.Form(c)
	if err != nil {
		return github.HookChange{}, err
	}
	if form == nil {
		var body openapi.HookBody
		err := web.DecodeBody(c, &body)
		return github.HookChange{URL: (*string)(body.URL), ContentType: body.ContentType, InsecureSSL: body.InsecureSSL, Secret: body.Secret}, err
	}
	address, contentType, insecure := strings.TrimSpace(form.Get("url")), form.Get("content_type"), form.Get("insecure_ssl") == "true"
	change := github.HookChange{URL: &address, ContentType: &contentType, InsecureSSL: &insecure}
	if secret := form.Get("secret"); secret != "" {
		change.Secret = &secret
	}
	return change, nil
}

// minHookSecret is the minimum length of a webhook secret.
const minHookSecret = 16

// checkHookChange returns the names of the fields to change, or an error for invalid ones.
func (h *Handlers) checkHookChange(change github.HookChange) (fields []string, err error) {
	var p web.Params
	if change.URL != nil {
		fields = append(fields, "url")
		if message := h.badHookURL(*change.URL); message != "" {
			p.Add("url", message)
		}
	}
	if change.ContentType != nil {
		fields = append(fields, "content_type")
		if !slices.Contains([]string{"json", "form"}, *change.ContentType) {
			p.Add("content_type", "must be json or form")
		}
	}
	if change.InsecureSSL != nil {
		fields = append(fields, "insecure_ssl")
	}
	if change.Secret != nil {
		fields = append(fields, "secret")
		if len(*change.Secret) < minHookSecret {
			p.Add("secret", "must have 16 characters or more")
		}
	}
	if len(fields) == 0 {
		p.Add("url", "or content_type, insecure_ssl or secret is required")
	}
	return fields, p.Err()
}

// badHookURL says what is wrong with a webhook's URL. Without TLS it must be on this machine, or
// belong to a GitHub without TLS.
func (h *Handlers) badHookURL(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "must be an address such as https://neptun.example.com/webhooks/github"
	case u.User != nil:
		return "must be without a user and a password"
	case u.Scheme == "http" && !isLoopback(u.Hostname()) && strings.HasPrefix(h.Host.WebURL(), "https://"):
		return "must start with https://"
	}
	return ""
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
