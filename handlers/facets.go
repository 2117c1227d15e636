package handlers

import (
	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// facetFragments are the parts of a page that show these counts, which change
// with its results.
func facetFragments(facets db.Facets) []string {
	if facets.Any == nil {
		return nil
	}
	return []string{"tabs", "choices"}
}

// facets are counted under a filter from an index, which is read once for each
// version of the list: that costs as much as the list is long. Rows that are
// fetched alone don't wait for it: then the counts are empty, and the page
// fetches them next.
func (s *Server) facets(c echo.Context, version string, filter db.Filter, read func() (*db.FacetIndex, error)) (db.Facets, error) {
	if index, ok := s.facetIndexes.GetIfPresent(version); ok {
		return index.Count(filter), nil
	}
	if web.IsFragment(c) && web.FragmentName(c) == "results" {
		return db.Facets{}, nil
	}
	index, err := read()
	if err != nil {
		return db.Facets{}, err
	}
	s.facetIndexes.Set(version, index)
	return index.Count(filter), nil
}
