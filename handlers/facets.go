package handlers

import (
	"fmt"

	"neptun/db"
	"neptun/handlers/web"
	"neptun/views/ui"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"
)

// facetKey is what facets depend on: a list under one version, and the filter.
type facetKey struct {
	version string
	filter  db.Filter
}

// facets counts the rows under each option of a filter. It counts them from an index, which
// is built once for each version of a list: that takes time proportional to the list, and
// so does counting. The counts are cached, too, since the next page has the same filter.
// Fragments with rows don't wait for it. They get no counts then, and the page requests
// the counts next.
func (s *Server) facets(c echo.Context, version string, filter db.Filter, read func() (*db.FacetIndex, error)) (db.Facets, error) {
	key := facetKey{version, filter}
	if counted, ok := s.facetCounts.GetIfPresent(key); ok {
		return counted, nil
	}
	if index, ok := s.facetIndexes.GetIfPresent(version); ok {
		return s.countFacets(c, key, index)
	}
	if web.IsFragment(c) && web.FragmentName(c) == "results" {
		return db.Facets{}, nil
	}
	index, err := read()
	if err != nil {
		return db.Facets{}, err
	}
	s.facetIndexes.Set(version, index)
	return s.countFacets(c, key, index)
}

func (s *Server) countFacets(c echo.Context, key facetKey, index *db.FacetIndex) (db.Facets, error) {
	counted, err := s.DB.CountFacets(c.Request().Context(), index, key.filter)
	if err == nil {
		s.facetCounts.Set(key, counted)
	}
	return counted, err
}

// facetWeight is about how much memory counts take, in bytes.
func facetWeight(key facetKey, counted db.Facets) uint32 {
	return uint32(len(fmt.Sprint(key)) + counted.Bytes())
}

// counts returns the parts of the filter form that are updated together with the rows.
func counts(c echo.Context, v ui.FilterView) []templ.Component {
	if web.IsFragment(c) && (web.FragmentName(c) == "results" || web.FragmentName(c) == "counts") {
		return []templ.Component{ui.Counts(v)}
	}
	return nil
}
