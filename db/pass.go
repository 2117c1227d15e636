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
	// passTrusted is how long an interrupted pass can be resumed. Lists shift
	// while they are read, so pages read at very different times don't prove much about
	// the whole list. But a wait for GitHub's hourly limit between two pages must not
	// restart a sync. An older pass starts over: unchanged pages
	// don't count against the rate limit while the token is valid.
	passTrusted = 75 * time.Minute
	// passesPerRun is more passes than any run needs.
	passesPerRun = 64
)

// ErrTooManyPasses ends a run that keeps starting over.
var ErrTooManyPasses = errors.New("db: too many passes over the list")

// Pass is one pass of a run over all pages of its list.
type Pass struct {
	Run    int64
	Number int64 // 1 for the run's first
	// Shifted counts the passes of this run that were inconclusive, because the list
	// changed while it was read.
	Shifted int64
	// Confirming reports whether an earlier pass of this run read the whole list.
	Confirming bool
	// Done are the pages that the pass has already read, for example in a worker
	// that has stopped since.
	Done []PageSummary
	// Seen counts the different repositories on them.
	Seen int64
}

// PageSummary is the stored summary of a page.
type PageSummary struct {
	Number int64
	Total  int64 // items on all pages, according to this one
	Items  int64
	More   bool // GitHub linked a next page
	// Skipped counts the items that could not be used, by reason.
	Skipped Skipped
}

// generation marks all rows that the pass sees. It is higher than the generations
// of all earlier runs and passes.
func (p Pass) generation() int64 { return generation(p.Run, p.Number) }

func generation(run, pass int64) int64 { return run*passesPerRun + pass }

// ResumePass resumes the run's current pass, or starts a new one. The error is
// jobs.ErrLost when the run is over.
func (d *DB) ResumePass(ctx context.Context, target SyncTarget, runID int64) (Pass, error) {
	var pass Pass
	err := d.fencedTx(ctx, func(q *sqlcgen.Queries) error {
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
			return fmt.Errorf("db: start pass: %w", err)
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

// CountSeen counts the different repositories that a pass has seen.
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

// UnseenRepository is a repository that a finished pass didn't see.
type UnseenRepository struct {
	ID          int64
	Owner, Name string
}

// ListUnseenRepositories lists up to limit repositories that the user can access
// through the record and that no pass of the run has seen.
func (d *DB) ListUnseenRepositories(ctx context.Context, target SyncTarget, run int64, limit int) ([]UnseenRepository, error) {
	rows, err := d.read.ListUnseenNames(ctx, sqlcgen.ListUnseenNamesParams{
		UserID: target.UserID, AccountID: target.accountID, Generation: generation(run, 0), RowLimit: int64(limit),
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

// MarkSeen marks repositories as seen by a pass: GitHub shows them to the user,
// although it didn't list them.
func (d *DB) MarkSeen(ctx context.Context, target SyncTarget, pass Pass, ids []int64) error {
	return d.fencedStep(ctx, "mark access", func(q *sqlcgen.Queries) error {
		_, err := q.MarkAccessSeen(ctx, sqlcgen.MarkAccessSeenParams{Generation: pass.generation(), UserID: target.UserID, Repositories: idsJSON(ids)})
		return err
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
// run's next pass starts at page 1.
func (d *DB) FinishPass(ctx context.Context, pass Pass, whole bool) error {
	return d.fencedStep(ctx, "finish pass", func(q *sqlcgen.Queries) error {
		return q.FinishPass(ctx, sqlcgen.FinishPassParams{Whole: whole, ID: pass.Run, Pass: pass.Number})
	})
}
