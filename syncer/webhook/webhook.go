// Package webhook decodes deliveries and applies them to the database. A payload is a hint:
// what it names is requested from GitHub before anything newer is overwritten.
package webhook

import (
	"context"
	"errors"
	"fmt"
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

// New creates a Handler.
func New(gitHub *github.GitHub, d *db.DB, log *slog.Logger) *Handler {
	return &Handler{github: gitHub, db: d, log: log}
}

// step is one step of applying a delivery.
type step func(*batch, context.Context, payload) error

// eventHandler applies the deliveries of an event. Both steps may be nil.
type eventHandler struct {
	revoke step // removes access immediately
	apply  step // sends requests to GitHub
}

// eventHandlers maps an event and an action to a handler
// (https://docs.github.com/webhooks/webhook-events-and-payloads). Other deliveries are
// stored and ignored.
var eventHandlers = map[string]map[string]eventHandler{
	"ping": {"": {}},
	"installation": {
		"created":                  {apply: (*batch).installationCreated},
		"deleted":                  {revoke: (*batch).installationDeleted},
		"suspend":                  {apply: (*batch).installationChanged},
		"unsuspend":                {apply: (*batch).installationChanged},
		"new_permissions_accepted": {apply: (*batch).installationChanged},
	},
	"installation_target": {"renamed": {apply: (*batch).installationChanged}},
	"installation_repositories": {
		"added":   {apply: (*batch).repositoriesAdded},
		"removed": {revoke: (*batch).repositoriesRemoved, apply: (*batch).repositoriesGone},
	},
	"repository": {
		"created":     {apply: (*batch).repositoryVisible},
		"edited":      {apply: (*batch).repositoryChanged},
		"renamed":     {apply: (*batch).repositoryChanged},
		"archived":    {apply: (*batch).repositoryChanged},
		"unarchived":  {apply: (*batch).repositoryChanged},
		"publicized":  {apply: (*batch).repositoryVisible},
		"privatized":  {revoke: (*batch).repositoryRevoked, apply: (*batch).repositoryGone},
		"transferred": {revoke: (*batch).repositoryRevoked, apply: (*batch).repositoryTransferred},
		"deleted":     {revoke: (*batch).repositoryRevoked, apply: (*batch).repositoryGone},
	},
	"public": {"": {apply: (*batch).repositoryVisible}},
	"organization": {
		"renamed":        {apply: (*batch).installationChanged},
		"deleted":        {revoke: (*batch).installationDeleted},
		"member_added":   {apply: (*batch).memberJoined},
		"member_removed": {revoke: (*batch).memberLeft},
	},
	"member": {
		"added":   {apply: (*batch).collaboratorChanged},
		"edited":  {apply: (*batch).collaboratorChanged},
		"removed": {apply: (*batch).collaboratorChanged},
	},
	"membership": {
		"added":   {apply: (*batch).teamMemberChanged},
		"removed": {apply: (*batch).teamMemberChanged},
	},
	"team": {
		"added_to_repository":     {apply: (*batch).teamChanged},
		"removed_from_repository": {apply: (*batch).teamChanged},
		"edited":                  {apply: (*batch).teamChanged},
		"deleted":                 {apply: (*batch).teamDeleted},
	},
	"team_add":                 {"": {apply: (*batch).teamChanged}},
	"github_app_authorization": {"revoked": {revoke: (*batch).authorizationRevoked}},
}

// Matters reports whether an event can change anything. A missed delivery of another event
// needn't be recovered.
func Matters(event, action string) bool {
	handle := eventHandlers[event][action]
	return handle.revoke != nil || handle.apply != nil
}

// Revoke runs the step of a delivery that removes access. It reports whether Apply has to
// be called, and the outcome if not.
func (h *Handler) Revoke(ctx context.Context, delivery db.Delivery) (more bool, outcome db.Outcome, err error) {
	handle := eventHandlers[delivery.Event][delivery.Action]
	if handle.revoke != nil {
		if outcome, err = h.run(ctx, h.batch(), handle.revoke, delivery); err != nil || outcome == db.DeliveryIgnored {
			return false, outcome, err
		}
	}
	return handle.apply != nil, h.outcome(delivery), nil
}

// batch applies deliveries about one subject. It requests each object once and queues each
// check once, however many deliveries need it: all of them arrived before its requests.
type batch struct {
	*Handler
	repositories  map[int64]refreshed
	installations map[int64]bool
	checks        map[string]bool
}

func (h *Handler) batch() *batch {
	return &batch{h, map[int64]refreshed{}, map[int64]bool{}, map[string]bool{}}
}

// queueChecks queues checks of all of an account's users.
func (b *batch) queueChecks(ctx context.Context, account db.Account, userID string, repositories map[int64]string) error {
	key := fmt.Sprint(account.Kind, account.GitHubID, userID, repositories)
	if b.checks[key] {
		return nil
	}
	if _, err := b.db.QueueChecks(ctx, account, userID, repositories); err != nil {
		return err
	}
	b.checks[key] = true
	return nil
}

// Apply runs the handlers of deliveries about one subject, and calls finish with the
// outcome of each.
func (h *Handler) Apply(ctx context.Context, deliveries []db.Delivery, finish func(db.Delivery, db.Outcome) error) error {
	b := h.batch()
	for _, delivery := range deliveries {
		outcome := h.outcome(delivery)
		if apply := eventHandlers[delivery.Event][delivery.Action].apply; apply != nil {
			var err error
			if outcome, err = h.run(ctx, b, apply, delivery); err != nil {
				return err
			}
		}
		if err := finish(delivery, outcome); err != nil {
			return err
		}
	}
	return nil
}

// outcome returns the outcome of a delivery that needs no further step.
func (h *Handler) outcome(delivery db.Delivery) db.Outcome {
	if _, known := eventHandlers[delivery.Event][delivery.Action]; known {
		return db.DeliveryApplied
	}
	return db.DeliveryIgnored
}

func (h *Handler) run(ctx context.Context, b *batch, do step, delivery db.Delivery) (db.Outcome, error) {
	event := delivery.Event
	if delivery.Action != "" {
		event += "." + delivery.Action
	}
	p, err := decode(delivery)
	if err == nil {
		err = do(b, db.WithCause(ctx, db.Cause{Kind: db.ByWebhook, Event: event}), p)
	}
	var incomplete *incompleteError
	if errors.As(err, &incomplete) {
		h.log.WarnContext(ctx, "ignored a webhook", "delivery", delivery.GUID, "event", delivery.Event, "action", delivery.Action, "reason", incomplete.reason)
		return db.DeliveryIgnored, nil
	}
	return db.DeliveryApplied, err
}
