package syncer

import (
	"errors"
	"time"

	"neptun/github"
	"neptun/jobs"
)

// retries are the delays after each temporary failure. After the last one the job
// fails.
var retries = []time.Duration{
	5 * time.Second, 20 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute, time.Hour,
}

// outcome maps an error to the outcome of a job: a rate limit snoozes the job until it
// ends, an unavailable GitHub that names a time delays its retry, and an error that a retry
// can't fix cancels it.
func outcome(err error) error {
	var (
		limit       *github.RateLimitError
		unavailable *github.UnavailableError
	)
	switch {
	case errors.As(err, &limit):
		return jobs.Snooze(limit.Until, err)
	case errors.As(err, &unavailable):
		return jobs.Delay(unavailable.Until, err)
	case final(err):
		return jobs.Cancel(err)
	}
	return err
}

// retryAt returns the time after a delay, or a later one that an unavailable GitHub named.
func (s *Syncer) retryAt(delay time.Duration, err error) time.Time {
	at := s.now().Add(delay)
	var unavailable *github.UnavailableError
	if errors.As(err, &unavailable) && unavailable.Until.After(at) {
		return unavailable.Until
	}
	return at
}

// retried reports whether a job is retried after an error.
func retried(err error) bool {
	var limit *github.RateLimitError
	return err != nil && !errors.As(err, &limit) && !final(err)
}

// final reports whether a retry can't fix an error.
func final(err error) bool {
	for _, kind := range []error{github.ErrSignInAgain, github.ErrInactive, github.ErrForbidden, github.ErrSuspended, github.ErrNotFound, github.ErrWithdrawn, github.ErrInvalid, github.ErrAppCredentials, errGone, errShifted} {
		if errors.Is(err, kind) {
			return true
		}
	}
	var sso *github.SSOError
	return errors.As(err, &sso)
}

// whyWaiting is the message of a sync that continues later.
func whyWaiting(cause error) string {
	var limit *github.RateLimitError
	if errors.As(cause, &limit) {
		return explain(cause) + " Neptun then continues automatically."
	}
	return "Syncing from GitHub failed. Neptun retries automatically."
}

// whyFailed is the message of a sync that failed.
func whyFailed(cause error) string {
	if errors.Is(cause, jobs.ErrExhausted) {
		return "Syncing from GitHub failed repeatedly, so Neptun stopped retrying. Sync again later."
	}
	return explain(cause)
}
