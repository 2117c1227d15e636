package syncer

import (
	"context"
	"time"

	"neptun/db"
	"neptun/jobs"
)

const (
	// revokedAtOnce is how many tokens one run of the job revokes.
	revokedAtOnce = 100
	// revokeAgainAfter is the delay before tokens that GitHub didn't revoke are retried.
	// They expire within the hour.
	revokeAgainAfter = 2 * time.Minute
)

type tokensWorker struct{ *Syncer }

// Work implements jobs.Worker. A token that can't be revoked doesn't hold up others.
func (w tokensWorker) Work(ctx context.Context, _ jobs.Job[db.RevokeTokens]) error {
	tokens, err := w.db.ListAbandonedTokens(ctx, revokedAtOnce)
	if err != nil {
		return err
	}
	var failed error
	for _, token := range tokens {
		if err := w.github.RevokeInstallationToken(ctx, token.Token); err != nil {
			failed = err
			continue
		}
		if err := w.db.DeleteAbandonedToken(ctx, token); err != nil {
			return err
		}
	}
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case failed != nil:
		return jobs.Snooze(w.retryAt(revokeAgainAfter, failed), failed)
	case len(tokens) == revokedAtOnce:
		return jobs.Snooze(w.now(), nil)
	}
	return nil
}
