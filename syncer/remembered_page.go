package syncer

import (
	"context"
	"errors"

	"neptun/db"
	"neptun/github"
)

// rememberedPage reads a page of a user's installations, and asks GitHub whether
// it is still as it was where it was read with the user's present token.
func (s *Syncer) rememberedPage(ctx context.Context, user *github.UserClient, userID string, number int) (page[installation], error) {
	var known db.InstallationsPage
	answer, err := user.FetchInstallations(ctx, number, func(tokenVersion int64) (etag string, err error) {
		known, err = s.db.InstallationsPage(ctx, userID, int64(number), tokenVersion)
		if errors.Is(err, db.ErrNotFound) {
			err = nil
		}
		return known.ETag, err
	})
	if err != nil {
		return page[installation]{}, err
	}
	if answer.Unchanged {
		stored, err := github.ReadInstallations(known.Body)
		return pageOf(stored), err
	}
	fresh, err := answer.Installations()
	for _, row := range fresh.Skipped {
		s.log.WarnContext(ctx, "an installation of GitHub's list is skipped", "user", userID, "page", number, "row", row.Place, "id", row.ID, "reason", row.Reason)
	}
	for _, field := range fresh.OddFields {
		s.log.WarnContext(ctx, "a field of GitHub's list is left out", "user", userID, "page", number, "field", field)
	}
	if err != nil || answer.ETag == "" {
		return pageOf(fresh), err
	}
	return pageOf(fresh), s.db.PutInstallationsPage(ctx, userID, db.InstallationsPage{
		Number: int64(number), TokenVersion: answer.TokenVersion, ETag: answer.ETag, Body: fresh.Stored,
	})
}

func pageOf(from github.InstallationsPage) page[installation] {
	to := page[installation]{total: from.Total, skipped: github.CountSkipped(from.Skipped), next: from.Next, withheld: from.Withheld}
	for _, item := range from.Items {
		to.items = append(to.items, installation(item))
	}
	return to
}
