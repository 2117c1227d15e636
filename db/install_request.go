package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
)

// RequestState is the state of an installation request.
type RequestState string

// The states of an installation request.
const (
	RequestPending RequestState = "pending" // an owner has yet to decide
	RequestReady   RequestState = "ready"   // the App is installed there
	RequestGone    RequestState = "gone"    // declined or withdrawn; GitHub doesn't say which
)

// InstallRequest is a member's request to an account's owners to install the App.
type InstallRequest struct {
	ID             int64 // GitHub's
	Account        Account
	RequesterID    int64 // a user's GitHub id
	RequesterLogin string
	State          RequestState
	RequestedAt    time.Time
	// ResolvedAt is when it was found to be no longer pending; zero before.
	ResolvedAt time.Time
	// RecordID is the requester's own installation record on the account, 0 while
	// GitHub shows them none: approved is not yet ready.
	RecordID int64
}

// PutInstallRequests stores the requests that GitHub lists as pending.
func (d *DB) PutInstallRequests(ctx context.Context, pending []InstallRequest) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		accounts := make([]Account, 0, len(pending))
		for _, request := range pending {
			accounts = append(accounts, request.Account)
		}
		accountIDs, err := putAccounts(ctx, q, accounts, newestRevision)
		if err != nil {
			return err
		}
		for _, request := range pending {
			if err := q.UpsertInstallRequest(ctx, sqlcgen.UpsertInstallRequestParams{
				ID:             request.ID,
				AccountID:      accountIDs[request.Account.key()],
				RequesterID:    request.RequesterID,
				RequesterLogin: request.RequesterLogin,
				RequestedAt:    millis(request.RequestedAt),
			}); err != nil {
				return fmt.Errorf("db: put request: %w", err)
			}
		}
		return nil
	})
}

// ListInstallRequests lists all requests, for operators.
func (d *DB) ListInstallRequests(ctx context.Context) ([]InstallRequest, error) {
	return d.installRequests(ctx, sqlcgen.ListInstallRequestsParams{})
}

// ListPendingInstallRequests lists the requests without a decision.
func (d *DB) ListPendingInstallRequests(ctx context.Context) ([]InstallRequest, error) {
	return d.installRequests(ctx, sqlcgen.ListInstallRequestsParams{State: string(RequestPending)})
}

// ListUserInstallRequests lists a user's own requests.
func (d *DB) ListUserInstallRequests(ctx context.Context, person User) ([]InstallRequest, error) {
	return d.installRequests(ctx, sqlcgen.ListInstallRequestsParams{RequesterID: person.GitHubID})
}

func (d *DB) installRequests(ctx context.Context, params sqlcgen.ListInstallRequestsParams) ([]InstallRequest, error) {
	rows, err := d.read.ListInstallRequests(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("db: list requests: %w", err)
	}
	list := make([]InstallRequest, 0, len(rows))
	for _, row := range rows {
		list = append(list, InstallRequest{
			ID:             row.ID,
			Account:        Account{Kind: row.Kind, GitHubID: row.GitHubID, Login: row.Login, AvatarURL: row.AvatarURL, HTMLURL: row.HTMLURL},
			RequesterID:    row.RequesterID,
			RequesterLogin: row.RequesterLogin,
			State:          RequestState(row.State),
			RequestedAt:    fromMillis(row.RequestedAt),
			ResolvedAt:     fromMillis(row.SettledAt),
			RecordID:       row.RecordID,
		})
	}
	return list, nil
}

// ResolveInstallRequest ends a pending request. When it is ready, the requester's
// installations are synced, so that they include the new one.
func (d *DB) ResolveInstallRequest(ctx context.Context, request InstallRequest, state RequestState) error {
	return d.withTx(ctx, func(q *sqlcgen.Queries) error {
		now := millis(d.now())
		settled, err := q.SettleInstallRequest(ctx, sqlcgen.SettleInstallRequestParams{State: string(state), Now: now, ID: request.ID})
		if err != nil {
			return fmt.Errorf("db: settle request: %w", err)
		}
		if settled == 0 || state != RequestReady {
			return nil
		}
		userID, err := q.FindUserOfGitHubID(ctx, request.RequesterID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil // the requester never signed in here
		}
		if err != nil {
			return fmt.Errorf("db: find requester: %w", err)
		}
		return d.queueSync(ctx, q, SyncInstallations{UserID: userID}, now)
	})
}

// WatchRequests is the periodic job that checks pending installation requests on GitHub.
type WatchRequests struct{}

// Kind implements jobs.Args.
func (WatchRequests) Kind() string { return "watch_requests" }

// WatchInstallRequests queues a check of the requests now, after a user sent one.
func (d *DB) WatchInstallRequests(ctx context.Context) error {
	return d.runNow(ctx, d.write, WatchRequests{}, prioritySync)
}
