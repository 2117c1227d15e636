package syncer

import (
	"context"
	"errors"
	"strings"

	"neptun/db"
	"neptun/github"
	"neptun/jobs"
)

type installationsWorker struct {
	tracked[db.SyncInstallations]
}

// Work implements jobs.Worker: it brings a user's installations in line with GitHub's
// list, and queues a sync of the repositories of each.
func (w installationsWorker) Work(ctx context.Context, job jobs.Job[db.SyncInstallations]) error {
	ctx = db.WithCause(ctx, db.Cause{Kind: db.BySync})
	userID := job.Args.UserID
	run, err := w.db.StartSync(ctx, job.Args)
	if err != nil {
		return err
	}
	list := w.installations(userID, run)
	read, err := list.readWhole(ctx)
	if err != nil {
		return err
	}
	unseen, err := w.db.ListUnseenInstallations(ctx, userID, run)
	if err != nil {
		return err
	}
	if len(unseen) > 0 {
		// One pass can't distinguish what is gone from what moved between two pages.
		if read, err = list.readWhole(ctx); err != nil {
			return err
		}
		if unseen, err = w.db.ListUnseenInstallations(ctx, userID, run); err != nil {
			return err
		}
	}
	for _, record := range unseen {
		if _, isListed := read.seen[record.GitHubID]; isListed {
			continue // listed without its account, so nothing is known
		}
		if read.uncertain() {
			shown, err := w.github.AsUserInBackground(userID).Sees(ctx, record.GitHubID)
			if err != nil {
				return err
			}
			if shown {
				continue
			}
		}
		if err := w.resolveMissing(ctx, userID, record); err != nil {
			return err
		}
	}
	if err := w.note(ctx, run, read); err != nil {
		return err
	}
	if err := w.db.SetWithheldOrganizations(ctx, userID, read.withheld); err != nil {
		return err
	}
	return w.db.FinishInstallationsSync(ctx, userID, run)
}

// note returns the notes on a list that didn't prove everything.
func (w installationsWorker) note(ctx context.Context, run int64, read listed) error {
	var notes []string
	if note := skippedNote(read.skipped, "installation", "installations"); note != "" {
		notes = append(notes, note)
	}
	if seen := read.rows(); seen != read.total {
		notes = append(notes, wrongTotalNote(int64(read.total), int64(seen), "installation", "installations"))
	}
	return w.db.AnnotateSync(ctx, run, read.skipped, strings.Join(notes, " "))
}

// installations returns the list of a user's installations, stored as it is read.
func (s *Syncer) installations(userID string, run int64) listing[installation] {
	user := s.github.AsUserInBackground(userID)
	newest := map[accountKey]int64{}
	return listing[installation]{
		fetch: func(ctx context.Context, number int) (page[installation], error) {
			return s.cachedInstallationsPage(ctx, user, userID, number)
		},
		take: func(ctx context.Context, items []installation, at progress) error {
			if err := s.db.PutInstallations(ctx, userID, run, newestOf(items, newest)); err != nil {
				return err
			}
			return s.db.ProgressSync(ctx, run, at.pages, at.pagesTotal, 0)
		},
	}
}

// installation is one of a list.
type installation db.Installation

func (i installation) key() int64 { return i.GitHubID }

type accountKey struct {
	kind string
	id   int64
}

// newestOf converts a page. Around a reinstallation an account can be listed with
// two installations; the one with the higher id is the later one. newest keeps the
// highest ids across pages.
func newestOf(items []installation, newest map[accountKey]int64) []db.Installation {
	var facts []db.Installation
	for _, item := range items {
		if item.Account.GitHubID <= 0 {
			continue // its account was deleted on GitHub
		}
		key := accountKey{item.Account.Kind, item.Account.GitHubID}
		if item.GitHubID < newest[key] {
			continue
		}
		newest[key] = item.GitHubID
		facts = append(facts, db.Installation(item))
	}
	return facts
}

// resolveMissing decides what happened to an installation that was missing from two
// passes over a user's list.
func (s *Syncer) resolveMissing(ctx context.Context, userID string, record db.UnseenInstallation) error {
	if !s.github.HasPrivateKey() {
		return s.db.HideInstallation(ctx, userID, record)
	}
	revision, err := s.db.LatestRevision(ctx)
	if err != nil {
		return err
	}
	found, err := s.github.AsApp().Installation(ctx, record.GitHubID)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, github.ErrNotFound):
		return s.db.MarkInstallationDeleted(ctx, record.GitHubID)
	case errors.Is(err, github.ErrAppCredentials):
		// A rejected key is treated like a missing one: waiting for a valid key would
		// keep showing the installation to a user who lost it.
		s.log.ErrorContext(ctx, "GitHub rejects the App's private key", "error", err)
		return s.db.HideInstallation(ctx, userID, record)
	case err != nil:
		s.log.WarnContext(ctx, "a missing installation is kept for now", "installation", record.GitHubID, "error", err)
		return nil
	case !found.SuspendedAt.IsZero():
		if err := s.db.PutInstallationAt(ctx, found, revision); err != nil {
			return err
		}
		if listed, err := s.db.ListsSuspended(ctx); err != nil || !listed {
			return err // it may be missing because it is suspended
		}
	}
	return s.db.HideInstallation(ctx, userID, record)
}
