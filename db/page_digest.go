package db

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"neptun/db/sqlcgen"
)

// listedRow is what a page says about one repository. The owner is identified by GitHub's ID,
// so the row can be computed before it is stored.
type listedRow struct {
	id    int64
	facts repositoryRow
	owner Account
}

// digest is a hash of a page's contents.
func (p SyncPage) digest() (string, error) {
	rows := make([]listedRow, 0, len(p.Repositories))
	for _, listed := range p.Repositories {
		facts, err := listed.row(0)
		if err != nil {
			return "", err
		}
		rows = append(rows, listedRow{listed.ID, facts, listed.OwnerAccount})
	}
	return digest(rows), nil
}

// digestOfStored is the digest of the page that the stored rows are.
func digestOfStored(ctx context.Context, q *sqlcgen.Queries, stored []sqlcgen.ListPageRowsRow) (string, error) {
	accounts := map[int64]Account{}
	for _, r := range stored {
		accounts[r.AccountID] = Account{}
	}
	owners, err := q.ListOwners(ctx, idsJSON(slices.Collect(maps.Keys(accounts))))
	if err != nil {
		return "", fmt.Errorf("db: read page's owners: %w", err)
	}
	for _, o := range owners {
		accounts[o.ID] = Account{Kind: o.Kind, GitHubID: o.GitHubID, Login: o.Login, AvatarURL: o.AvatarURL, HTMLURL: o.HTMLURL}
	}
	rows := make([]listedRow, 0, len(stored))
	for _, r := range stored {
		rows = append(rows, listedRow{r.ID, storedFactsOf(r), accounts[r.AccountID]})
	}
	return digest(rows), nil
}

// digest is a hash of the rows in the order of their ids. It covers what GitHub sends, and
// not what is computed from it.
func digest(rows []listedRow) string {
	slices.SortFunc(rows, func(a, b listedRow) int { return cmp.Compare(a.id, b.id) })
	var content []byte
	for _, r := range rows {
		content = r.append(content)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// append appends all fields, texts behind their length.
func (r listedRow) append(to []byte) []byte {
	f := r.facts
	for _, number := range [...]int64{
		r.id, f.SizeKB, f.PushedAt, f.Stars, f.Forks, f.OpenIssues, f.IsDisabled, f.GitHubCreatedAt, f.GitHubUpdatedAt,
		storedFlag(&f.IsPrivate), storedFlag(&f.IsFork), storedFlag(&f.IsTemplate), storedFlag(&f.IsArchived), r.owner.GitHubID,
	} {
		to = binary.AppendVarint(to, number)
	}
	for _, text := range [...]string{
		f.Name, f.HTMLURL, f.Description, f.Language, f.License, f.WebsiteURL, f.DefaultBranch, f.Topics, f.Visibility,
		f.CloneURL, f.SSHURL, f.NodeID, f.CustomProperties, f.Permission,
		r.owner.Kind, r.owner.Login, r.owner.AvatarURL, r.owner.HTMLURL,
	} {
		to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
	}
	return to
}

func storedFactsOf(r sqlcgen.ListPageRowsRow) repositoryRow {
	return repositoryRow{
		Name:             r.Name,
		HTMLURL:          r.HTMLURL,
		Description:      r.Description,
		Language:         r.Language,
		License:          r.License,
		SizeKB:           r.SizeKB,
		WebsiteURL:       r.WebsiteURL,
		DefaultBranch:    r.DefaultBranch,
		Topics:           r.Topics,
		Visibility:       r.Visibility,
		IsPrivate:        r.IsPrivate,
		IsFork:           r.IsFork,
		IsTemplate:       r.IsTemplate,
		IsArchived:       r.IsArchived,
		PushedAt:         r.PushedAt,
		CloneURL:         r.CloneURL,
		SSHURL:           r.SSHURL,
		NodeID:           r.NodeID,
		Stars:            r.Stars,
		Forks:            r.Forks,
		OpenIssues:       r.OpenIssues,
		IsDisabled:       r.IsDisabled,
		GitHubCreatedAt:  r.GitHubCreatedAt,
		GitHubUpdatedAt:  r.GitHubUpdatedAt,
		CustomProperties: r.CustomProperties,
		Permission:       r.Permission,
	}
}
