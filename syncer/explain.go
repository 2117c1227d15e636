package syncer

import (
	"errors"

	"neptun/github"
)

// explain describes to users in a sentence or two why a job failed and what to do.
// It never includes the cause.
func explain(err error) string {
	switch {
	case errors.Is(err, errGone):
		return "GitHub no longer shows you this installation. It is removed here after the next sync of your installations."
	case errors.Is(err, errShifted):
		return "The list kept changing during the sync. New repositories were added, and none were removed. Sync again later."
	}
	return github.Explain(err)
}
