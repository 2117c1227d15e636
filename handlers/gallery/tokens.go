package gallery

import (
	"time"

	"neptun/db"
	"neptun/handlers/openapi"
	"neptun/handlers/present"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) tokenStates() []State {
	state := func(name string, change func(*views.TokensPage)) State {
		p := views.TokensPage{
			Frame: g.frame("API tokens", ui.NavTokens), URL: "https://neptun.example/", MaxName: 80,
			Form:          views.TokenForm{Request: "R", Scope: string(db.ScopeRead), Expiry: "30", Access: views.AccessAll},
			Installations: []db.InstallationRecord{g.personal(), g.installation(2, "abyssal"), g.suspended()},
		}
		change(&p)
		return State{"tokens" + name, views.Tokens(p)}
	}
	return []State{
		state("-none", func(*views.TokensPage) {}),
		state("-nothing-installed", func(p *views.TokensPage) { p.Installations = nil }),
		state("", func(p *views.TokensPage) { p.Tokens = tokens(g.token(1, "nightly report")) }),
		state("-many", func(p *views.TokensPage) {
			p.AccessTokens = true
			p.Tokens = g.oneOfEachKind()
			for id := range int64(9) {
				p.Installations = append(p.Installations, g.installation(10+id, longName(int(30+id))))
			}
		}),
		state("-expiring", func(p *views.TokensPage) {
			expiring := g.token(1, "nightly report")
			expiring.ExpiresAt = g.now.Add(70 * time.Hour)
			p.Tokens = tokens(expiring)
		}),
		state("-created", func(p *views.TokensPage) {
			created := g.token(2, "ci")
			created.CreatedAt, created.LastUsedAt, created.LastUsed = g.now, time.Time{}, db.Client{}
			p.Tokens = tokens(g.token(1, "nightly report"), created)
			p.Created = views.CreatedToken{Token: created, Secret: "neptun_" + "example0example1example2example3exam"}
		}),
		state("-rotated", func(p *views.TokensPage) {
			old, created := g.token(1, "nightly report"), g.token(2, "nightly report")
			old.ReplacedBy, old.ExpiresAt = 2, g.now.Add(24*time.Hour)
			created.CreatedAt, created.LastUsedAt = g.now, time.Time{}
			created.Restricted, created.Installations = true, []db.TokenInstallation{{ID: 2, Login: "abyssal"}}
			p.Tokens = tokens(old, created)
			p.Created = views.CreatedToken{Token: created, Secret: "neptun_" + "example0example1example2example3exam", Overlap: 24 * time.Hour}
		}),
		state("-wrong", func(p *views.TokensPage) {
			p.Form.Name, p.Form.Expiry, p.Form.On = `<b>"`, views.ExpiryDate, "2031-02-28"
			p.Form.Access, p.Form.Selected = views.AccessSelected, map[int64]bool{2: true}
			p.Form.Errors = views.TokenErrors{
				Name: "The name must have 80 characters at most.", Scope: "Select the permissions.",
				Expiry: "The date must be a day such as 2026-04-13, at most one year from today.",
				Access: "Select at least one installation, or all installations.",
			}
		}),
	}
}

func (g gallery) token(id int64, name string) db.APIToken {
	return db.APIToken{
		ID: id, UserID: "01J", Name: name, Scope: db.ScopeRead,
		CreatedAt: g.ago(240 * time.Hour), ExpiresAt: g.now.Add(480 * time.Hour),
		LastUsedAt: g.ago(7 * time.Minute), LastUsed: db.Client{IP: "192.0.2.80", UserAgent: "curl/8.14.1"},
	}
}

func tokens(list ...db.APIToken) []views.Token { return openapi.Each(list, present.TokenView) }

// oneOfEachKind returns tokens in all states.
func (g gallery) oneOfEachKind() []views.Token {
	expired, rotated, expiring, other, restricted, orphan, long := g.token(1, "old laptop"), g.token(2, "ci"), g.token(3, "nightly report"),
		g.token(4, "dashboard"), g.token(5, "<b>acme</b>"), g.token(6, "gone"), g.token(7, longName(80))
	expired.ExpiresAt, expired.LastUsedAt = g.ago(30*time.Hour), time.Time{}
	rotated.ReplacedBy, rotated.ExpiresAt, rotated.Scope = 4, g.now.Add(5*time.Hour), db.ScopeWrite
	expiring.ExpiresAt = g.now.Add(70 * time.Hour)
	other.ExpiresAt, other.Scope, other.LastUsed.UserAgent = g.now.Add(90*time.Hour), db.ScopeAccessTokens, ""
	restricted.Restricted, restricted.Installations = true, []db.TokenInstallation{{ID: 2, Login: "abyssal"}, {ID: 3, Login: longName(39)}}
	orphan.Restricted = true
	return tokens(expired, rotated, expiring, other, restricted, orphan, long)
}
