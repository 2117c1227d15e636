package syncer

import (
	"context"
	"log/slog"
	"time"

	"neptun/db"
	"neptun/jobs"
)

// cleanUpEvery is how often expired rows are deleted, and values sealed with an older
// secret are sealed with the first one.
const cleanUpEvery = time.Hour

type cleanUpWorker struct{ *Syncer }

// Work implements jobs.Worker.
func (w cleanUpWorker) Work(ctx context.Context, _ jobs.Job[db.CleanUpDatabase]) error {
	if err := w.db.CleanUp(ctx); err != nil {
		return err
	}
	resealed, err := w.db.Reseal(ctx)
	if resealed > 0 {
		w.log.InfoContext(ctx, "resealed values of an older secret with the first secret of NEPTUN_SECRET", slog.Int64("values", resealed))
	}
	return err
}
