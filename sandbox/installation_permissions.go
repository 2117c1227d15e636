package sandbox

import (
	"maps"
	"slices"
)

// accessLevels are the levels of an App's permissions, weakest first.
var accessLevels = []string{"", "read", "write", "admin"}

// covers reports whether one level of a permission includes another.
func covers(granted, requested string) bool {
	return slices.Index(accessLevels, granted) >= slices.Index(accessLevels, requested)
}

// coversAll reports whether the granted permissions include all requested ones.
func coversAll(granted, requested map[string]string) bool {
	for name, level := range requested {
		if !covers(granted[name], level) {
			return false
		}
	}
	return true
}

// outdated reports whether the App requests more than the account has accepted.
func (i *installation) outdated() bool {
	return !coversAll(i.permissions, i.app.permissions) ||
		slices.ContainsFunc(i.app.events, func(e string) bool { return !slices.Contains(i.events, e) })
}

// accept grants the permissions and events that the App requests now.
func (i *installation) accept() {
	i.permissions, i.events = maps.Clone(i.app.permissions), slices.Clone(i.app.events)
}

// dropPermissions removes permissions and events that the App no longer requests; this needs no approval.
func (i *installation) dropPermissions() {
	for name, level := range i.permissions {
		requested := i.app.permissions[name]
		switch {
		case requested == "":
			delete(i.permissions, name)
		case !covers(requested, level):
			i.permissions[name] = requested
		}
	}
	i.events = slices.DeleteFunc(slices.Clone(i.events), func(e string) bool { return !slices.Contains(i.app.events, e) })
}

// AcceptPermissions accepts the App's requested permissions, as an owner of the account.
func (is *Installations) AcceptPermissions(id int64) {
	is.world.mu.Lock()
	defer is.world.mu.Unlock()
	i := is.must(id)
	is.accept(i, is.world.Accounts.ownerOf(i.account))
}

func (is *Installations) accept(i *installation, by *account) {
	if !i.outdated() {
		return
	}
	i.accept()
	i.updatedAt = is.world.now()
	is.world.webhooks.deliver(i, "installation", "new_permissions_accepted", by, nil, withRepositories(i.reached()))
}
