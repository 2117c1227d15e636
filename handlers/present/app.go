package present

import (
	"neptun/github"
	"neptun/handlers/openapi"
	"neptun/views/operators"
)

// ToApp is the app in JSON.
func ToApp(a github.AppFacts, host github.Host) openapi.App {
	return openapi.App{
		ID:                a.ID,
		Slug:              openapi.OrNull(a.Slug),
		Name:              a.Name,
		Description:       openapi.OrNull(a.Description),
		OwnerLogin:        openapi.OrNull(a.Owner.Login),
		OwnerType:         openapi.OrNull(a.Owner.Kind),
		URL:               openapi.URLOrNull(a.HTMLURL),
		HomepageURL:       openapi.URLOrNull(a.HomepageURL),
		SettingsURL:       openapi.URLOrNull(host.AppSettingsURL(a.Owner, a.Slug)),
		InstallURL:        openapi.URLOrNull(a.InstallURL()),
		Visibility:        openapi.OrNull(a.Visibility),
		Permissions:       openapi.Permissions(a.Permissions),
		Events:            openapi.NotNil(a.Events),
		InstallationCount: a.Installations,
		ReadAt:            openapi.TimeOrNull(a.ReadAt),
	}
}

// AppView is the app on its page.
func AppView(a github.AppFacts, host github.Host) operators.AppFacts {
	return operators.AppFacts{
		Name:          a.Name,
		Slug:          a.Slug,
		Description:   a.Description,
		Owner:         a.Owner,
		HTMLURL:       a.HTMLURL,
		HomepageURL:   a.HomepageURL,
		SettingsURL:   host.AppSettingsURL(a.Owner, a.Slug),
		InstallURL:    a.InstallURL(),
		Visibility:    a.Visibility,
		Permissions:   a.Permissions,
		Events:        a.Events,
		Installations: a.Installations,
		ReadAt:        a.ReadAt,
	}
}

// ToHook is the app's webhook in JSON.
func ToHook(h github.Hook) openapi.Hook {
	return openapi.Hook{URL: h.URL, ContentType: openapi.OrNull(h.ContentType), InsecureSSL: h.InsecureSSL, HasSecret: h.HasSecret}
}

// CheckView is a check of the self-test on its page.
func CheckView(c github.Check) operators.Check {
	return operators.Check{Title: c.Title, Result: c.Result, Message: c.Message, Advice: c.Advice}
}

// ToSelfTest is the result of a self-test in JSON.
func ToSelfTest(checks []github.Check, addresses operators.SelfTest) openapi.SelfTest {
	converted := openapi.SelfTest{
		OK: true, CallbackURL: openapi.URL(addresses.CallbackURL), SetupURL: openapi.URL(addresses.SetupURL), WebhookURL: openapi.URL(addresses.WebhookURL),
	}
	for _, c := range checks {
		converted.OK = converted.OK && c.Result != github.CheckFailed
		converted.Add(c.Name, c.Result, c.Message, c.Advice)
	}
	return converted
}
