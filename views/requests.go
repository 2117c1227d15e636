package views

import "neptun/db"

// requestWords is the next step of a request, for the user who made it.
func requestWords(r db.InstallRequest) string {
	switch {
	case r.State == db.RequestPending:
		return "Waiting for an owner of " + r.Account.Login + " to approve it on GitHub. Neptun checks for changes automatically."
	case r.State == db.RequestGone:
		return "The request was denied or withdrawn. You can request it again."
	case r.RecordID != 0:
		return "The app is installed."
	}
	return "The app is installed. It appears above once you have access to one of its repositories."
}

// awaits is true if any request can still change.
func awaits(list []db.InstallRequest) bool {
	for _, r := range list {
		if r.State == db.RequestPending {
			return true
		}
	}
	return false
}
