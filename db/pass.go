package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"neptun/db/sqlcgen"
	"neptun/jobs"
)

const (
	// passTrusted is for how long a reading goes on where it was. Lists shift
	// while they are read, so pages far apart in time say little about the whole;
	// but GitHub's hourly limit may lie between two, and must not send a sync back
	// to its start. An older reading is started again: what hasn't changed costs no
	// budget while the token lives.
	passTrusted = 75 * time.Minute
	// passesPerRun is more than the readings of any run.
	passesPerRun = 64
)

// ErrTooManyPasses ends a run that begins reading its list over and over.
var ErrTooManyPasses = errors.New("db: the list was begun to be read too often")

// Pass is one pass of a run over all pages of its list.
type Pass struct {
	Run    int64
	Number int64 // 1 for the run's first
	// Shifted counts the readings of this run that proved nothing, since the list
	// changed while it was read.
	Shifted int64
	// Confirming tells that an earlier reading of this run was whole.
	Confirming bool
	// Done are the pages that were read already, by this worker's predecessor.
	Done []PageSummary
	// Seen counts the different repositories on them.
	Seen int64
}

// PageSummary is what is left to know of a page that is done.
type PageSummary struct {
	Number int64
	Total  int64 // items on all pages, as this one told it
	Items  int64
	More   bool // GitHub named a next page
	// Skipped are the items that could not be used, by the reason.
	Skipped Skipped
}

// mark is what a reading leaves on all that it meets: higher than all marks of
// earlier runs and readings.
func (p Pass) generation() int64 { return generation(p.Run, p.Number) }

func generation(run, pass int64) int64 { return run*passesPerRun + pass }

// ResumePass goes on with the reading that a run has under way, or begins one.
// The error is jobs.ErrLost when the run is over.
func (d *DB) ResumePass(ctx context.Context, target SyncTarget, runID int64) (Pass, error) {
	var pass Pass
	err := d.heldTx(ctx, func(q *sqlcgen.Queries) error {
		run, err := q.GetRun(ctx, runID)
		if errors.Is(err, sql.ErrNoRows) {
			return jobs.ErrLost
		}
		if err != nil {
			return fmt.Errorf("db: read run: %w", err)
		}
		pass = Pass{Run: run.ID, Number: run.Pass, Shifted: run.Shifted, Confirming: run.WholePass > 0}
		if run.PassStartedAt > 0 && run.InstallationID == target.GitHubID && d.now().Sub(fromMillis(run.PassStartedAt)) < passTrusted {
			return pass.findDone(ctx, q, target)
		}
		pass.Number++
		if pass.Number >= passesPerRun {
			return ErrTooManyPasses
		}
		begun, err := q.StartPass(ctx, sqlcgen.StartPassParams{
			Pass: pass.Number, Now: millis(d.now()), InstallationID: target.GitHubID, Known: target.repositories, ID: run.ID,
		})
		if err == nil && begun == 0 {
			return jobs.ErrLost
		}
		if err != nil {
			return fmt.Errorf("db: begin reading: %w", err)
		}
		return nil
	})
	return pass, err
}

func (p *Pass) findDone(ctx context.Context, q *sqlcgen.Queries, target SyncTarget) error {
	rows, err := q.ListPagesOfPass(ctx, sqlcgen.ListPagesOfPassParams{RecordID: target.RecordID, Generation: p.generation()})
	if err != nil {
		return fmt.Errorf("db: list pages: %w", err)
	}
	for _, row := range rows {
		skipped, err := parseSkipped(row.SkippedReasons, row.Skipped)
		if err != nil {
			return err
		}
		p.Done = append(p.Done, PageSummary{Number: row.Page, Total: row.Total, Items: row.Items, More: row.More, Skipped: skipped})
	}
	p.Seen, err = countSeen(ctx, q, target, *p)
	return err
}

// CountSeen counts the different repositories that a reading has seen.
func (d *DB) CountSeen(ctx context.Context, target SyncTarget, pass Pass) (int64, error) {
	return countSeen(ctx, d.read, target, pass)
}

func countSeen(ctx context.Context, q *sqlcgen.Queries, target SyncTarget, pass Pass) (int64, error) {
	seen, err := q.CountSeen(ctx, sqlcgen.CountSeenParams{UserID: target.UserID, Generation: pass.generation()})
	if err != nil {
		return 0, fmt.Errorf("db: count what was seen: %w", err)
	}
	return seen, nil
}

// UnseenRepository is one that a pass, over by now, didn't see.
type UnseenRepository struct {
	ID          int64
	Owner, Name string
}

// ListUnseenRepositories lists up to limit repositories that the user has through
// the record and that no pass of the run has seen.
func (d *DB) ListUnseenRepositories(ctx context.Context, target SyncTarget, run int64, limit int) ([]UnseenRepository, error) {
	rows, err := d.read.ListUnseenNames(ctx, sqlcgen.ListUnseenNamesParams{
		UserID: target.UserID, AccountID: target.accountID, Generation: generation(run, 0), Most: int64(limit),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list unseen: %w", err)
	}
	list := make([]UnseenRepository, 0, len(rows))
	for _, row := range rows {
		list = append(list, UnseenRepository{ID: row.ID, Owner: row.Owner, Name: row.Name})
	}
	return list, nil
}

// MarkSeen counts repositories as seen by a pass that GitHub shows the user though
// it didn't list them.
func (d *DB) MarkSeen(ctx context.Context, target SyncTarget, pass Pass, ids []int64) error {
	return d.heldStep(ctx, "mark access", func(q *sqlcgen.Queries) error {
		return q.MarkAccessSeen(ctx, sqlcgen.MarkAccessSeenParams{Generation: pass.generation(), UserID: target.UserID, Repositories: idsJSON(ids)})
	})
}

// CountSeenOnlyBefore counts the repositories that an earlier pass of the run saw
// and this one didn't.
func (d *DB) CountSeenOnlyBefore(ctx context.Context, target SyncTarget, pass Pass) (int64, error) {
	n, err := d.read.CountSeenBetween(ctx, sqlcgen.CountSeenBetweenParams{
		UserID: target.UserID, Since: generation(pass.Run, 0), Before: pass.generation(),
	})
	if err != nil {
		return 0, fmt.Errorf("db: count what was seen before: %w", err)
	}
	return n, nil
}

// CountSeenElsewhere counts the repositories that the run saw and that are listed
// under other accounts than the record's.
func (d *DB) CountSeenElsewhere(ctx context.Context, target SyncTarget, run int64) (int64, error) {
	n, err := d.read.CountSeenElsewhere(ctx, sqlcgen.CountSeenElsewhereParams{
		UserID: target.UserID, Since: generation(run, 0), AccountID: target.accountID, Until: generation(run+1, 0),
	})
	if err != nil {
		return 0, fmt.Errorf("db: count what was seen elsewhere: %w", err)
	}
	return n, nil
}

// FinishPass records that a pass finished, and whether it saw the whole list. The
// run's next pass begins at page 1.
func (d *DB) FinishPass(ctx context.Context, pass Pass, whole bool) error {
	return d.heldStep(ctx, "finish pass", func(q *sqlcgen.Queries) error {
		return q.FinishPass(ctx, sqlcgen.FinishPassParams{Whole: whole, ID: pass.Run, Pass: pass.Number})
	})
}
