package views

import "time"

func (g gallery) account() []State {
	state := func(name string, change func(*AccountPage)) State {
		p := AccountPage{
			Frame: g.frame("Account", NavNone),
			Authorization: Authorization{
				ID: 70_911_024, App: "Neptun", URL: "https://github.com/settings/connections/applications/Iv23abc",
				CreatedAt: g.ago(900 * time.Hour), UpdatedAt: g.ago(3 * time.Hour), ExpiresAt: g.now.Add(5 * time.Hour),
				Permissions: []Permission{{"members", "read"}, {"metadata", "read"}, {"organization_self_hosted_runners", "write"}},
			},
			Budget:   Budget{Limit: 5_000, Used: 1_766, Remaining: 3_234, ResetAt: g.now.Add(38 * time.Minute)},
			SyncCost: 31,
		}
		change(&p)
		return State{"account" + name, Account(p)}
	}
	return []State{
		state("", func(*AccountPage) {}),
		state("-replaced", func(p *AccountPage) {
			p.Frame.Notices = []Notice{{Kind: KindSuccess, Text: "GitHub has replaced the token that Neptun uses for you."}}
		}),
		state("-unlimited", func(p *AccountPage) {
			p.Budget, p.SyncCost = Budget{Unlimited: true}, 1
			p.Authorization.ExpiresAt, p.Authorization.Permissions = time.Time{}, nil
		}),
		state("-used-up", func(p *AccountPage) { p.Budget.Used, p.Budget.Remaining = 5_000, 0 }),
		state("-unavailable", func(p *AccountPage) {
			p.Authorization, p.Budget = Authorization{}, Budget{}
			p.AuthorizationFailed = "GitHub isn't responding properly. Try again later."
			p.BudgetFailed = p.AuthorizationFailed
		}),
	}
}
