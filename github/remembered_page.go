package github

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"neptun/db"
)

// remembered is a page of installations as it is kept for the next time.
type remembered struct {
	installationsAnswer
	Next int `json:"next"`
}

// rememberedPage is installationsPage that asks GitHub whether the page is still
// as it was, where it was read with the person's present token.
func rememberedPage(ctx context.Context, p *person, number int) (page[installation], error) {
	var (
		known, read db.InstallationsPage
		answer      fetched
	)
	if err := p.ask(ctx, installationsPath(number), func(c *client, version int64) (err error) {
		known, err = p.g.db.InstallationsPage(ctx, p.userID, int64(number), version)
		if err != nil && !errors.Is(err, db.ErrNotFound) {
			return err
		}
		answer, err = c.fetch(ctx, installationsPath(number), known.ETag)
		read = db.InstallationsPage{Number: int64(number), TokenVersion: version, ETag: answer.etag}
		return err
	}); err != nil {
		return page[installation]{}, err
	}
	if answer.unchanged {
		var as remembered
		if err := json.Unmarshal(known.Body, &as); err != nil {
			return page[installation]{}, fmt.Errorf("github: read a page that was kept: %w", err)
		}
		return as.page(as.Next)
	}

	fresh := remembered{Next: answer.next}
	if err := answer.decode(&fresh.installationsAnswer); err != nil {
		return page[installation]{}, err
	}
	found, err := fresh.page(fresh.Next)
	if err != nil || read.ETag == "" {
		return found, err
	}
	if read.Body, err = json.Marshal(fresh); err != nil {
		return found, fmt.Errorf("github: keep a page: %w", err)
	}
	return found, p.g.db.PutInstallationsPage(ctx, p.userID, read)
}
