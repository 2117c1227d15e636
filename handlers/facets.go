package handlers

import (
	"neptun/db"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// facets are counted under a filter from an index, which is read once for each
// version of the list: that costs as much as the list is long. Rows that are
// fetched alone don't wait for it: then the counts are empty, and the page
// fetches them next.
func (s *Server) facets(c echo.Context, version string, filter db.Filter, read func() (*db.FacetIndex, error)) (db.Facets, error) {
	if index, ok := s.facetIndexes.GetIfPresent(version); ok {
		return s.DB.CountFacets(c.Request().Context(), index, filter)
	}
	if web.IsFragment(c) && web.FragmentName(c) == "results" {
		return db.Facets{}, nil
	}
	index, err := read()
	if err != nil {
		return db.Facets{}, err
	}
	s.facetIndexes.Set(version, index)
	return s.DB.CountFacets(c.Request().Context(), index, filter)
}

// counts are the parts of the form above a list that go along with its rows.
func counts(c echo.Context, v ui.FilterView) []templ.Component {
	if web.IsFragment(c) && (web.FragmentName(c) == "results" || web.FragmentName(c) == "counts") {
		return []templ.Component{ui.Counts(v)}
	}
	return nil
}
