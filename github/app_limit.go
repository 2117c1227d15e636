package github

import (
	"context"
	"errors"

	"neptun/db"
)

// appLimit blocks the app's requests on all instances while GitHub rate-limits the app.
// A nil appLimit blocks nothing.
type appLimit struct {
	db           *db.DB
	installation int64 // the installation whose tokens are limited; 0 for the App's own
}

// check returns a *RateLimitError while a limit applies.
func (b *appLimit) check(ctx context.Context) error {
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

// note stores err if it is a rate limit, and returns it.
func (b *appLimit) note(ctx context.Context, err error) error {
	var limit *RateLimitError
	if b == nil || !errors.As(err, &limit) {
		return err
	}
	// The other instances need it even if this request was canceled.
	write, cancel := context.WithTimeout(context.WithoutCancel(ctx), limitWrite)
	defer cancel()
	return errors.Join(err, b.db.PutAppLimit(write, b.installation, db.RequestLimit{Until: limit.Until, Secondary: limit.Secondary}))
}
