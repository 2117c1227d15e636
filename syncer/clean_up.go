package syncer

import (
	"context"
	"log/slog"
	"time"

	"neptun/db"
	"neptun/jobs"
)

// cleanUpEvery is how often what has had its time is deleted, and what an older
// secret sealed is sealed with the first.
const cleanUpEvery = time.Hour

type cleanUpWorker struct{ *Syncer }

// Work implements jobs.Worker.
func (w cleanUpWorker) Work(ctx context.Context, _ jobs.Job[db.CleanUpDatabase]) error {
	if err := w.db.CleanUp(ctx); err != nil {
		return err
	}
	resealed, err := w.db.Reseal(ctx)
	if resealed > 0 {
		w.log.InfoContext(ctx, "sealed with the first secret of NEPTUN_SECRET what an older one had sealed", slog.Int64("values", resealed))
	}
	return err
}
