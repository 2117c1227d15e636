package gallery

import (
	"neptun/views"
	"neptun/views/ui"
)

import "time"

func (g gallery) sessionStates() []State {
	here := views.Session{ID: "here", Current: true, Browser: "Firefox on Linux", IP: "192.0.2.17", CreatedAt: g.ago(50 * time.Hour), SeenAt: g.now}
	page := func(list ...views.Session) views.SessionsPage {
		return views.SessionsPage{Frame: g.frame("Sessions", ui.NavNone), Sessions: list}
	}
	return []State{
		{"sessions", views.Sessions(page(here))},
		{"sessions-many", views.Sessions(page(
			here,
			views.Session{ID: "phone", Browser: "Safari on an iPhone", IP: "2001:db8:85a3:1234:5678:8a2e:370:7334", CreatedAt: g.ago(300 * time.Hour), SeenAt: g.ago(3 * time.Hour)},
			views.Session{ID: "new", CreatedAt: g.ago(time.Minute)},
		))},
	}
}
