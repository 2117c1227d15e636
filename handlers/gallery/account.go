package gallery

import (
	"time"

	"neptun/github"
	"neptun/handlers/present"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) account() []State {
	state := func(name string, change func(*views.AccountPage)) State {
		p := views.AccountPage{
			Frame: g.frame("Account", ui.NavNone),
			Authorization: present.AuthorizationView(github.Authorization{
				ID: 70_911_024, App: "Neptun", PageURL: "https://github.com/settings/connections/applications/Iv23abc",
				CreatedAt: g.ago(900 * time.Hour), UpdatedAt: g.ago(3 * time.Hour), ExpiresAt: g.now.Add(5 * time.Hour),
				Permissions: map[string]string{"members": "read", "metadata": "read", "organization_self_hosted_runners": "write"},
			}),
			RateLimit: views.RateLimit{Limit: 5_000, Used: 1_766, Remaining: 3_234, ResetAt: g.now.Add(38 * time.Minute)},
			SyncCost:  31,
		}
		change(&p)
		return State{"account" + name, views.Account(p)}
	}
	return []State{
		state("", func(*views.AccountPage) {}),
		state("-replaced", func(p *views.AccountPage) {
			p.Frame.Notices = []ui.Notice{{Kind: ui.KindSuccess, Text: "GitHub has replaced the token that Neptun uses for you."}}
		}),
		state("-unlimited", func(p *views.AccountPage) {
			p.RateLimit, p.SyncCost = views.RateLimit{Unlimited: true}, 1
			p.Authorization.ExpiresAt, p.Authorization.Permissions = time.Time{}, nil
		}),
		state("-used-up", func(p *views.AccountPage) { p.RateLimit.Used, p.RateLimit.Remaining = 5_000, 0 }),
		state("-unavailable", func(p *views.AccountPage) {
			p.Authorization, p.RateLimit = views.Authorization{}, views.RateLimit{}
			p.AuthorizationFailed = "GitHub isn't responding properly. Try again later."
			p.RateLimitFailed = p.AuthorizationFailed
		}),
	}
}
