package jobs

import "context"

type heldKey struct{}

// WithHeld is ctx for the work on a job: what stores a step of it can tell by Held
// whether the job is still this worker's.
func WithHeld(ctx context.Context, row Row) context.Context {
	return context.WithValue(ctx, heldKey{}, row)
}

// Held is the job that ctx is of, as it was claimed.
func Held(ctx context.Context) (row Row, ok bool) {
	row, ok = ctx.Value(heldKey{}).(Row)
	return row, ok
}
