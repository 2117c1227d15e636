package views

import (
	"strconv"
	"strings"
	"time"

	"neptun/views/ui"
)

// AccountPage shows what GitHub knows of a person's authorization, and their
// budget of requests. What GitHub doesn't tell just now has a sentence instead.
type AccountPage struct {
	Frame               ui.Frame
	Authorization       Authorization
	AuthorizationFailed string // a sentence; empty where it is known
	Budget              Budget
	BudgetFailed        string
	// SyncCost is how many requests a sync of all installations takes.
	SyncCost int64
}

// Authorization is what GitHub knows of a person's authorization of the App.
type Authorization struct {
	ID                   int64
	App                  string
	URL                  string // of GitHub's own page
	CreatedAt, UpdatedAt time.Time
	ExpiresAt            time.Time // zero for never
	Permissions          []Permission
}

// Permission is one of an App's permissions, and how far it goes.
type Permission struct {
	Name  string
	Level string // read, write or admin
}

func (p Permission) words() string { return strings.ReplaceAll(p.Name, "_", " ") + ": " + p.Level }

// Budget is how many requests GitHub still answers in a person's name.
type Budget struct {
	Unlimited              bool // the rest is zero then
	Limit, Used, Remaining int64
	ResetAt                time.Time
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }
