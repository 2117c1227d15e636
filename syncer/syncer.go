// Package syncer keeps db in line with GitHub: what each kind of job does, the
// pass over a list, and why it failed.
package syncer

import (
	"log/slog"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/syncer/webhook"
)

// Config is what New needs.
type Config struct {
	GitHub *github.GitHub
	DB     *db.DB
	Now    func() time.Time
	Logger *slog.Logger
}

// Syncer does the durable work, safe for concurrent use.
type Syncer struct {
	github   *github.GitHub
	db       *db.DB
	now      func() time.Time
	log      *slog.Logger
	webhooks *webhook.Handler
	wake     chan struct{}
}

// New makes a Syncer. It does nothing yet.
func New(config Config) *Syncer {
	return &Syncer{
		github:   config.GitHub,
		db:       config.DB,
		now:      config.Now,
		log:      config.Logger,
		webhooks: webhook.New(config.GitHub, config.DB, config.Logger),
		wake:     make(chan struct{}, 1),
	}
}
