package gallery

import (
	"net/url"

	"neptun/handlers/setup"
	"neptun/views/operators"
)

func (g gallery) setups() []State {
	code := operators.SetupPage{
		Frame: g.stranger("Setup"), CallbackURL: "http://localhost:8080/auth/github/callback",
	}
	wrong := code
	wrong.Error = setup.WrongCode
	form := setup.AppPage("https://github.com/settings/apps", setup.SuggestApp(&url.URL{Scheme: "http", Host: "localhost:8080"}))
	form.Frame = g.stranger("Setup")
	again := form
	again.Error = setup.ExpiredResponse
	problems := form
	problems.Form = operators.SetupForm{
		Name: longName(39), Owner: operators.OwnerOrganization, Organization: "<abyssal>", PublicURL: "localhost", Webhooks: true,
		Errors: operators.SetupErrors{
			Name: "GitHub takes 34 characters at most, and these are 39.", Owner: "Enter the organization's name as in its URL on GitHub.",
			Install: "Select where the app can be installed.", PublicURL: "Enter a URL without a path, such as https://neptun.example.com.",
			Webhooks: "GitHub can't reach localhost, so it can't deliver webhooks there.",
		},
	}
	review := operators.SetupReviewPage{
		Frame: g.stranger("Setup"), Action: "https://github.com/settings/apps/new?state=X", Manifest: `{"name":"Neptun"}`,
		Form:        operators.SetupForm{Name: "Neptun", Owner: operators.OwnerOrganization, Organization: "abyssal", Install: operators.InstallAnyone, PublicURL: "https://neptun.example.com"},
		Permissions: map[string]string{"metadata": "read", "members": "read"},
		Events:      []string{"repository", "public", "member", "membership", "organization", "team", "team_add"},
	}
	elsewhere := review
	elsewhere.Form.Owner, elsewhere.Form.Install, elsewhere.Events, elsewhere.OtherURL = operators.OwnerPersonal, operators.InstallOwner, nil, "http://localhost:8080"
	done := operators.SetupDonePage{Frame: g.stranger("Setup"), AppName: "Neptun", Owner: "abyssal", InstallURL: "https://github.com/apps/neptun/installations/new"}
	noLink := done
	noLink.AppName, noLink.InstallURL = longName(34), ""
	return []State{
		{"setup", operators.Setup(code)},
		{"setup-wrong-code", operators.Setup(wrong)},
		{"setup-app", operators.SetupApp(form)},
		{"setup-app-again", operators.SetupApp(again)},
		{"setup-app-problems", operators.SetupApp(problems)},
		{"setup-review", operators.SetupReview(review)},
		{"setup-review-elsewhere", operators.SetupReview(elsewhere)},
		{"setup-done", operators.SetupDone(done)},
		{"setup-done-no-link", operators.SetupDone(noLink)},
		{"setup-operator", operators.SetupOperator(operators.SetupOperatorPage{Frame: g.frame("Setup", ""), AppName: "Neptun"})},
	}
}
