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

// ErrExhausted is wrapped by the cause that Failed receives for a job that used
// up its retries.
var ErrExhausted = errors.New("jobs: no retries left")

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

// Snooze returns the outcome of a job that should run later, without counting an
// attempt. With a cause, the worker's Waiting is called.
func Snooze(until time.Time, cause error) error { return &snoozeError{until, cause} }

type delayError struct {
	until time.Time
	cause error
}

func (e *delayError) Error() string { return e.cause.Error() }
func (e *delayError) Unwrap() error { return e.cause }

// Delay returns the outcome of a job that failed like cause, but isn't retried before a time.
func Delay(until time.Time, cause error) error { return &delayError{until, cause} }

type cancelError struct{ cause error }

func (e *cancelError) Error() string { return "jobs: canceled: " + e.cause.Error() }
func (e *cancelError) Unwrap() error { return e.cause }

// Cancel returns the outcome of a job that failed permanently and isn't retried.
func Cancel(cause error) error { return &cancelError{cause} }

func isCanceled(err error) bool {
	var canceled *cancelError
	return errors.As(err, &canceled) || errors.Is(err, ErrPanic)
}

func exhausted(err error) error { return fmt.Errorf("%w: %w", ErrExhausted, err) }

// Jitter varies d by up to 20 percent, so that jobs that failed together aren't
// retried together.
func Jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return d - d/5 + rand.N(d*2/5+1)
}

// Guard calls do and turns a panic into an error that wraps ErrPanic.
func Guard(do func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrPanic, cause, debug.Stack())
		}
	}()
	return do()
}
