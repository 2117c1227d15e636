package syncer

import (
	"context"
	"errors"
	"time"

	"neptun/db"
	"neptun/github"
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
func (s *Syncer) keepInstallations(ctx context.Context) {
	for {
		if s.github.HasPrivateKey() {
			if err := s.db.QueueAppReading(ctx, readAppEvery); err != nil && ctx.Err() == nil {
				s.log.ErrorContext(ctx, "queue a reading of all installations", "error", err)
			}
			s.Wake()
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
	s := t.s
	run, err := s.db.StartAppReading(ctx)
	if err != nil {
		return err
	}
	if err := s.github.ReadAppFacts(ctx); err != nil {
		return err
	}
	if err := s.readAppInstallations(ctx, run); err != nil {
		return err
	}
	unseen, err := s.db.ListUnseenAppInstallations(ctx, run)
	if err != nil {
		return err
	}
	for _, id := range unseen {
		if err := s.confirmInstallation(ctx, run, id); err != nil {
			return err
		}
	}
	return s.db.FinishAppReading(ctx)
}

func (s *Syncer) readAppInstallations(ctx context.Context, run int64) error {
	met := map[int64]struct{}{}
	for number := 1; ; {
		page, err := s.github.AsApp().AppInstallations(ctx, number)
		if err != nil {
			return err
		}
		before := len(met)
		var facts []db.Installation
		for _, item := range page.Items {
			if _, known := met[item.GitHubID]; known || item.Account.GitHubID <= 0 {
				continue // come twice, or whose account GitHub has deleted
			}
			met[item.GitHubID] = struct{}{}
			facts = append(facts, item)
		}
		if err := s.db.PutAppInstallations(ctx, run, facts); err != nil {
			return err
		}
		// A page that brings nothing new ends a list that would go on for ever.
		if page.Next <= number || len(met) == before {
			return nil
		}
		number = page.Next
	}
}

// confirmInstallation asks about an installation that the list lacked.
func (s *Syncer) confirmInstallation(ctx context.Context, run, id int64) error {
	var limit *github.RateLimitError
	found, err := s.github.AsApp().Installation(ctx, id)
	switch {
	case err == nil:
		return s.db.PutAppInstallations(ctx, run, []db.Installation{found})
	case errors.Is(err, github.ErrNotFound):
		return s.db.MarkInstallationDeleted(ctx, id)
	case ctx.Err() != nil, errors.As(err, &limit):
		return err
	}
	s.log.WarnContext(ctx, "an installation that GitHub didn't list is kept for now", "installation", id, "error", err)
	return nil
}
