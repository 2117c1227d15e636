package db

import "context"

// Cause is the cause of a change, for the history.
type Cause struct {
	Kind CauseKind
	// Event is the webhook's, with its action: repository.renamed.
	Event string
}

// CauseKind is the kind of a cause.
type CauseKind string

// The kinds of cause.
const (
	BySync    CauseKind = "sync"
	ByWebhook CauseKind = "webhook"
	ByUser    CauseKind = "person" // through Neptun
)

type causeKey struct{}

// WithCause returns a context whose changes are recorded in the history with this cause.
// The default is a user's action.
func WithCause(ctx context.Context, cause Cause) context.Context {
	return context.WithValue(ctx, causeKey{}, cause)
}

func causeOf(ctx context.Context) Cause {
	if cause, ok := ctx.Value(causeKey{}).(Cause); ok {
		return cause
	}
	return Cause{Kind: ByUser}
}
