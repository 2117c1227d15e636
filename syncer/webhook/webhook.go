// Package webhook knows GitHub's events: how a delivery's payload is decoded, and
// what each event changes. A payload is a hint: what it names is asked about
// before it is stored.
package webhook

import (
	"context"
	"errors"
	"log/slog"

	"neptun/db"
	"neptun/github"
)

// Handler applies deliveries.
type Handler struct {
	github *github.GitHub
	db     *db.DB
	log    *slog.Logger
}

// New makes a Handler.
func New(gitHub *github.GitHub, d *db.DB, log *slog.Logger) *Handler {
	return &Handler{github: gitHub, db: d, log: log}
}

// appliers are what each event and action that concerns Neptun does, spelt as
// GitHub spells them
// (https://docs.github.com/webhooks/webhook-events-and-payloads). Everything else
// is recorded and ignored.
var appliers = map[string]map[string]func(*Handler, context.Context, news) error{
	"ping": {"": func(*Handler, context.Context, news) error { return nil }},
	"installation": {
		"created":                  (*Handler).installationCreated,
		"deleted":                  (*Handler).installationDeleted,
		"suspend":                  (*Handler).installationChanged,
		"unsuspend":                (*Handler).installationChanged,
		"new_permissions_accepted": (*Handler).installationChanged,
	},
	"installation_target": {"renamed": (*Handler).installationChanged},
	"installation_repositories": {
		"added":   (*Handler).repositoriesAdded,
		"removed": (*Handler).repositoriesRemoved,
	},
	"repository": {
		"created":     (*Handler).repositoryAppeared,
		"edited":      (*Handler).repositoryChanged,
		"renamed":     (*Handler).repositoryChanged,
		"archived":    (*Handler).repositoryChanged,
		"unarchived":  (*Handler).repositoryChanged,
		"publicized":  (*Handler).repositoryAppeared,
		"privatized":  (*Handler).repositoryTaken,
		"transferred": (*Handler).repositoryTransferred,
		"deleted":     (*Handler).repositoryTaken,
	},
	"public": {"": (*Handler).repositoryAppeared},
	"organization": {
		"renamed":        (*Handler).installationChanged,
		"deleted":        (*Handler).installationDeleted,
		"member_added":   (*Handler).memberJoined,
		"member_removed": (*Handler).memberLeft,
	},
	"member": {
		"added":   (*Handler).collaboratorChanged,
		"edited":  (*Handler).collaboratorChanged,
		"removed": (*Handler).collaboratorChanged,
	},
	"membership": {
		"added":   (*Handler).teamMemberChanged,
		"removed": (*Handler).teamMemberChanged,
	},
	"team": {
		"added_to_repository":     (*Handler).teamChanged,
		"removed_from_repository": (*Handler).teamChanged,
		"edited":                  (*Handler).teamChanged,
		"deleted":                 (*Handler).teamDeleted,
	},
	"team_add":                 {"": (*Handler).teamChanged},
	"github_app_authorization": {"revoked": (*Handler).authorizationRevoked},
}

// Matters tells whether anything can follow from an event. What else GitHub sent
// need not be fetched when it never came.
func Matters(event, action string) bool {
	return event != "ping" && appliers[event][action] != nil
}

// Apply does what a delivery hints at, and gives its outcome.
func (h *Handler) Apply(ctx context.Context, delivery db.Delivery) (db.Outcome, error) {
	act := appliers[delivery.Event][delivery.Action]
	if act == nil {
		return db.DeliveryIgnored, nil
	}
	told, err := readNews(delivery)
	if err == nil {
		err = act(h, ctx, told)
	}
	var lacking *lackError
	if errors.As(err, &lacking) {
		h.log.WarnContext(ctx, "a webhook is ignored", "delivery", delivery.GUID, "event", delivery.Event, "action", delivery.Action, "reason", lacking.reason)
		return db.DeliveryIgnored, nil
	}
	return db.DeliveryApplied, err
}
