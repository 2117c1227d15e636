package db

import (
	"encoding/json"
	"slices"
	"strings"
)

// levels are what an App may be given of one permission, weakest first.
var levels = []string{"", "read", "write", "admin"}

// MissingPermission is something that the App asks for and an account has not
// accepted.
type MissingPermission struct {
	Name     string // GitHub's word: organization_projects
	Asked    string // read, write or admin
	Accepted string // less than Asked; empty for nothing
}

// Missing lists what the App asks for, by name, that this account hasn't
// accepted: changing the App and accepting the change are two steps on GitHub
// (https://docs.github.com/apps/maintaining-github-apps/modifying-a-github-app-registration).
func (i Installation) Missing(asked map[string]string) []MissingPermission {
	accepted := map[string]string{}
	// What was stored is what json.Marshal wrote; without it nothing is missing.
	if i.Permissions == "" || json.Unmarshal([]byte(i.Permissions), &accepted) != nil {
		return nil
	}
	var missing []MissingPermission
	for name, level := range asked {
		if slices.Index(levels, accepted[name]) < slices.Index(levels, level) {
			missing = append(missing, MissingPermission{Name: name, Asked: level, Accepted: accepted[name]})
		}
	}
	slices.SortFunc(missing, func(a, b MissingPermission) int { return strings.Compare(a.Name, b.Name) })
	return missing
}
