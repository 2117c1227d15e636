package gallery

import (
	"neptun/views/operators"
)

func (g gallery) setups() []State {
	code := operators.SetupPage{
		Frame: g.stranger("Set up"), CallbackURL: "http://localhost:8080/auth/github/callback",
	}
	wrong := code
	wrong.Wrong = "This code isn't good: it was used before, or not typed as it stands in the log."
	form := operators.SetupAppPage{
		Frame: g.stranger("Set up"), MaxName: 34, AppsURL: "https://github.com/settings/apps",
		Form: operators.SetupForm{Name: "Neptun", Owner: operators.OwnerPersonal, Install: operators.InstallOwner, PublicURL: "http://localhost:8080"},
	}
	again := form
	again.Wrong = "This response from GitHub has expired. If an app was registered, you can delete it."
	problems := form
	problems.Form = operators.SetupForm{
		Name: longName(39), Owner: operators.OwnerOrganization, Organization: "<abyssal>", PublicURL: "localhost", Webhooks: true,
		Problems: operators.SetupProblems{
			Name: "GitHub takes 34 characters at most, and these are 39.", Owner: "Enter the organization's name as in its URL on GitHub.",
			Install: "Select where the app can be installed.", PublicURL: "Enter a URL without a path, such as https://neptun.example.com.",
			Webhooks: "GitHub can't reach localhost, so it can't deliver webhooks there.",
		},
	}
	review := operators.SetupReviewPage{
		Frame: g.stranger("Set up"), Action: "https://github.com/settings/apps/new?state=X", Manifest: `{"name":"Neptun"}`,
		Form:        operators.SetupForm{Name: "Neptun", Owner: operators.OwnerOrganization, Organization: "abyssal", Install: operators.InstallAnyone, PublicURL: "https://neptun.example.com"},
		Permissions: map[string]string{"metadata": "read", "members": "read"},
		Events:      []string{"repository", "public", "member", "membership", "organization", "team", "team_add"},
	}
	elsewhere := review
	elsewhere.Form.Owner, elsewhere.Form.Install, elsewhere.Events, elsewhere.OtherURL = operators.OwnerPersonal, operators.InstallOwner, nil, "http://localhost:8080"
	done := operators.SetupDonePage{Frame: g.stranger("Set up"), AppName: "Neptun", Owner: "abyssal", InstallURL: "https://github.com/apps/neptun/installations/new"}
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
