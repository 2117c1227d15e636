package github

import (
	"context"
	"errors"

	"neptun/db"
)

// appliers are what each event and action that concerns Neptun does, spelt as
// GitHub spells them
// (https://docs.github.com/webhooks/webhook-events-and-payloads). Everything else
// is recorded and ignored.
var appliers = map[string]map[string]func(*GitHub, context.Context, news) error{
	"ping": {"": func(*GitHub, context.Context, news) error { return nil }},
	"installation": {
		"created":                  (*GitHub).installationCreated,
		"deleted":                  (*GitHub).installationDeleted,
		"suspend":                  (*GitHub).installationChanged,
		"unsuspend":                (*GitHub).installationChanged,
		"new_permissions_accepted": (*GitHub).installationChanged,
	},
	"installation_target": {"renamed": (*GitHub).installationChanged},
	"installation_repositories": {
		"added":   (*GitHub).repositoriesAdded,
		"removed": (*GitHub).repositoriesRemoved,
	},
	"repository": {
		"created":     (*GitHub).repositoryAppeared,
		"edited":      (*GitHub).repositoryChanged,
		"renamed":     (*GitHub).repositoryChanged,
		"archived":    (*GitHub).repositoryChanged,
		"unarchived":  (*GitHub).repositoryChanged,
		"publicized":  (*GitHub).repositoryAppeared,
		"privatized":  (*GitHub).repositoryTaken,
		"transferred": (*GitHub).repositoryTransferred,
		"deleted":     (*GitHub).repositoryTaken,
	},
	"public": {"": (*GitHub).repositoryAppeared},
	"organization": {
		"renamed":        (*GitHub).installationChanged,
		"deleted":        (*GitHub).installationDeleted,
		"member_added":   (*GitHub).memberJoined,
		"member_removed": (*GitHub).memberLeft,
	},
	"member": {
		"added":   (*GitHub).collaboratorChanged,
		"edited":  (*GitHub).collaboratorChanged,
		"removed": (*GitHub).collaboratorChanged,
	},
	"membership": {
		"added":   (*GitHub).teamMemberChanged,
		"removed": (*GitHub).teamMemberChanged,
	},
	"team": {
		"added_to_repository":     (*GitHub).teamChanged,
		"removed_from_repository": (*GitHub).teamChanged,
		"edited":                  (*GitHub).teamChanged,
		"deleted":                 (*GitHub).teamDeleted,
	},
	"team_add":                 {"": (*GitHub).teamChanged},
	"github_app_authorization": {"revoked": (*GitHub).authorizationRevoked},
}

// matters tells whether anything can follow from an event. What else GitHub sent
// need not be fetched when it never came.
func matters(event, action string) bool {
	return event != "ping" && appliers[event][action] != nil
}

// applyDelivery does what a webhook hints at. It stores what GitHub says now, and
// not what the webhook says, so one that comes twice, late or out of order does no
// harm. What takes access away is believed at once, and looked at afterwards.
func (t *task) applyDelivery(ctx context.Context) error {
	delivery, err := t.g.db.Delivery(ctx, t.job.Subject)
	switch {
	case errors.Is(err, db.ErrNotFound):
		return nil // it belonged to an App that was forgotten
	case err != nil:
		return err
	case delivery.Outcome != db.DeliveryPending:
		return nil // a worker that went away had it done
	}
	event := delivery.Event
	if delivery.Action != "" {
		event += "." + delivery.Action
	}
	outcome, err := t.g.apply(db.WithCause(ctx, db.Cause{Kind: db.ByWebhook, Event: event}), delivery)
	if err != nil {
		return err
	}
	return t.g.db.SettleDelivery(ctx, delivery.GUID, outcome)
}

func (g *GitHub) apply(ctx context.Context, delivery db.Delivery) (db.Outcome, error) {
	act := appliers[delivery.Event][delivery.Action]
	if act == nil {
		return db.DeliveryIgnored, nil
	}
	told, err := readNews(delivery)
	if err == nil {
		err = act(g, ctx, told)
	}
	var lacking *lackError
	if errors.As(err, &lacking) {
		g.log.WarnContext(ctx, "a webhook is ignored", "delivery", delivery.GUID, "event", delivery.Event, "action", delivery.Action, "reason", lacking.reason)
		return db.DeliveryIgnored, nil
	}
	return db.DeliveryApplied, err
}
