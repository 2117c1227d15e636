package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ReadApp is the periodic job that asks GitHub about the App.
type ReadApp struct{}

// Kind implements jobs.Args.
func (ReadApp) Kind() string { return "read_app" }

// QueueReadApp has GitHub asked about the App now.
func (d *DB) QueueReadApp(ctx context.Context) error {
	return d.runNow(ctx, d.write, ReadApp{}, prioritySync)
}

// AppFacts is what PutAppFacts stored last, empty for nothing.
func (d *DB) AppFacts(ctx context.Context) (string, error) {
	facts, err := d.read.GetAppFacts(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("db: read facts of the App: %w", err)
	}
	return facts, nil
}

// PutAppFacts stores what GitHub said of the App, for all instances.
func (d *DB) PutAppFacts(ctx context.Context, facts string) error {
	if err := d.write.PutAppFacts(ctx, facts); err != nil {
		return fmt.Errorf("db: store facts of the App: %w", err)
	}
	return nil
}
