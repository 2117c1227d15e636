package db

import (
	"encoding/json"
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
type PermissionDrift struct{ Name, Requested, Granted string }

// Empty tells that the account has accepted everything.
func (d Drift) Empty() bool { return len(d.Permissions) == 0 && len(d.Events) == 0 }

// levels order what a permission can allow
// (https://docs.github.com/rest/authentication/permissions-required-for-github-apps).
var levels = map[string]int{"read": 1, "write": 2, "admin": 3}

// DriftFrom compares what the account has accepted with what the App asks for.
// What the account accepted and the App gave up since is no drift: nobody has
// anything to do about it.
func (i AppInstallation) DriftFrom(permissions map[string]string, events []string) Drift {
	drift := Drift{Permissions: notAccepted(permissions, i.Permissions)}
	for _, event := range events {
		if !slices.Contains(i.Events, event) {
			drift.Events = append(drift.Events, event)
		}
	}
	slices.Sort(drift.Events)
	return drift
}

// MissingPermissions lists the permissions that the App asks for and this account hasn't
// accepted.
func (i InstallationRecord) MissingPermissions(asked map[string]string) []PermissionDrift {
	accepted := map[string]string{}
	// What was stored is what json.Marshal wrote; without it nothing is missing.
	if i.Permissions == "" || json.Unmarshal([]byte(i.Permissions), &accepted) != nil {
		return nil
	}
	return notAccepted(asked, accepted)
}

// notAccepted lists, by name, what is asked for at a higher level than accepted.
func notAccepted(asked, accepted map[string]string) []PermissionDrift {
	var missing []PermissionDrift
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if accepted[name] != asked[name] && levels[accepted[name]] <= levels[asked[name]] {
			missing = append(missing, PermissionDrift{name, asked[name], accepted[name]})
		}
	}
	return missing
}
