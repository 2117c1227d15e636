package views

import "time"

// Session is a browser or script that is signed in.
type Session struct {
	ID        string
	Current   bool // this request uses it
	Browser   string
	IP        string
	CreatedAt time.Time
	SeenAt    time.Time // zero if it made no request since signing in
	ExpiresAt time.Time
}

// others reports whether the user is signed in in other browsers.
func (p SessionsPage) others() bool {
	for _, s := range p.Sessions {
		if !s.Current {
			return true
		}
	}
	return false
}

func (s Session) name() string {
	if s.Browser == "" {
		return "Unknown browser"
	}
	return s.Browser
}
