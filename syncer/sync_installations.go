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

// Work implements jobs.Worker: it brings a user's installations in line with what
// GitHub shows them, and has the repositories of each synced.
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
		// One pass can't tell what is gone from what slipped between two pages.
		if read, err = list.readWhole(ctx); err != nil {
			return err
		}
		if unseen, err = w.db.ListUnseenInstallations(ctx, userID, run); err != nil {
			return err
		}
	}
	for _, record := range unseen {
		if _, isListed := read.seen[record.GitHubID]; isListed {
			continue // without its account: that says nothing
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

// note says what a list left open.
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

// installations is the list of a person's installations, written as it arrives.
func (s *Syncer) installations(userID string, run int64) listing[installation] {
	user := s.github.AsUserInBackground(userID)
	newest := map[accountKey]int64{}
	return listing[installation]{
		fetch: func(ctx context.Context, number int) (page[installation], error) {
			return s.rememberedPage(ctx, user, userID, number)
		},
		take: func(ctx context.Context, items []installation, so progress) error {
			if err := s.db.PutInstallations(ctx, userID, run, newestOf(items, newest)); err != nil {
				return err
			}
			return s.db.ProgressSync(ctx, run, so.pages, so.pagesTotal, 0)
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

// newestOf converts a page. Around a reinstall an account can be listed with
// two installations; the one with the highest id is the later one, also over
// pages, for which newest remembers.
func newestOf(items []installation, newest map[accountKey]int64) []db.Installation {
	var facts []db.Installation
	for _, item := range items {
		if item.Account.GitHubID <= 0 {
			continue // whose account GitHub has deleted
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

// resolveMissing decides what has become of an installation that GitHub, asked twice,
// didn't list for a person.
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
		// A key that is no good is as good as none: waiting for it would show the
		// installation for ever to somebody who has lost it.
		s.log.ErrorContext(ctx, "the App's key is refused", "error", err)
		return s.db.HideInstallation(ctx, userID, record)
	case err != nil:
		s.log.WarnContext(ctx, "a vanished installation is kept for now", "installation", record.GitHubID, "error", err)
		return nil
	case !found.SuspendedAt.IsZero():
		if err := s.db.PutInstallationAt(ctx, found, revision); err != nil {
			return err
		}
		if listed, err := s.db.ListsSuspended(ctx); err != nil || !listed {
			return err // it may be out of the list for being suspended
		}
	}
	return s.db.HideInstallation(ctx, userID, record)
}
