package syncer

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/github"
)

// cachedInstallationsPage reads a page of a user's installations by a conditional request, if
// it was read with the user's current token before.
func (s *Syncer) cachedInstallationsPage(ctx context.Context, user *github.UserClient, userID string, number int) (page[installation], error) {
	var known db.InstallationsPage
	fresh, err := user.FetchInstallations(ctx, number, func(tokenVersion int64) (etag string, err error) {
		known, err = s.db.InstallationsPage(ctx, userID, int64(number), tokenVersion)
		if errors.Is(err, db.ErrNotFound) {
			err = nil
		}
		return known.ETag, err
	})
	if err != nil {
		return page[installation]{}, err
	}
	if fresh.Unchanged {
		stored, err := github.ReadInstallations(known.Body)
		return pageOf(stored), err
	}
	for _, row := range fresh.Skipped {
		s.log.WarnContext(ctx, "skipped an installation in GitHub's list", "user", userID, "page", number, "row", row.Place, "id", row.ID, "reason", row.Reason)
	}
	for _, field := range fresh.OddFields {
		s.log.WarnContext(ctx, "ignored a field in GitHub's list", "user", userID, "page", number, "field", field)
	}
	if fresh.ETag == "" {
		return pageOf(fresh), nil
	}
	return pageOf(fresh), s.db.PutInstallationsPage(ctx, userID, db.InstallationsPage{
		Number: int64(number), TokenVersion: fresh.TokenVersion, ETag: fresh.ETag, Body: fresh.Stored,
	})
}

func pageOf(from github.InstallationsPage) page[installation] {
	to := page[installation]{total: from.Total, skipped: github.CountSkipped(from.Skipped), next: from.Next, withheld: from.Withheld}
	for _, item := range from.Items {
		to.items = append(to.items, installation(item))
	}
	return to
}
