package db

import "context"

// Cause is what makes a change, for the history.
type Cause struct {
	Kind CauseKind
	// Event is the webhook's, with its action: repository.renamed.
	Event string
}

// CauseKind tells whose doing a change is.
type CauseKind string

// The kinds of cause.
const (
	BySync    CauseKind = "sync"
	ByWebhook CauseKind = "webhook"
	ByUser    CauseKind = "person" // through Neptun
)

type causeKey struct{}

// WithCause has what is written under the context told, in the history, as this
// cause's doing. Without one it is a user's.
func WithCause(ctx context.Context, cause Cause) context.Context {
	return context.WithValue(ctx, causeKey{}, cause)
}

func causeOf(ctx context.Context) Cause {
	if cause, ok := ctx.Value(causeKey{}).(Cause); ok {
		return cause
	}
	return Cause{Kind: ByUser}
}
