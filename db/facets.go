package db

import (
	"context"
	"fmt"

	"neptun/db/sqlcgen"
)

// CountFacets tells to which values the repositories of an installation can be
// narrowed.
func (d *DB) CountFacets(ctx context.Context, through InstallationRecord) (Facets, error) {
	visibilities, err := d.read.CountByVisibility(ctx, sqlcgen.CountByVisibilityParams{UserID: through.UserID, AccountID: through.accountID})
	if err != nil {
		return Facets{}, fmt.Errorf("db: count by visibility: %w", err)
	}
	languages, err := d.read.CountByLanguage(ctx, sqlcgen.CountByLanguageParams{UserID: through.UserID, AccountID: through.accountID})
	if err != nil {
		return Facets{}, fmt.Errorf("db: count by language: %w", err)
	}
	var facets Facets
	for _, row := range visibilities {
		facets.Visibilities = append(facets.Visibilities, FacetValue{row.Visibility, row.Repositories})
	}
	for _, row := range languages {
		facets.Languages = append(facets.Languages, FacetValue{row.Language, row.Repositories})
	}
	return facets, nil
}
