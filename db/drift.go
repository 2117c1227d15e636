package db

import (
	"maps"
	"slices"
)

// Drift is what an App asks for and an account hasn't accepted: editing the App
// and accepting the change are two steps, taken by two people.
type Drift struct {
	// Permissions are those missing or accepted at a lower level, by name.
	Permissions []PermissionDrift
	// Events are those that aren't sent for this account.
	Events []string
}

// PermissionDrift is one permission on which App and account differ. Accepted
// is empty for one that the account never accepted.
type PermissionDrift struct{ Name, Asked, Accepted string }

// None tells that the account has accepted everything.
func (d Drift) None() bool { return len(d.Permissions) == 0 && len(d.Events) == 0 }

// levels order what a permission can allow
// (https://docs.github.com/rest/authentication/permissions-required-for-github-apps).
var levels = map[string]int{"read": 1, "write": 2, "admin": 3}

// DriftFrom compares what the account has accepted with what the App asks for.
// What the account accepted and the App gave up since is no drift: nobody has
// anything to do about it.
func (i AppInstallation) DriftFrom(permissions map[string]string, events []string) Drift {
	var drift Drift
	for _, name := range slices.Sorted(maps.Keys(permissions)) {
		asked, accepted := permissions[name], i.Permissions[name]
		if accepted != asked && levels[accepted] <= levels[asked] {
			drift.Permissions = append(drift.Permissions, PermissionDrift{name, asked, accepted})
		}
	}
	for _, event := range events {
		if !slices.Contains(i.Events, event) {
			drift.Events = append(drift.Events, event)
		}
	}
	slices.Sort(drift.Events)
	return drift
}
