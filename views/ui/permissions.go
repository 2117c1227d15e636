package ui

import (
	"strings"

	"neptun/db"
)

// PermissionName is a permission's name as GitHub's pages write it.
func PermissionName(name string) string { return strings.ReplaceAll(name, "_", " ") }

// DriftWords tell one permission that is asked for and not accepted.
func DriftWords(d db.PermissionDrift) string {
	if d.Granted == "" {
		return PermissionName(d.Name) + ": " + d.Requested + " requested, not granted"
	}
	return PermissionName(d.Name) + ": " + d.Requested + " is asked for, " + d.Granted + " accepted"
}
