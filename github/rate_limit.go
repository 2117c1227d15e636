package github

import (
	"context"
	"errors"
	"time"
)

// RateLimit is a user's rate limit at GitHub
// (https://docs.github.com/rest/rate-limit/rate-limit). It is shared by all programs
// that act for the user through the App.
type RateLimit struct {
	// Unlimited is set for an Enterprise Server without a limit; the other fields are zero.
	Unlimited bool
	Limit     int64 // requests per hour
	Used      int64
	Remaining int64
	ResetAt   time.Time // when the limit resets
}

// SyncCost returns how many requests a sync of so many repositories needs at least: one
// per page, and one for the list of installations.
func SyncCost(repositories int64) int64 { return (repositories+PerPage-1)/PerPage + 1 }

// RateLimit requests a user's rate limit, which doesn't count against it.
func (u *UserClient) RateLimit(ctx context.Context) (RateLimit, error) {
	type rate struct {
		Limit     int64 `json:"limit"`
		Used      int64 `json:"used"`
		Remaining int64 `json:"remaining"`
		Reset     int64 `json:"reset"`
	}
	var answer struct {
		Resources struct {
			Core *rate `json:"core"`
		} `json:"resources"`
	}
	_, err := u.get(ctx, rateLimitPath, &answer)
	switch core := answer.Resources.Core; {
	case errors.Is(err, ErrNotFound): // "Rate limiting is not enabled."
		return RateLimit{Unlimited: true}, nil
	case err != nil:
		return RateLimit{}, err
	case core == nil || core.Limit <= 0:
		return RateLimit{}, malformed("the rate limit")
	default:
		return RateLimit{
			Limit: core.Limit, Used: core.Used, Remaining: core.Remaining, ResetAt: time.Unix(core.Reset, 0),
		}, nil
	}
}
