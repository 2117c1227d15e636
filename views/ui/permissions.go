package ui

import (
	"strings"

	"neptun/db"
)

// PermissionName returns a permission's name as on GitHub's pages.
func PermissionName(name string) string { return strings.ReplaceAll(name, "_", " ") }

// DriftWords describes a permission that the app requests and the account hasn't granted.
func DriftWords(d db.PermissionDrift) string {
	if d.Granted == "" {
		return PermissionName(d.Name) + ": " + d.Requested + " requested, not granted"
	}
	return PermissionName(d.Name) + ": " + d.Requested + " is asked for, " + d.Granted + " accepted"
}
