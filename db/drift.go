package db

import (
	"encoding/json"
	"maps"
	"slices"
)

// Drift is what the app requests and an account hasn't granted: editing the app
// and approving its new permissions are two steps, usually by two people.
type Drift struct {
	// Permissions are those not granted or granted at a lower level, sorted by name.
	Permissions []PermissionDrift
	// Events are those that GitHub doesn't send for this account.
	Events []string
}

// PermissionDrift is one permission whose requested and granted levels differ.
// Granted is empty if the account never granted it.
type PermissionDrift struct{ Name, Requested, Granted string }

// Empty reports whether the account has granted everything.
func (d Drift) Empty() bool { return len(d.Permissions) == 0 && len(d.Events) == 0 }

// levels ranks the levels of a permission
// (https://docs.github.com/rest/authentication/permissions-required-for-github-apps).
var levels = map[string]int{"read": 1, "write": 2, "admin": 3}

// DriftFrom compares what the account has granted with what the app requests. A permission
// that the app no longer requests is ignored: it needs no action.
func (i AppInstallation) DriftFrom(permissions map[string]string, events []string) Drift {
	drift := Drift{Permissions: notGranted(permissions, i.Permissions)}
	for _, event := range events {
		if !slices.Contains(i.Events, event) {
			drift.Events = append(drift.Events, event)
		}
	}
	slices.Sort(drift.Events)
	return drift
}

// MissingPermissions lists the permissions that the app requests and this account
// hasn't granted.
func (i InstallationRecord) MissingPermissions(requested map[string]string) []PermissionDrift {
	granted := map[string]string{}
	// The stored text comes from json.Marshal. Without it, the grants are unknown.
	if i.Permissions == "" || json.Unmarshal([]byte(i.Permissions), &granted) != nil {
		return nil
	}
	return notGranted(requested, granted)
}

// notGranted lists, sorted by name, the permissions requested at a higher level than
// granted.
func notGranted(requested, granted map[string]string) []PermissionDrift {
	var missing []PermissionDrift
	for _, name := range slices.Sorted(maps.Keys(requested)) {
		if granted[name] != requested[name] && levels[granted[name]] <= levels[requested[name]] {
			missing = append(missing, PermissionDrift{name, requested[name], granted[name]})
		}
	}
	return missing
}
