package github

import (
	"context"
	"errors"

	"neptun/db"
)

// syncInstallations brings a person's installations in line with what GitHub
// shows them, and has the repositories of each synced.
func (t *task) syncInstallations(ctx context.Context) (err error) {
	g, userID := t.g, t.job.Subject
	if t.run, err = g.db.StartInstallationsSync(ctx, userID); err != nil {
		return err
	}
	list := t.installations(userID)
	if err := list.readWhole(ctx); err != nil {
		return err
	}
	unseen, err := g.db.UnseenInstallations(ctx, userID, t.run)
	if err != nil {
		return err
	}
	if len(unseen) > 0 {
		// One reading can't tell what is gone from what slipped between two pages.
		if err := list.readWhole(ctx); err != nil {
			return err
		}
		if unseen, err = g.db.UnseenInstallations(ctx, userID, t.run); err != nil {
			return err
		}
	}
	for _, record := range unseen {
		if err := g.judge(ctx, userID, record); err != nil {
			return err
		}
	}
	return g.db.FinishInstallationsSync(ctx, userID, t.run)
}

// installations is the list of a person's installations, written as it arrives.
func (t *task) installations(userID string) listing[installation] {
	p := &person{g: t.g, userID: userID, carrier: t.g.patient}
	newest := map[accountKey]int64{}
	return listing[installation]{
		fetch: func(ctx context.Context, number int) (page[installation], error) {
			return rememberedPage(ctx, p, number)
		},
		take: func(ctx context.Context, items []installation, so progress) error {
			if err := t.g.db.PutInstallations(ctx, userID, t.run, newestOf(items, newest)); err != nil {
				return err
			}
			return t.g.db.ProgressSync(ctx, t.run, so.pages, so.pagesTotal, 0)
		},
	}
}

type accountKey struct {
	kind string
	id   int64
}

// newestOf converts a page. Around a reinstall an account can be listed with
// two installations; the one with the highest id is the later one, also over
// pages, for which newest remembers.
func newestOf(items []installation, newest map[accountKey]int64) []db.Installation {
	var facts []db.Installation
	for _, item := range items {
		if item.Account == nil || item.Account.ID <= 0 {
			continue // whose account GitHub has deleted
		}
		key := accountKey{item.kind(), item.Account.ID}
		if item.ID < newest[key] {
			continue
		}
		newest[key] = item.ID
		facts = append(facts, convertInstallation(item))
	}
	return facts
}

// judge decides what has become of an installation that GitHub, asked twice,
// didn't list for a person.
func (g *GitHub) judge(ctx context.Context, userID string, record db.UnseenInstallation) error {
	if g.app().PrivateKey == nil {
		return g.db.HideInstallation(ctx, userID, record)
	}
	asOf, err := g.db.AsOf(ctx)
	if err != nil {
		return err
	}
	found, err := g.installation(ctx, record.GitHubID)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, ErrNotFound):
		return g.db.MarkInstallationDeleted(ctx, record.GitHubID)
	case errors.Is(err, ErrAppCredentials):
		// A key that is no good is as good as none: waiting for it would show the
		// installation for ever to somebody who has lost it.
		g.log.ErrorContext(ctx, "the App's key is refused", "error", err)
		return g.db.HideInstallation(ctx, userID, record)
	case err != nil:
		g.log.WarnContext(ctx, "a vanished installation is kept for now", "installation", record.GitHubID, "error", err)
		return nil
	case found.SuspendedAt != nil:
		if err := g.db.PutInstallationAsOf(ctx, convertInstallation(found), asOf); err != nil {
			return err
		}
		if listed, err := g.db.ListsSuspended(ctx); err != nil || !listed {
			return err // it may be out of the list for being suspended
		}
	}
	return g.db.HideInstallation(ctx, userID, record)
}
