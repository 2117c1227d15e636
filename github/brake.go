package github

import (
	"context"
	"errors"

	"neptun/db"
)

// brake holds back what is asked in the App's name until a limit ends that GitHub
// named, on every instance. A nil brake holds back nothing.
type brake struct {
	db           *db.DB
	installation int64 // in whose account's name; 0 for the App's own
}

// check is a *RateLimitError while a limit stands.
func (b *brake) check(ctx context.Context) error {
	if b == nil {
		return nil
	}
	standing, err := b.db.AppLimit(ctx, b.installation)
	if err != nil {
		return err
	}
	if !standing.Until.IsZero() {
		return &RateLimitError{Until: standing.Until, Secondary: standing.Secondary}
	}
	return nil
}

// note stores the limit that err may be, and returns err.
func (b *brake) note(ctx context.Context, err error) error {
	var limit *RateLimitError
	if b == nil || !errors.As(err, &limit) {
		return err
	}
	// The others have to hear of it even if this request's own time is over.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), limitWrite)
	defer cancel()
	return errors.Join(err, b.db.PutAppLimit(write, b.installation, db.RequestLimit{Until: limit.Until, Secondary: limit.Secondary}))
}
