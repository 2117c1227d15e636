package syncer

import (
	"context"
	"time"

	"neptun/db"
	"neptun/jobs"
)

// cleanUpEvery is how often what has had its time is deleted.
const cleanUpEvery = time.Hour

type cleanUpWorker struct{ *Syncer }

// Work implements jobs.Worker.
func (w cleanUpWorker) Work(ctx context.Context, _ jobs.Job[db.CleanUpDatabase]) error {
	return w.db.CleanUp(ctx)
}
