package github

import (
	"context"
	"errors"
	"time"
)

// Budget is how many requests GitHub still answers in a person's name
// (https://docs.github.com/rest/rate-limit/rate-limit). It is theirs over all
// programs that act for them through the App.
type Budget struct {
	// Unlimited is an Enterprise Server that sets no limit; the rest is zero.
	Unlimited bool
	Limit     int64 // requests in an hour
	Used      int64
	Remaining int64
	ResetAt   time.Time // when the next hour begins
}

// SyncCost is how many requests a sync of so many repositories takes at least:
// one for each page, and one for the list of installations.
func SyncCost(repositories int64) int64 { return (repositories+PerPage-1)/PerPage + 1 }

// Budget asks GitHub for a person's budget, which costs nothing of it.
func (u *UserClient) Budget(ctx context.Context) (Budget, error) {
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
	_, err := u.get(ctx, budgetPath, &answer)
	switch core := answer.Resources.Core; {
	case errors.Is(err, ErrNotFound): // "Rate limiting is not enabled."
		return Budget{Unlimited: true}, nil
	case err != nil:
		return Budget{}, err
	case core == nil || core.Limit <= 0:
		return Budget{}, malformed("the rate limit")
	default:
		return Budget{
			Limit: core.Limit, Used: core.Used, Remaining: core.Remaining, ResetAt: time.Unix(core.Reset, 0),
		}, nil
	}
}
