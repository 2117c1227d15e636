package syncer

import (
	"errors"

	"neptun/github"
)

// explain says in a sentence or two for people why a job failed and what to do.
// It never shows the cause.
func explain(err error) string {
	switch {
	case errors.Is(err, errGone):
		return "GitHub no longer shows you this installation. If that lasts, it disappears here with the next look at your installations."
	case errors.Is(err, errShifted):
		return "The list kept changing on GitHub while Neptun read it. What was new has been added, nothing has been taken away. Sync again in a while."
	}
	return github.Explain(err)
}
