package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"neptun/db/sqlcgen"
)

// The reasons for being an operator.
const (
	ByID    = "id"    // named in the configuration by GitHub id
	ByLogin = "login" // named in the configuration by login
	ByOwner = "owner" // the user who owns the App
	BySetup = "setup" // the user who set the App up
)

// Operators are the configured operators.
type Operators struct {
	IDs    []int64
	Logins []string
}

var (
	digits = regexp.MustCompile(`^[0-9]+$`)
	// loginShape allows more than GitHub does today: old accounts and Enterprise Server have
	// logins with leading hyphens, managed users' contain an underscore.
	loginShape = regexp.MustCompile(`^[A-Za-z0-9_-]*$`)
)

// IsOperatorName reports whether a name can be a GitHub id or a login, or is empty.
func IsOperatorName(name string) bool {
	_, err := strconv.ParseInt(name, 10, 64)
	return loginShape.MatchString(name) && (err == nil || !digits.MatchString(name))
}

// ParseOperators parses GitHub ids and logins: names with only digits are ids.
func ParseOperators(names []string) Operators {
	var operators Operators
	for _, name := range names {
		name = strings.ToLower(strings.TrimSpace(name))
		if id, err := strconv.ParseInt(name, 10, 64); err == nil && digits.MatchString(name) {
			operators.IDs = append(operators.IDs, id)
		} else if name != "" {
			operators.Logins = append(operators.Logins, name)
		}
	}
	return operators
}

// Operator is a user with operator rights, for one reason.
type Operator struct {
	GitHubID int64
	Reason   string
	Login    string // for ByLogin
	Since    time.Time
}

// ListOperators lists the users with operator rights, once per reason.
func (d *DB) ListOperators(ctx context.Context) ([]Operator, error) {
	rows, err := d.read.ListOperators(ctx)
	if err != nil {
		return nil, fmt.Errorf("db: list operators: %w", err)
	}
	list := make([]Operator, 0, len(rows))
	for _, row := range rows {
		list = append(list, Operator{GitHubID: row.GitHubID, Reason: row.Why, Login: row.Login, Since: fromMillis(row.Since)})
	}
	return list, nil
}

// configureOperators adds the operators that the configuration names by id, and removes
// those that it no longer names.
func (d *DB) configureOperators(ctx context.Context) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		stored, err := q.ListOperators(ctx)
		if err != nil {
			return fmt.Errorf("db: list operators: %w", err)
		}
		for _, operator := range stored {
			named := operator.Why == ByID && slices.Contains(d.operators.IDs, operator.GitHubID) ||
				operator.Why == ByLogin && slices.Contains(d.operators.Logins, operator.Login)
			if named || operator.Why == ByOwner || operator.Why == BySetup {
				continue
			}
			if err := q.DeleteOperator(ctx, sqlcgen.DeleteOperatorParams{GitHubID: operator.GitHubID, Why: operator.Why}); err != nil {
				return fmt.Errorf("db: delete operator: %w", err)
			}
		}
		for _, id := range d.operators.IDs {
			if err := putOperator(ctx, q, id, ByID, "", millis(d.now())); err != nil {
				return err
			}
		}
		return nil
	})
}

// claimOperator makes a user an operator whose login the configuration names, unless that
// login belonged to another user before. Then it returns true.
func (d *DB) claimOperator(ctx context.Context, q *sqlcgen.Queries, profile Profile) (refused bool, err error) {
	login := strings.ToLower(profile.Login)
	if !slices.Contains(d.operators.Logins, login) {
		return false, nil
	}
	switch holder, err := q.FindOperatorLogin(ctx, login); {
	case err == nil:
		return holder != profile.GitHubID, nil
	case !errors.Is(err, sql.ErrNoRows):
		return false, fmt.Errorf("db: find operator: %w", err)
	}
	return false, putOperator(ctx, q, profile.GitHubID, ByLogin, login, millis(d.now()))
}

// SetOwner makes the user who owns the App the only operator for that reason. Zero means
// that no user owns the App.
func (d *DB) SetOwner(ctx context.Context, gitHubID int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if err := q.DeleteOtherOwners(ctx, gitHubID); err != nil {
			return fmt.Errorf("db: delete owners: %w", err)
		}
		if gitHubID == 0 {
			return nil
		}
		return putOperator(ctx, q, gitHubID, ByOwner, "", millis(d.now()))
	})
}

func putOperator(ctx context.Context, q *sqlcgen.Queries, gitHubID int64, why, login string, now int64) error {
	if _, err := q.PutOperator(ctx, sqlcgen.PutOperatorParams{GitHubID: gitHubID, Why: why, Login: login, Now: now}); err != nil {
		return fmt.Errorf("db: put operator: %w", err)
	}
	return nil
}
