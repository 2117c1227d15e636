// Package webhook decodes deliveries and applies them to the database. A payload is
// a hint: GitHub is asked about what it names before anything newer is overwritten.
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

// eventHandlers are by event and action
// (https://docs.github.com/webhooks/webhook-events-and-payloads). Other deliveries
// are recorded and ignored.
var eventHandlers = map[string]map[string]func(*Handler, context.Context, payload) error{
	"ping": {"": func(*Handler, context.Context, payload) error { return nil }},
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
		"created":     (*Handler).repositoryVisible,
		"edited":      (*Handler).repositoryChanged,
		"renamed":     (*Handler).repositoryChanged,
		"archived":    (*Handler).repositoryChanged,
		"unarchived":  (*Handler).repositoryChanged,
		"publicized":  (*Handler).repositoryVisible,
		"privatized":  (*Handler).repositoryRevoked,
		"transferred": (*Handler).repositoryTransferred,
		"deleted":     (*Handler).repositoryRevoked,
	},
	"public": {"": (*Handler).repositoryVisible},
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

// Matters reports whether an event can change anything. A missed delivery of
// another one need not be recovered.
func Matters(event, action string) bool {
	return event != "ping" && eventHandlers[event][action] != nil
}

// Apply runs the handler of a delivery's event and returns the delivery's outcome.
func (h *Handler) Apply(ctx context.Context, delivery db.Delivery) (db.Outcome, error) {
	handle := eventHandlers[delivery.Event][delivery.Action]
	if handle == nil {
		return db.DeliveryIgnored, nil
	}
	p, err := decode(delivery)
	if err == nil {
		err = handle(h, ctx, p)
	}
	var incomplete *incompleteError
	if errors.As(err, &incomplete) {
		h.log.WarnContext(ctx, "a webhook is ignored", "delivery", delivery.GUID, "event", delivery.Event, "action", delivery.Action, "reason", incomplete.reason)
		return db.DeliveryIgnored, nil
	}
	return db.DeliveryApplied, err
}
