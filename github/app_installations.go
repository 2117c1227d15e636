package github

import (
	"context"
	"errors"
	"fmt"
	"time"

	"neptun/db"
)

const (
	// readAppEvery is how old the list of all installations may become before it
	// is read anew.
	readAppEvery = time.Hour
	// readAppLook is how often that is looked at.
	readAppLook = 5 * time.Minute
)

// keepInstallations has all installations of the App read now and again, by one
// of the instances, while ctx lasts.
func (g *GitHub) keepInstallations(ctx context.Context) {
	for {
		if g.app().PrivateKey != nil {
			if err := g.db.QueueAppReading(ctx, readAppEvery); err != nil && ctx.Err() == nil {
				g.log.ErrorContext(ctx, "queue a reading of all installations", "error", err)
			}
			g.Wake()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(readAppLook):
		}
	}
}

// syncAppInstallations brings all installations of the App in line with what
// GitHub says. GitHub tells no total here, so the list alone proves nothing of
// what it lacks: each of those is asked about by itself.
func (t *task) syncAppInstallations(ctx context.Context) error {
	g := t.g
	run, err := g.db.StartAppReading(ctx)
	if err != nil {
		return err
	}
	if err := g.ReadAppFacts(ctx); err != nil {
		return err
	}
	if err := g.readAppInstallations(ctx, run); err != nil {
		return err
	}
	unseen, err := g.db.UnseenAppInstallations(ctx, run)
	if err != nil {
		return err
	}
	for _, id := range unseen {
		if err := g.confirmInstallation(ctx, run, id); err != nil {
			return err
		}
	}
	return g.db.FinishAppReading(ctx)
}

func (g *GitHub) readAppInstallations(ctx context.Context, run int64) error {
	met := map[int64]struct{}{}
	for number := 1; ; {
		items, next, err := g.appInstallationsPage(ctx, number)
		if err != nil {
			return err
		}
		before := len(met)
		var facts []db.Installation
		for _, item := range items {
			if _, known := met[item.ID]; known || item.Account == nil || item.Account.ID <= 0 {
				continue // come twice, or whose account GitHub has deleted
			}
			met[item.ID] = struct{}{}
			facts = append(facts, convertInstallation(item))
		}
		if err := g.db.PutAppInstallations(ctx, run, facts); err != nil {
			return err
		}
		// A page that brings nothing new ends a list that would go on for ever.
		if next <= number || len(met) == before {
			return nil
		}
		number = next
	}
}

// appInstallationsPage asks for a page of all installations of the App
// (https://docs.github.com/rest/apps/apps#list-installations-for-the-authenticated-app).
func (g *GitHub) appInstallationsPage(ctx context.Context, number int) (items []installation, next int, err error) {
	app, err := g.asApp() // each page anew: a long list outlives a token
	if err != nil {
		return nil, 0, err
	}
	next, err = app.get(ctx, fmt.Sprintf("app/installations?per_page=%d&page=%d", perPage, number), &items)
	if err == nil && items == nil {
		return nil, 0, malformed("the installations")
	}
	return items, next, err
}

// confirmInstallation asks about an installation that the list lacked.
func (g *GitHub) confirmInstallation(ctx context.Context, run, id int64) error {
	var limit *RateLimitError
	found, err := g.installation(ctx, id)
	switch {
	case err == nil:
		return g.db.PutAppInstallations(ctx, run, []db.Installation{convertInstallation(found)})
	case errors.Is(err, ErrNotFound):
		return g.db.MarkInstallationDeleted(ctx, id)
	case ctx.Err() != nil, errors.As(err, &limit):
		return err
	}
	g.log.WarnContext(ctx, "an installation that GitHub didn't list is kept for now", "installation", id, "error", err)
	return nil
}
