package jobs

import "context"

type heldKey struct{}

// WithHeld returns a context that carries the job being worked on, so that the
// code that stores a step of it can check that the lease is still held.
func WithHeld(ctx context.Context, row Row) context.Context {
	return context.WithValue(ctx, heldKey{}, row)
}

// Held returns the job that ctx carries, as it was claimed.
func Held(ctx context.Context) (row Row, ok bool) {
	row, ok = ctx.Value(heldKey{}).(Row)
	return row, ok
}
