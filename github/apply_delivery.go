package github

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"neptun/db"
)

// installationNews are the actions of each event after which an installation is
// read anew
// (https://docs.github.com/webhooks/webhook-events-and-payloads#installation).
var installationNews = map[string][]string{
	"installation":        {"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"},
	"installation_target": {"renamed"},
}

// refreshTries is how often GitHub is asked again at once when something else
// was stored while it answered.
const refreshTries = 3

// applyDelivery does what a webhook hints at. Since it stores what GitHub says
// now, and not what the webhook says, one that comes twice, late or out of order
// does no harm.
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
	outcome, err := t.g.apply(ctx, delivery)
	if err != nil {
		return err
	}
	return t.g.db.SettleDelivery(ctx, delivery.GUID, outcome)
}

func (g *GitHub) apply(ctx context.Context, delivery db.Delivery) (db.Outcome, error) {
	switch {
	case delivery.Event == "ping":
		return db.DeliveryApplied, nil
	case !slices.Contains(installationNews[delivery.Event], delivery.Action):
		return db.DeliveryIgnored, nil
	}
	if g.app().PrivateKey == nil || delivery.InstallationID <= 0 {
		reason := "Neptun has no private key of the App to ask GitHub with"
		if delivery.InstallationID <= 0 {
			reason = "it names no installation"
		}
		g.log.WarnContext(ctx, "a webhook is ignored", "delivery", delivery.GUID, "event", delivery.Event, "action", delivery.Action, "reason", reason)
		return db.DeliveryIgnored, nil
	}
	return db.DeliveryApplied, g.refreshInstallation(ctx, delivery.InstallationID)
}

// refreshInstallation stores how an installation stands on GitHub now. What
// somebody else stored while GitHub answered may be newer than the answer, which
// is then asked for anew.
func (g *GitHub) refreshInstallation(ctx context.Context, id int64) error {
	for range refreshTries {
		mark, err := g.db.MarkInstallation(ctx, id)
		if err != nil {
			return err
		}
		found, err := g.installation(ctx, id)
		switch {
		case errors.Is(err, ErrNotFound):
			return g.db.MarkInstallationDeleted(ctx, id) // GitHub gives no id twice
		case err != nil:
			return err
		case found.Account.ID <= 0:
			return nil // GitHub has deleted the account, and the installation follows
		}
		if err := g.db.RefreshInstallation(ctx, convertInstallation(found), mark); !errors.Is(err, db.ErrOutrun) {
			return err
		}
	}
	return fmt.Errorf("github: installation %d: %w", id, db.ErrOutrun)
}
