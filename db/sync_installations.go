package db

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// InstallationFacts is what GitHub says of an installation.
type InstallationFacts struct {
	GitHubID            int64
	Account             Account
	RepositorySelection string
	Permissions         map[string]string
	Events              []string
	HTMLURL             string
	SuspendedAt         time.Time
	SuspendedBy         string
}

// PutInstallations stores a page of the installations that GitHub shows a
// person, met by this run.
func (d *DB) PutInstallations(ctx context.Context, userID string, run int64, page []InstallationFacts) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		for _, facts := range page {
			accountID, err := putInstallation(ctx, q, facts)
			if err != nil {
				return err
			}
			linked, err := q.UpsertRecord(ctx, sqlcgen.UpsertRecordParams{
				UserID: userID, AccountID: accountID, InstallationID: facts.GitHubID, Now: now,
			})
			if err != nil {
				return fmt.Errorf("db: put record: %w", err)
			}
			if linked > 0 {
				if err := q.BumpUser(ctx, userID); err != nil {
					return fmt.Errorf("db: bump user: %w", err)
				}
			}
			if err := q.MarkRecordSeen(ctx, sqlcgen.MarkRecordSeenParams{Run: run, UserID: userID, AccountID: accountID}); err != nil {
				return fmt.Errorf("db: mark record: %w", err)
			}
		}
		return nil
	})
}

// PutInstallation stores what GitHub says of one installation, for everybody
// who has a record of it.
func (d *DB) PutInstallation(ctx context.Context, facts InstallationFacts) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		_, err := putInstallation(ctx, q, facts)
		return err
	})
}

func putInstallation(ctx context.Context, q *sqlcgen.Queries, facts InstallationFacts) (accountID int64, err error) {
	permissions, err := json.Marshal(facts.Permissions)
	if err != nil {
		return 0, fmt.Errorf("db: encode permissions: %w", err)
	}
	events, err := json.Marshal(facts.Events)
	if err != nil {
		return 0, fmt.Errorf("db: encode events: %w", err)
	}
	if accountID, err = putAccount(ctx, q, facts.Account); err != nil {
		return 0, err
	}
	changed, err := q.UpsertInstallation(ctx, sqlcgen.UpsertInstallationParams{
		ID:                  facts.GitHubID,
		AccountID:           accountID,
		RepositorySelection: facts.RepositorySelection,
		Permissions:         string(permissions),
		Events:              string(events),
		HTMLURL:             facts.HTMLURL,
		SuspendedAt:         millis(facts.SuspendedAt),
		SuspendedBy:         facts.SuspendedBy,
	})
	if err != nil {
		return 0, fmt.Errorf("db: put installation: %w", err)
	}
	if changed > 0 {
		if err := q.BumpAccount(ctx, accountID); err != nil {
			return 0, fmt.Errorf("db: bump account: %w", err)
		}
	}
	return accountID, nil
}

func putAccount(ctx context.Context, q *sqlcgen.Queries, account Account) (id int64, err error) {
	if _, err := q.UpsertAccount(ctx, sqlcgen.UpsertAccountParams{
		Kind:      account.Kind,
		GitHubID:  account.GitHubID,
		Login:     account.Login,
		AvatarURL: account.AvatarURL,
		HTMLURL:   account.HTMLURL,
	}); err != nil {
		return 0, fmt.Errorf("db: put account: %w", err)
	}
	id, err = q.GetAccountID(ctx, sqlcgen.GetAccountIDParams{Kind: account.Kind, GitHubID: account.GitHubID})
	if err != nil {
		return 0, fmt.Errorf("db: find account: %w", err)
	}
	return id, nil
}

// UnseenInstallation is a record that a run did not meet.
type UnseenInstallation struct {
	RecordID int64
	GitHubID int64

	accountID int64
}

// UnseenInstallations lists the records of a person that a run, over by now,
// did not meet.
func (d *DB) UnseenInstallations(ctx context.Context, userID string, run int64) ([]UnseenInstallation, error) {
	rows, err := d.read.ListUnseenRecords(ctx, sqlcgen.ListUnseenRecordsParams{UserID: userID, Run: run})
	if err != nil {
		return nil, fmt.Errorf("db: list unseen records: %w", err)
	}
	list := make([]UnseenInstallation, 0, len(rows))
	for _, row := range rows {
		list = append(list, UnseenInstallation{RecordID: row.ID, GitHubID: row.InstallationID, accountID: row.AccountID})
	}
	return list, nil
}

// HideInstallation takes a record out of a person's sight, with everything
// reached through it. Its imports are kept for the day it comes back.
func (d *DB) HideInstallation(ctx context.Context, userID string, unseen UnseenInstallation) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		return hideInstallation(ctx, q, userID, unseen, millis(d.now()))
	})
}

func hideInstallation(ctx context.Context, q *sqlcgen.Queries, userID string, unseen UnseenInstallation, now int64) error {
	if err := q.DeleteAccessOfAccount(ctx, sqlcgen.DeleteAccessOfAccountParams{UserID: userID, AccountID: unseen.accountID}); err != nil {
		return fmt.Errorf("db: hide access: %w", err)
	}
	if err := q.HideImports(ctx, sqlcgen.HideImportsParams{Now: now, UserID: userID}); err != nil {
		return fmt.Errorf("db: hide imports: %w", err)
	}
	if err := q.HideRecord(ctx, sqlcgen.HideRecordParams{Now: now, ID: unseen.RecordID}); err != nil {
		return fmt.Errorf("db: hide record: %w", err)
	}
	if err := q.BumpUser(ctx, userID); err != nil {
		return fmt.Errorf("db: bump user: %w", err)
	}
	return nil
}

// FinishInstallationsSync ends a run that met the whole list: from now on
// GitHub's word on this person's access is fresh. The repositories of each
// installation that it met are queued.
func (d *DB) FinishInstallationsSync(ctx context.Context, userID string, run int64) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		if err := q.ConfirmAccess(ctx, sqlcgen.ConfirmAccessParams{Now: now, UserID: userID}); err != nil {
			return fmt.Errorf("db: confirm access: %w", err)
		}
		records, err := q.ListSeenRecords(ctx, sqlcgen.ListSeenRecordsParams{UserID: userID, Run: run})
		if err != nil {
			return fmt.Errorf("db: list seen records: %w", err)
		}
		for _, record := range records {
			if err := queueRecordSync(ctx, q, record, now); err != nil {
				return err
			}
		}
		return finishRun(ctx, q, run, runDone, "", now)
	})
}
