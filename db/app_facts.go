package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ReadApp is the periodic job that reads the App from GitHub.
type ReadApp struct{}

// Kind implements jobs.Args.
func (ReadApp) Kind() string { return "read_app" }

// QueueReadApp queues reading the App now.
func (d *DB) QueueReadApp(ctx context.Context) error {
	return d.runNow(ctx, d.write, ReadApp{}, prioritySync)
}

// AppFacts returns what PutAppFacts stored last, "" for nothing.
func (d *DB) AppFacts(ctx context.Context) (string, error) {
	facts, err := d.read.GetAppFacts(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("db: read facts of the App: %w", err)
	}
	return facts, nil
}

// PutAppFacts stores GitHub's description of the App for all instances.
func (d *DB) PutAppFacts(ctx context.Context, facts string) error {
	if err := d.write.PutAppFacts(ctx, facts); err != nil {
		return fmt.Errorf("db: store facts of the App: %w", err)
	}
	return nil
}
