package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// ListDeliveries lists the recorded deliveries, the latest first, without their payloads:
// those with one outcome, or all if it is "".
func (d *DB) ListDeliveries(ctx context.Context, outcome Outcome, page Page) ([]Delivery, error) {
	rows, err := d.read.ListDeliveries(ctx, sqlcgen.ListDeliveriesParams{
		Outcome: string(outcome), RowLimit: int64(page.Limit), Skipped: int64(page.Offset),
	})
	if err != nil {
		return nil, fmt.Errorf("db: list deliveries: %w", err)
	}
	list := make([]Delivery, 0, len(rows))
	for _, row := range rows {
		list = append(list, toDelivery(row))
	}
	return list, nil
}

// CountDeliveries counts the deliveries that ListDeliveries lists.
func (d *DB) CountDeliveries(ctx context.Context, outcome Outcome) (int64, error) {
	n, err := d.read.CountDeliveries(ctx, string(outcome))
	if err != nil {
		return 0, fmt.Errorf("db: count deliveries: %w", err)
	}
	return n, nil
}

// ListDeliveriesByGUID returns the recorded deliveries with these GUIDs, by GUID. The result
// lacks those that aren't recorded.
func (d *DB) ListDeliveriesByGUID(ctx context.Context, guids []string) (map[string]Delivery, error) {
	encoded, err := keysJSON(guids)
	if err != nil {
		return nil, err
	}
	rows, err := d.read.ListDeliveriesOf(ctx, encoded)
	if err != nil {
		return nil, fmt.Errorf("db: list deliveries: %w", err)
	}
	found := make(map[string]Delivery, len(rows))
	for _, row := range rows {
		found[row.GUID] = toDelivery(sqlcgen.ListDeliveriesRow(row))
	}
	return found, nil
}

func toDelivery(row sqlcgen.ListDeliveriesRow) Delivery {
	return Delivery{
		GUID: row.GUID, Event: row.Event, Action: row.Action, InstallationID: row.InstallationID,
		SentAt: fromMillis(row.SentAt), ReceivedAt: fromMillis(row.ReceivedAt), Outcome: Outcome(row.Outcome),
		AppliedAt: fromMillis(row.AppliedAt), AttemptID: row.AttemptID, CaughtUpAt: fromMillis(row.CaughtUpAt),
	}
}
