package db

import "time"

// Person is someone who logged in through GitHub.
type Person struct {
	// ID is ours, an opaque string that never changes.
	ID string
	// GitHubID is the key of the person on GitHub. The login can change hands.
	GitHubID  int64
	Login     string
	Name      string // empty where the person gave none
	AvatarURL string
	CreatedAt time.Time
	UpdatedAt time.Time
}
