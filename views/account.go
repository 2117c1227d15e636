package views

import (
	"strconv"
	"strings"
	"time"

	"neptun/views/ui"
)

// AccountPage shows a user's authorization on GitHub, and their rate limit. Each has an error
// message instead if GitHub doesn't report it.
type AccountPage struct {
	Frame               ui.Frame
	Authorization       Authorization
	AuthorizationFailed string // a sentence; empty where it is known
	RateLimit           RateLimit
	RateLimitFailed     string
	// SyncCost is how many requests a sync of all installations takes.
	SyncCost int64
}

// Authorization is a user's authorization of the app, as GitHub reports it.
type Authorization struct {
	ID                   int64
	App                  string
	URL                  string // of GitHub's own page
	CreatedAt, UpdatedAt time.Time
	ExpiresAt            time.Time // zero for never
	Permissions          []Permission
}

// Permission is a permission of an app, with its level.
type Permission struct {
	Name  string
	Level string // read, write or admin
}

func (p Permission) words() string { return strings.ReplaceAll(p.Name, "_", " ") + ": " + p.Level }

// RateLimit is a user's rate limit at GitHub.
type RateLimit struct {
	Unlimited              bool // the rest is zero then
	Limit, Used, Remaining int64
	ResetAt                time.Time
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
