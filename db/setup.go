package db

import (
	"context"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

const (
	// SetupLifetime is how long a browser may continue a setup, and how long its
	// user may become an operator afterwards.
	SetupLifetime = 24 * time.Hour
	// setupStateLifetime is how long GitHub's code is valid
	// (https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest).
	setupStateLifetime = time.Hour
	// unusedSetupCodes is how many are kept: each start of each instance creates one.
	unusedSetupCodes = 20
)

// AddSetupCode stores the hash of a new setup code, which can be used once.
func (d *DB) AddSetupCode(ctx context.Context, codeHash string) error {
	now := d.now()
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.InsertSetupCode(ctx, sqlcgen.InsertSetupCodeParams{CodeHash: codeHash, Now: millis(now)}); err != nil {
			return fmt.Errorf("db: put setup code: %w", err)
		}
		err := q.DeleteOldSetupCodes(ctx, sqlcgen.DeleteOldSetupCodesParams{
			UsedBefore: millis(now.Add(-SetupLifetime)), RowLimit: unusedSetupCodes,
		})
		if err != nil {
			return fmt.Errorf("db: delete setup codes: %w", err)
		}
		return nil
	})
}

// UseSetupCode authorizes a browser to set up a server without an App. A code works for one
// browser. The error is ErrNotFound if it isn't valid.
func (d *DB) UseSetupCode(ctx context.Context, codeHash, browserHash string) error {
	used, err := d.write.UseSetupCode(ctx, sqlcgen.UseSetupCodeParams{
		CodeHash: codeHash, BrowserHash: browserHash, Now: millis(d.now()),
	})
	return one(used, err, "use setup code")
}

// IsSetupBrowser reports whether a browser may set up.
func (d *DB) IsSetupBrowser(ctx context.Context, browserHash string) (bool, error) {
	marked, err := d.read.IsSetupBrowser(ctx, sqlcgen.IsSetupBrowserParams{
		BrowserHash: browserHash, UsedAfter: millis(d.now().Add(-SetupLifetime)),
	})
	if err != nil {
		return false, fmt.Errorf("db: find setup browser: %w", err)
	}
	return marked, nil
}

// AddSetupState stores the state that GitHub returns with the code for an App. It is valid
// for one browser, once.
func (d *DB) AddSetupState(ctx context.Context, stateHash, browserHash string) error {
	now := d.now()
	if err := d.write.DeleteOldSetupStates(ctx, millis(now.Add(-setupStateLifetime))); err != nil {
		return fmt.Errorf("db: delete setup states: %w", err)
	}
	err := d.write.InsertSetupState(ctx, sqlcgen.InsertSetupStateParams{
		StateHash: stateHash, BrowserHash: browserHash, Now: millis(now),
	})
	if err != nil {
		return fmt.Errorf("db: put setup state: %w", err)
	}
	return nil
}

// UseSetupState invalidates a state from AddSetupState. The error is ErrNotFound if it isn't
// this browser's, was used or has expired.
func (d *DB) UseSetupState(ctx context.Context, stateHash, browserHash string) error {
	used, err := d.write.TakeSetupState(ctx, sqlcgen.TakeSetupStateParams{
		StateHash: stateHash, BrowserHash: browserHash, CreatedAfter: millis(d.now().Add(-setupStateLifetime)),
	})
	return one(used, err, "take setup state")
}

// IsSetUpBy reports whether the app was created in this browser and no user has become an
// operator there since.
func (d *DB) IsSetUpBy(ctx context.Context, browserHash string) (bool, error) {
	by, err := d.read.IsSetUpBy(ctx, sqlcgen.IsSetUpByParams{BrowserHash: browserHash, SetUpAfter: millis(d.now().Add(-SetupLifetime))})
	if err != nil {
		return false, fmt.Errorf("db: find setup browser: %w", err)
	}
	return by, nil
}

// ClaimSetup makes the first user who requests it in the browser that created the app an
// operator, and reports whether this is the one.
func (d *DB) ClaimSetup(ctx context.Context, person User, browserHash string) (claimed bool, err error) {
	err = d.withTx(ctx, func(q *sqlcgen.Queries) error {
		n, err := q.TakeSetUpBy(ctx, sqlcgen.TakeSetUpByParams{BrowserHash: browserHash, SetUpAfter: millis(d.now().Add(-SetupLifetime))})
		if err != nil {
			return fmt.Errorf("db: claim the setup: %w", err)
		}
		if claimed = n > 0; !claimed {
			return nil
		}
		return putOperator(ctx, q, person.GitHubID, BySetup, "", millis(d.now()))
	})
	return claimed, err
}

// one returns the error of a statement that changes one row, ErrNotFound if it found none.
func one(rows int64, err error, what string) error {
	switch {
	case err != nil:
		return fmt.Errorf("db: %s: %w", what, err)
	case rows == 0:
		return ErrNotFound
	}
	return nil
}
