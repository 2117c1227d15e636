package db

import (
	"context"
	"database/sql"
	"fmt"

	"neptun/db/sqlcgen"
	"neptun/jobs"
)

// SyncJob is a job whose progress is stored as a run of its kind and subject.
type SyncJob interface {
	jobs.Args

	// owner returns the row that the job's runs are deleted with. The error is ErrNotFound
	// if it doesn't exist.
	owner(ctx context.Context, q *sqlcgen.Queries) (runOwner, error)
	// resumes reports whether a worker continues the run that an earlier one left half
	// done. Otherwise it starts over under a higher id, and what only the earlier one
	// saw counts as unseen.
	resumes() bool
}

// runOwner is empty for a run of the App.
type runOwner struct {
	user   sql.NullString
	record sql.NullInt64
}

// SyncInstallations are the arguments of the job that syncs a user's installations,
// and then the repositories of each.
type SyncInstallations struct{ UserID string }

// Kind implements jobs.Args.
func (SyncInstallations) Kind() string { return "sync_installations" }

func (s SyncInstallations) owner(context.Context, *sqlcgen.Queries) (runOwner, error) {
	return runOwner{user: sql.NullString{String: s.UserID, Valid: true}}, nil
}

func (SyncInstallations) resumes() bool { return false }

// SyncRepositories are the arguments of the job that syncs the repositories of an
// installation record.
type SyncRepositories struct{ RecordID int64 }

// Kind implements jobs.Args.
func (SyncRepositories) Kind() string { return "sync_repositories" }

func (s SyncRepositories) owner(ctx context.Context, q *sqlcgen.Queries) (runOwner, error) {
	userID, err := q.GetRecordUser(ctx, s.RecordID)
	if err != nil {
		return runOwner{}, fmt.Errorf("db: find record: %w", found(err))
	}
	return runOwner{sql.NullString{String: userID, Valid: true}, sql.NullInt64{Int64: s.RecordID, Valid: true}}, nil
}

func (SyncRepositories) resumes() bool { return true }

// SyncAppInstallations is the job that syncs all installations of the App.
type SyncAppInstallations struct{}

// Kind implements jobs.Args.
func (SyncAppInstallations) Kind() string { return "sync_app_installations" }

func (SyncAppInstallations) owner(context.Context, *sqlcgen.Queries) (runOwner, error) {
	return runOwner{}, nil
}

func (SyncAppInstallations) resumes() bool { return false }

// RecoverDeliveries is the job that fetches the deliveries that were missed.
type RecoverDeliveries struct{}

// Kind implements jobs.Args.
func (RecoverDeliveries) Kind() string { return "recover_deliveries" }

func (RecoverDeliveries) owner(context.Context, *sqlcgen.Queries) (runOwner, error) {
	return runOwner{}, nil
}

func (RecoverDeliveries) resumes() bool { return true }
