package syncer

import (
	"context"
	"errors"
	"time"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

// appInstallationsEvery is how often the list of all installations is read.
const appInstallationsEvery = time.Hour

type appInstallationsWorker struct {
	tracked[db.SyncAppInstallations]
}

// Work implements jobs.Worker: it syncs all installations of the App. GitHub sends no
// total here, so the list doesn't prove what is gone: each installation that is missing
// from it is requested individually.
func (w appInstallationsWorker) Work(ctx context.Context, job jobs.Job[db.SyncAppInstallations]) error {
	if !w.github.HasPrivateKey() {
		return nil
	}
	ctx = db.WithCause(ctx, db.Cause{Kind: db.BySync})
	run, err := w.db.StartSync(ctx, job.Args)
	if err != nil {
		return err
	}
	if err := w.github.ReadAppFacts(ctx); err != nil {
		return err
	}
	skipped, err := w.readAppInstallations(ctx, run)
	if err != nil {
		return err
	}
	unseen, err := w.db.ListUnseenAppInstallations(ctx, run)
	if err != nil {
		return err
	}
	for _, id := range unseen {
		if err := w.confirmInstallation(ctx, run, id); err != nil {
			return err
		}
	}
	if err := w.db.AnnotateSync(ctx, run, skipped, ""); err != nil {
		return err
	}
	return w.db.FinishSync(ctx, run)
}

// readAppInstallations returns how many rows of the list it skipped.
func (s *Syncer) readAppInstallations(ctx context.Context, run int64) (skipped db.Skipped, err error) {
	seen := map[int64]struct{}{}
	for number := 1; ; {
		page, err := s.github.AsApp().AppInstallations(ctx, number)
		if err != nil {
			return nil, err
		}
		skipped = skipped.Plus(github.CountSkipped(page.Skipped))
		for _, row := range page.Skipped {
			s.log.WarnContext(ctx, "skipped an installation in the App's list", "page", number, "row", row.Place, "id", row.ID, "reason", row.Reason)
		}
		before := len(seen)
		var facts []db.Installation
		for _, item := range page.Items {
			if _, known := seen[item.GitHubID]; known {
				continue
			}
			if item.Account.GitHubID <= 0 {
				skipped = skipped.Plus(db.Skipped{db.SkippedNoAccount: 1})
				continue
			}
			seen[item.GitHubID] = struct{}{}
			facts = append(facts, item)
		}
		if err := s.db.PutAppInstallations(ctx, run, facts); err != nil {
			return nil, err
		}
		// A page with nothing new ends a list that would otherwise never end.
		if page.Next <= number || len(seen) == before && len(page.Skipped) == 0 {
			return skipped, nil
		}
		number = page.Next
	}
}

// confirmInstallation asks GitHub about an installation that was missing from the list.
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
	s.log.WarnContext(ctx, "kept an installation that GitHub didn't list", "installation", id, "error", err)
	return nil
}
