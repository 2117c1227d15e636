package gallery

import "neptun/views"

func (g gallery) setups() []State {
	code := views.SetupPage{
		Frame: g.stranger("Set up"), CallbackURL: "http://localhost:8080/auth/github/callback",
	}
	wrong := code
	wrong.Wrong = "This code isn't good: it was used before, or not typed as it stands in the log."
	form := views.SetupAppPage{
		Frame: g.stranger("Set up"), MaxName: 34, AppsURL: "https://github.com/settings/apps",
		Form: views.SetupForm{Name: "Neptun", Owner: views.OwnerPersonal, Install: views.InstallOwner, PublicURL: "http://localhost:8080"},
	}
	again := form
	again.Wrong = "This response from GitHub has expired. If an app was registered, you can delete it."
	problems := form
	problems.Form = views.SetupForm{
		Name: longName(39), Owner: views.OwnerOrganization, Organization: "<abyssal>", PublicURL: "localhost", Webhooks: true,
		Problems: views.SetupProblems{
			Name: "GitHub takes 34 characters at most, and these are 39.", Owner: "Enter the organization's name as in its URL on GitHub.",
			Install: "Select where the app can be installed.", PublicURL: "Enter a URL without a path, such as https://neptun.example.com.",
			Webhooks: "GitHub can't reach localhost, so it can't deliver webhooks there.",
		},
	}
	review := views.SetupReviewPage{
		Frame: g.stranger("Set up"), Action: "https://github.com/settings/apps/new?state=X", Manifest: `{"name":"Neptun"}`,
		Form:        views.SetupForm{Name: "Neptun", Owner: views.OwnerOrganization, Organization: "abyssal", Install: views.InstallAnyone, PublicURL: "https://neptun.example.com"},
		Permissions: map[string]string{"metadata": "read", "members": "read"},
		Events:      []string{"repository", "public", "member", "membership", "organization", "team", "team_add"},
	}
	elsewhere := review
	elsewhere.Form.Owner, elsewhere.Form.Install, elsewhere.Events, elsewhere.OtherURL = views.OwnerPersonal, views.InstallOwner, nil, "http://localhost:8080"
	done := views.SetupDonePage{Frame: g.stranger("Set up"), AppName: "Neptun", Owner: "abyssal", InstallURL: "https://github.com/apps/neptun/installations/new"}
	noLink := done
	noLink.AppName, noLink.InstallURL = longName(34), ""
	return []State{
		{"setup", views.Setup(code)},
		{"setup-wrong-code", views.Setup(wrong)},
		{"setup-app", views.SetupApp(form)},
		{"setup-app-again", views.SetupApp(again)},
		{"setup-app-problems", views.SetupApp(problems)},
		{"setup-review", views.SetupReview(review)},
		{"setup-review-elsewhere", views.SetupReview(elsewhere)},
		{"setup-done", views.SetupDone(done)},
		{"setup-done-no-link", views.SetupDone(noLink)},
		{"setup-operator", views.SetupOperator(views.SetupOperatorPage{Frame: g.frame("Setup", ""), AppName: "Neptun"})},
	}
}
