package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// MaxViews is how many views a user may save.
const MaxViews = 100

// The errors of saving a view.
var (
	ErrTooManyViews = errors.New("db: too many saved views")
	ErrViewExists   = errors.New("db: there is a view of this name")
)

// The lists that a view can filter.
const (
	ViewRepositories = "repositories"
	ViewImports      = "imports"
)

// View is a filter of a list, saved under a name.
type View struct {
	ID   int64
	Name string
	// InstallationID is the installation record's id, 0 for a list over all
	// installations. Account is its login.
	InstallationID int64
	Account        string
	// Hidden is true while GitHub doesn't show the user the installation. The view
	// keeps its name and its place among MaxViews, so the user sees and can delete it.
	Hidden    bool
	List      string // ViewRepositories or ViewImports
	Query     string // filter and sort, as in a URL
	CreatedAt time.Time
}

// ListViews lists a user's views by name.
func (d *DB) ListViews(ctx context.Context, userID string) ([]View, error) {
	rows, err := d.read.ListViews(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("db: list views: %w", err)
	}
	list := make([]View, 0, len(rows))
	for _, row := range rows {
		list = append(list, View{
			ID: row.ID, Name: row.Name, InstallationID: row.RecordID, Account: row.Login,
			Hidden: row.RecordID != row.ShownRecordID,
			List:   row.List, Query: row.Query, CreatedAt: fromMillis(row.CreatedAt),
		})
	}
	return list, nil
}

// CreateView saves a view, and returns it with its id. The error is
// ErrTooManyViews, ErrViewExists, or ErrRecordNotFound for an installation that
// isn't the user's.
func (d *DB) CreateView(ctx context.Context, userID string, view View) (View, error) {
	now := d.now()
	view.Name, view.Query, view.CreatedAt = validText(view.Name), validText(view.Query), fromMillis(millis(now))
	err := d.withTx(ctx, func(q *sqlcgen.Queries) error {
		if view.InstallationID != 0 {
			_, err := q.GetOwnRecord(ctx, sqlcgen.GetOwnRecordParams{ID: view.InstallationID, UserID: userID})
			if errors.Is(err, sql.ErrNoRows) {
				return ErrRecordNotFound
			}
			if err != nil {
				return fmt.Errorf("db: find installation: %w", err)
			}
		}
		switch n, err := q.CountViews(ctx, userID); {
		case err != nil:
			return fmt.Errorf("db: count views: %w", err)
		case n >= MaxViews:
			return ErrTooManyViews
		}
		id, err := q.InsertView(ctx, sqlcgen.InsertViewParams{
			UserID: userID, RecordID: sql.NullInt64{Int64: view.InstallationID, Valid: view.InstallationID != 0},
			List: view.List, Name: view.Name, Query: view.Query, Now: millis(now),
		})
		if errors.Is(err, sql.ErrNoRows) {
			return ErrViewExists
		}
		if err != nil {
			return fmt.Errorf("db: insert view: %w", err)
		}
		view.ID = id
		return nil
	})
	return view, err
}

// DeleteView deletes a user's view. The error is ErrNotFound if there is none.
func (d *DB) DeleteView(ctx context.Context, userID string, id int64) error {
	switch rows, err := d.write.DeleteView(ctx, sqlcgen.DeleteViewParams{ID: id, UserID: userID}); {
	case err != nil:
		return fmt.Errorf("db: delete view: %w", err)
	case rows == 0:
		return ErrNotFound
	}
	return nil
}
