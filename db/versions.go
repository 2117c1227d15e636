package db

import (
	"context"
	"fmt"
	"strings"

	"neptun/db/sqlcgen"
)

// Versions has the numbers that the reply of a published endpoint depends on: while they
// don't change, the reply doesn't either. They are read together with the credential, so that a cached
// reply is as authorized as a new one.
type Versions struct {
	UserID string
	// Confirmed is as in Credential.
	Confirmed bool
	// Refusal is as in Credential.
	Refusal Refusal
	// Restriction affects the reply too.
	Restriction Restriction
	// RecordID is zero if the user has no such record.
	RecordID int64
	// User counts the changes of the user's installations, Records those of the records in
	// the reply and of GitHub's facts behind them.
	User, Records int64
}

// InstallationsVersions returns the versions of a user's list of installations. The error
// is ErrNotFound if the key has no active credential.
func (d *DB) InstallationsVersions(ctx context.Context, key string) (Versions, error) {
	return d.cachedVersions(versionsKey{credential: key, list: listOfInstallations}, func() (authorized, error) {
		return installationsVersions(ctx, d.read, d, key)
	})
}

func installationsVersions(ctx context.Context, q *sqlcgen.Queries, d *DB, key string) (authorized, error) {
	if hash, ok := strings.CutPrefix(key, apiTokenKey); ok {
		params := sqlcgen.APITokenInstallationsVersionsParams{
			ConfirmedAfter: d.confirmedAfter(), TokenHash: hash, Now: millis(d.now()),
		}
		row, err := versionsRow(ctx, q, d, func() (sqlcgen.APITokenInstallationsVersionsRow, error) {
			return q.APITokenInstallationsVersions(ctx, params)
		},
			sqlcgen.APITokenInstallationsVersions, params.ConfirmedAfter, params.TokenHash, params.Now)
		if err != nil {
			return authorized{}, fmt.Errorf("db: read versions: %w", found(err))
		}
		return authorized{Versions{
			UserID: row.UserID, Confirmed: row.Confirmed, Refusal: Refusal(row.Refusal), Restriction: Restriction(row.Restriction),
			User: row.UserVersion, Records: row.RecordsVersion,
		}, lapse{row.ExpiresAt, neverIdle, row.ConfirmedAt}}, nil
	}
	params := sqlcgen.InstallationsVersionsParams{
		ConfirmedAfter: d.confirmedAfter(), TokenHash: key, Now: millis(d.now()), IdleSince: d.idleSince(),
	}
	row, err := versionsRow(ctx, q, d, func() (sqlcgen.InstallationsVersionsRow, error) { return q.InstallationsVersions(ctx, params) },
		sqlcgen.InstallationsVersions, params.ConfirmedAfter, params.TokenHash, params.Now, params.IdleSince)
	if err != nil {
		return authorized{}, fmt.Errorf("db: read versions: %w", found(err))
	}
	return authorized{Versions{
		UserID: row.UserID, Confirmed: row.Confirmed, Refusal: Refusal(row.Refusal), User: row.UserVersion, Records: row.RecordsVersion,
	}, lapse{row.ExpiresAt, max(row.LastSeenAt, row.CreatedAt), row.ConfirmedAt}}, nil
}

// ImportsVersions returns the versions of the imports of one record. The error is
// ErrNotFound if the key has no active credential.
func (d *DB) ImportsVersions(ctx context.Context, key string, recordID int64) (Versions, error) {
	return d.cachedVersions(versionsKey{key, listOfImports, recordID}, func() (authorized, error) {
		result, _, err := importsVersions(ctx, d.read, d, key, recordID)
		return result, err
	})
}

// importsVersions returns the record too, with the fields that its list of imports needs: its
// ID is zero if the user has no such record, or none within the restriction.
func importsVersions(ctx context.Context, q *sqlcgen.Queries, d *DB, key string, recordID int64) (authorized, InstallationRecord, error) {
	if hash, ok := strings.CutPrefix(key, apiTokenKey); ok {
		params := sqlcgen.APITokenImportsVersionsParams{
			ConfirmedAfter: d.confirmedAfter(), RecordID: recordID, TokenHash: hash, Now: millis(d.now()),
		}
		row, err := versionsRow(ctx, q, d, func() (sqlcgen.APITokenImportsVersionsRow, error) { return q.APITokenImportsVersions(ctx, params) },
			sqlcgen.APITokenImportsVersions, params.ConfirmedAfter, params.RecordID, params.TokenHash, params.Now)
		if err != nil {
			return authorized{}, InstallationRecord{}, fmt.Errorf("db: read versions: %w", found(err))
		}
		through := InstallationRecord{
			ID: row.RecordID, UserID: row.UserID, ImportCount: row.ImportCount, Account: Account{Login: row.Login}, accountID: row.AccountID,
		}
		return authorized{Versions{
			UserID: row.UserID, Confirmed: row.Confirmed, Refusal: Refusal(row.Refusal), Restriction: Restriction(row.Restriction),
			RecordID: row.RecordID, Records: row.RecordsVersion,
		}, lapse{row.ExpiresAt, neverIdle, row.ConfirmedAt}}, through, nil
	}
	params := sqlcgen.ImportsVersionsParams{
		ConfirmedAfter: d.confirmedAfter(), RecordID: recordID, TokenHash: key, Now: millis(d.now()), IdleSince: d.idleSince(),
	}
	row, err := versionsRow(ctx, q, d, func() (sqlcgen.ImportsVersionsRow, error) { return q.ImportsVersions(ctx, params) },
		sqlcgen.ImportsVersions, params.ConfirmedAfter, params.RecordID, params.TokenHash, params.Now, params.IdleSince)
	if err != nil {
		return authorized{}, InstallationRecord{}, fmt.Errorf("db: read versions: %w", found(err))
	}
	through := InstallationRecord{
		ID: row.RecordID, UserID: row.UserID, ImportCount: row.ImportCount, Account: Account{Login: row.Login}, accountID: row.AccountID,
	}
	return authorized{Versions{
		UserID: row.UserID, Confirmed: row.Confirmed, Refusal: Refusal(row.Refusal), RecordID: row.RecordID, Records: row.RecordsVersion,
	}, lapse{row.ExpiresAt, max(row.LastSeenAt, row.CreatedAt), row.ConfirmedAt}}, through, nil
}
