package views

import "neptun/db"

// requestWords says what comes next for a request, to whoever made it.
func requestWords(r db.InstallRequest) string {
	switch {
	case r.State == db.RequestPending:
		return "An owner of " + r.Account.Login + " has yet to decide, on GitHub. You need not wait here: Neptun keeps looking."
	case r.State == db.RequestGone:
		return "It was declined or taken back: GitHub no longer lists it, and doesn't say which. You can ask again."
	case r.RecordID != 0:
		return "It is installed, and GitHub shows it to you."
	}
	return "It is installed. As soon as GitHub shows it to you, it is listed above; if you have no access to a repository that it reaches, it won't be."
}

// awaits tells whether a page of requests may change by itself.
func awaits(list []db.InstallRequest) bool {
	for _, r := range list {
		if r.State == db.RequestPending {
			return true
		}
	}
	return false
}
