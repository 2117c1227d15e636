package jobs

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"time"
)

// ErrPanic is wrapped by the error of a job that panicked. It is not retried.
var ErrPanic = errors.New("jobs: the job panicked")

// ErrExhausted is wrapped by the cause that Failed hears of a job that was
// retried as often as it may be.
var ErrExhausted = errors.New("jobs: retried too often")

type snoozeError struct {
	until time.Time
	cause error
}

func (e *snoozeError) Error() string {
	if e.cause == nil {
		return "jobs: snoozed"
	}
	return "jobs: snoozed: " + e.cause.Error()
}

func (e *snoozeError) Unwrap() error { return e.cause }

// Snooze is the outcome of a job that is to be done later, which costs no
// attempt. With a cause, the worker's Waiting is called.
func Snooze(until time.Time, cause error) error { return &snoozeError{until, cause} }

type cancelError struct{ cause error }

func (e *cancelError) Error() string { return "jobs: canceled: " + e.cause.Error() }
func (e *cancelError) Unwrap() error { return e.cause }

// Cancel is the outcome of a job that failed for good: no retry would help.
func Cancel(cause error) error { return &cancelError{cause} }

func isCanceled(err error) bool {
	var canceled *cancelError
	return errors.As(err, &canceled) || errors.Is(err, ErrPanic)
}

func exhausted(err error) error { return fmt.Errorf("%w: %w", ErrExhausted, err) }

// Jitter is a little more or less than d, so that what failed together isn't
// retried together.
func Jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d - d/5 + rand.N(d*2/5+1)
}

// Guard turns a panic of do into an error, which wraps ErrPanic.
func Guard(do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, cause, debug.Stack())
		}
	}()
	return do()
}
