package views

import "neptun/db"

// filterView is the form above a list of repositories.
type filterView struct {
	Path   string
	List   List
	Facets db.Facets
	// Orders are those that the list offers.
	Orders []option
	// ByImported offers the choice between imported ones and others.
	ByImported bool
	// All and Imported count without any filter.
	All, Imported int64
}

// more tells whether one of the seldom used filters is set.
func (v filterView) more() bool {
	f := v.List.Filter
	return f.Archived != db.Any || f.Fork != db.Any || f.Topic != ""
}

type option struct{ value, text string }

func facetOptions(anything string, values []db.FacetValue, chosen string) []option {
	options := []option{{"", anything}}
	for _, v := range offered(values, chosen) {
		text := v.Value
		if v.Count > 0 {
			text += " (" + count(v.Count) + ")"
		}
		options = append(options, option{v.Value, text})
	}
	return options
}

func choiceOptions(anything, yes, no string) []option {
	return []option{{string(db.Any), anything}, {string(db.Yes), yes}, {string(db.No), no}}
}

func (v filterView) importedOptions() []option {
	all, imported := v.All, v.Imported
	if v.Facets.Any != nil {
		all, imported = v.Facets.Any["imported"], 0
		for _, value := range v.Facets.Imported {
			if value.Value == string(db.Yes) {
				imported = value.Count
			}
		}
	}
	return choiceOptions("All "+count(all), "Imported "+count(imported), "Not imported "+count(max(all-imported, 0)))
}
