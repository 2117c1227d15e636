package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// InstallationsPage is a page of the list of a user's installations as it was last
// read. It can be requested conditionally with its ETag and the token of that
// version: GitHub's ETags depend on the token.
type InstallationsPage struct {
	Number       int64
	TokenVersion int64
	ETag         string
	Body         []byte // as read from GitHub
}

// InstallationsPage returns a page that was read with this version of the user's token. The
// error is ErrNotFound if there is none.
func (d *DB) InstallationsPage(ctx context.Context, userID string, number, tokenVersion int64) (InstallationsPage, error) {
	row, err := d.read.GetInstallationsPage(ctx, sqlcgen.GetInstallationsPageParams{
		UserID: userID, Page: number, TokenVersion: tokenVersion,
	})
	if err != nil {
		return InstallationsPage{}, fmt.Errorf("db: read page: %w", found(err))
	}
	return InstallationsPage{Number: number, TokenVersion: tokenVersion, ETag: row.Etag, Body: row.Body}, nil
}

// PutInstallationsPage stores a page for conditional requests.
func (d *DB) PutInstallationsPage(ctx context.Context, userID string, page InstallationsPage) error {
	err := d.write.PutInstallationsPage(ctx, sqlcgen.PutInstallationsPageParams{
		UserID: userID, Page: page.Number, TokenVersion: page.TokenVersion, Etag: page.ETag, Body: page.Body,
	})
	if err != nil {
		return fmt.Errorf("db: put page: %w", err)
	}
	return nil
}
