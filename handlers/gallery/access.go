package gallery

import (
	"neptun/db"
	"neptun/github"
	"neptun/handlers/present"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) doctor() []State {
	const (
		install = "https://github.com/apps/neptun/installations/new"
		long    = "a-rather-long-organization-name/" + "a-repository-whose-name-goes-on-until-it-has-the-hundred-characters-that-github-allows-at-the-most"
	)
	frame := g.frame("Access check", ui.NavAccess)
	state := func(name, repository string, d github.AccessCheck) State {
		d.ConfigureURL = "https://github.com/settings/installations/1"
		return State{name, views.AccessCheck(views.AccessCheckPage{
			Frame: frame, Repository: repository, Result: present.AccessResult(d, repository, install),
		})}
	}
	return []State{
		{"access", views.AccessCheck(views.AccessCheckPage{Frame: frame})},
		{"access-problem", views.AccessCheck(views.AccessCheckPage{Frame: frame, Repository: "what?", Error: "repository must be owner/name."})},
		state("access-fine", "abyssal/charts", github.AccessCheck{Verdict: github.VerdictAccessible}),
		state("access-renamed", "abyssal/charts", github.AccessCheck{
			Verdict: github.VerdictRenamed, Repository: db.Repository{Owner: "abyssal", Name: "sea-charts"},
		}),
		state("access-suspended", "abyssal/charts", github.AccessCheck{Verdict: github.VerdictSuspended}),
		state("access-not-visible", "abyssal/charts", github.AccessCheck{Verdict: github.VerdictNotVisible}),
		state("access-not-reachable", long, github.AccessCheck{Verdict: github.VerdictNotReachable, Selection: "selected"}),
	}
}
