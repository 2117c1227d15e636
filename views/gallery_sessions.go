package views

import "time"

func (g gallery) sessionStates() []State {
	here := Session{ID: "here", Current: true, Browser: "Firefox on Linux", IP: "192.0.2.17", CreatedAt: g.ago(50 * time.Hour), SeenAt: g.now}
	page := func(list ...Session) SessionsPage {
		return SessionsPage{Frame: g.frame("Sessions", NavNone), Sessions: list}
	}
	return []State{
		{"sessions", Sessions(page(here))},
		{"sessions-many", Sessions(page(
			here,
			Session{ID: "phone", Browser: "Safari on an iPhone", IP: "2001:db8:85a3:1234:5678:8a2e:370:7334", CreatedAt: g.ago(300 * time.Hour), SeenAt: g.ago(3 * time.Hour)},
			Session{ID: "new", CreatedAt: g.ago(time.Minute)},
		))},
	}
}
