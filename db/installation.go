package db

import "time"

// The kinds of account that can install a GitHub App.
const (
	KindUser         = "User"
	KindOrganization = "Organization"
	KindEnterprise   = "Enterprise"
)

// What an installation reaches of its account's repositories.
const (
	SelectionAll      = "all"
	SelectionSelected = "selected"
)

// Account is a GitHub user, organization or enterprise.
type Account struct {
	Kind      string
	GitHubID  int64
	Login     string // for an enterprise its slug
	AvatarURL string
	HTMLURL   string
}

// Installation is an installation record: the App on one account, as one
// person sees it.
type Installation struct {
	// ID is the record's own. It outlives a reinstall, which GitHubID does not.
	ID       int64
	UserID   string
	GitHubID int64
	Account  Account
	// RepositorySelection is SelectionAll or SelectionSelected.
	RepositorySelection string
	// HTMLURL is GitHub's page to configure the installation.
	HTMLURL string
	// SuspendedAt is zero while the installation works.
	SuspendedAt time.Time
	// SuspendedBy is a login, empty where GitHub doesn't tell.
	SuspendedBy string
	// RepositoryCount and ImportCount count what this person sees here.
	RepositoryCount int64
	ImportCount     int64
	// SyncedAt is the last whole listing of the repositories; zero before the first.
	SyncedAt  time.Time
	CreatedAt time.Time
	UpdatedAt time.Time
	// Sync is the latest sync of the repositories.
	Sync Sync
}

// Suspended tells whether GitHub keeps the App from this account for now.
func (i Installation) Suspended() bool { return !i.SuspendedAt.IsZero() }
