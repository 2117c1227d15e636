package gallery

import (
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) doctor() []State {
	frame := g.frame("Doctor", ui.NavAccess)
	long := "a-rather-long-organization-name/" + "a-repository-whose-name-goes-on-until-it-has-the-hundred-characters-that-github-allows-at-the-most"
	page := func(advice views.AccessResult) views.AccessCheckPage {
		return views.AccessCheckPage{Frame: frame, Asked: advice.Repository, Result: advice}
	}
	return []State{
		{"access", views.AccessCheck(views.AccessCheckPage{Frame: frame})},
		{"access-problem", views.AccessCheck(views.AccessCheckPage{Frame: frame, Asked: "what?", Problem: "repository must be owner/name."})},
		{"access-fine", views.AccessCheck(page(views.AccessResult{
			Verdict: "fine", Repository: "abyssal/charts", Sentence: "You can see it, and the App reaches it.",
			Link: ui.Link{Text: "Go to installations", URL: "/installations"},
		}))},
		{"access-renamed", views.AccessCheck(page(views.AccessResult{
			Verdict: "renamed", Repository: "abyssal/charts", RenamedTo: "abyssal/sea-charts",
			Sentence: "It was renamed to abyssal/sea-charts, and you have access to it.",
			Link:     ui.Link{Text: "Go to installations", URL: "/installations"},
		}))},
		{"access-suspended", views.AccessCheck(page(views.AccessResult{
			Verdict: "suspended", Repository: "abyssal/charts",
			Sentence: "The App's installation on abyssal is suspended, so GitHub shows nothing through it.",
			Reasons:  []string{"Whoever suspended it, or an admin of the account, can lift the suspension."},
			Link:     ui.Link{Text: "Configure the installation on GitHub", URL: "https://github.com/settings/installations/1"},
		}))},
		{"access-not-visible", views.AccessCheck(page(views.AccessResult{
			Verdict: "not_visible", Repository: "abyssal/charts", Sentence: "GitHub shows you no installation of the App on abyssal.",
			Reasons: []string{"The app isn't installed on this account.", "You don't have access to any repository of the installation.", "The account doesn't exist."},
			Link:    ui.Link{Text: "Install the app on GitHub", URL: "https://github.com/apps/neptun/installations/new"},
		}))},
		{"access-not-reachable", views.AccessCheck(page(views.AccessResult{
			Verdict: "not_reachable", Repository: long, Sentence: "The App is installed there, but you can't see this repository through it.",
			Reasons: []string{"The app can only access selected repositories, and this isn't one of them. An owner can add it on GitHub.", "You have no rights on it."},
			Link:    ui.Link{Text: "Configure the installation on GitHub", URL: "https://github.com/settings/installations/1"},
		}))},
	}
}
