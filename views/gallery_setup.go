package views

func (g gallery) setups() []State {
	code := SetupPage{
		Frame: g.stranger("Set up"), CallbackURL: "http://localhost:8080/auth/github/callback",
	}
	wrong := code
	wrong.Wrong = "This code isn't good: it was used before, or not typed as it stands in the log."
	form := SetupAppPage{
		Frame: g.stranger("Set up"), MaxName: 34, AppsURL: "https://github.com/settings/apps",
		Form: SetupForm{Name: "Neptun", Owner: OwnerPersonal, Install: InstallOwner, PublicURL: "http://localhost:8080"},
	}
	again := form
	again.Wrong = "This response from GitHub has expired. If an app was registered, you can delete it."
	problems := form
	problems.Form = SetupForm{
		Name: longName(39), Owner: OwnerOrganization, Organization: "<abyssal>", PublicURL: "localhost", Webhooks: true,
		Problems: SetupProblems{
			Name: "GitHub takes 34 characters at most, and these are 39.", Owner: "Enter the organization's name as in its URL on GitHub.",
			Install: "Select where the app can be installed.", PublicURL: "Enter a URL without a path, such as https://neptun.example.com.",
			Webhooks: "GitHub can't reach localhost, so it can't deliver webhooks there.",
		},
	}
	review := SetupReviewPage{
		Frame: g.stranger("Set up"), Action: "https://github.com/settings/apps/new?state=X", Manifest: `{"name":"Neptun"}`,
		Form:        SetupForm{Name: "Neptun", Owner: OwnerOrganization, Organization: "abyssal", Install: InstallAnyone, PublicURL: "https://neptun.example.com"},
		Permissions: map[string]string{"metadata": "read", "members": "read"},
		Events:      []string{"repository", "public", "member", "membership", "organization", "team", "team_add"},
	}
	elsewhere := review
	elsewhere.Form.Owner, elsewhere.Form.Install, elsewhere.Events, elsewhere.OtherURL = OwnerPersonal, InstallOwner, nil, "http://localhost:8080"
	done := SetupDonePage{Frame: g.stranger("Set up"), AppName: "Neptun", Owner: "abyssal", InstallURL: "https://github.com/apps/neptun/installations/new"}
	noLink := done
	noLink.AppName, noLink.InstallURL = longName(34), ""
	return []State{
		{"setup", Setup(code)},
		{"setup-wrong-code", Setup(wrong)},
		{"setup-app", SetupApp(form)},
		{"setup-app-again", SetupApp(again)},
		{"setup-app-problems", SetupApp(problems)},
		{"setup-review", SetupReview(review)},
		{"setup-review-elsewhere", SetupReview(elsewhere)},
		{"setup-done", SetupDone(done)},
		{"setup-done-no-link", SetupDone(noLink)},
		{"setup-operator", SetupOperator(SetupOperatorPage{Frame: g.frame("Setup", ""), AppName: "Neptun"})},
	}
}
