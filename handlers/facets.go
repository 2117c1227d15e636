package handlers

import (
	"neptun/db"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// facets counts the rows under each option of a filter. It counts them from an index, which
// is built once for each version of a list: that takes time proportional to the list.
// Fragments with rows don't wait for it. They get no counts then, and the page requests
// the counts next.
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

// counts returns the parts of the filter form that are updated together with the rows.
func counts(c echo.Context, v ui.FilterView) []templ.Component {
	if web.IsFragment(c) && (web.FragmentName(c) == "results" || web.FragmentName(c) == "counts") {
		return []templ.Component{ui.Counts(v)}
	}
	return nil
}
