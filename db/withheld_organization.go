package db

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"neptun/db/sqlcgen"
)

// WithheldOrganization is an organization whose installations GitHub leaves out of a
// user's list until they sign in with its single sign-on.
type WithheldOrganization struct {
	GitHubID int64
	Login    string // "" if unknown
}

// SetWithheldOrganizations stores which organizations, by GitHub's ids, a user's latest
// list lacks.
func (d *DB) SetWithheldOrganizations(ctx context.Context, userID string, gitHubIDs []int64) error {
	gitHubIDs = append([]int64{}, gitHubIDs...)
	slices.Sort(gitHubIDs)
	encoded, err := json.Marshal(gitHubIDs)
	if err != nil {
		return fmt.Errorf("db: encode organizations: %w", err)
	}
	return d.fencedStep(ctx, "set withheld organizations", func(q *sqlcgen.Queries) error {
		return q.SetWithheldOrganizations(ctx, sqlcgen.SetWithheldOrganizationsParams{UserID: userID, Organizations: string(encoded)})
	})
}

// ListWithheldOrganizations lists the organizations that a user's latest list lacks, by
// GitHub's ids.
func (d *DB) ListWithheldOrganizations(ctx context.Context, userID string) ([]WithheldOrganization, error) {
	stored, err := d.read.GetWithheldOrganizations(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("db: read withheld organizations: %w", found(err))
	}
	var ids []int64
	if err := json.Unmarshal([]byte(stored), &ids); err != nil {
		return nil, fmt.Errorf("db: read withheld organizations: %w", err)
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := d.read.ListOrganizationLogins(ctx, idsJSON(ids))
	if err != nil {
		return nil, fmt.Errorf("db: list organizations: %w", err)
	}
	list := make([]WithheldOrganization, len(ids))
	for i, id := range ids {
		list[i].GitHubID = id
		for _, row := range rows {
			if row.GitHubID == id {
				list[i].Login = row.Login
			}
		}
	}
	return list, nil
}
