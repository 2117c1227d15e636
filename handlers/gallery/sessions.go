package gallery

import (
	"time"

	"neptun/db"
	"neptun/handlers/present"
	"neptun/views"
	"neptun/views/ui"
)

func (g gallery) sessionStates() []State {
	here := present.SessionView(db.Session{
		ID: "here", CreatedAt: g.ago(50 * time.Hour), SeenAt: g.now,
		Seen: db.Client{IP: "192.0.2.17", UserAgent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
	}, true)
	page := func(list ...views.Session) views.SessionsPage {
		return views.SessionsPage{Frame: g.frame("Sessions", ui.NavNone), Sessions: list}
	}
	return []State{
		{"sessions", views.Sessions(page(here))},
		{"sessions-many", views.Sessions(page(
			here,
			present.SessionView(db.Session{
				ID: "phone", CreatedAt: g.ago(300 * time.Hour), SeenAt: g.ago(3 * time.Hour),
				Seen: db.Client{
					IP:        "2001:db8:85a3:1234:5678:8a2e:370:7334",
					UserAgent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
				},
			}, false),
			present.SessionView(db.Session{ID: "new", CreatedAt: g.ago(time.Minute)}, false),
		))},
	}
}
