package ui

import "neptun/db"

// FilterView is the form above a list of repositories.
type FilterView struct {
	Path   string
	List   List
	Facets db.Facets
	// Orders are those that the list offers.
	Orders []Option
	// ByImported offers the choice between imported ones and others.
	ByImported bool
	// All and Imported count without any filter.
	All, Imported int64
}

type Option struct{ Value, Text string }

func FacetOptions(anything string, values []db.FacetValue, chosen string) []Option {
	options := []Option{{"", anything}}
	for _, v := range offered(values, chosen) {
		text := v.Value
		if v.Count > 0 {
			text += " (" + Count(v.Count) + ")"
		}
		options = append(options, Option{v.Value, text})
	}
	return options
}

func ChoiceOptions(anything, yes, no string) []Option {
	return []Option{{string(db.Any), anything}, {string(db.Yes), yes}, {string(db.No), no}}
}

func (v FilterView) importedOptions() []Option {
	all, imported := v.All, v.Imported
	if v.Facets.Any != nil {
		all, imported = v.Facets.Any["imported"], 0
		for _, value := range v.Facets.Imported {
			if value.Value == string(db.Yes) {
				imported = value.Count
			}
		}
	}
	return ChoiceOptions("All "+Count(all), "Imported "+Count(imported), "Not imported "+Count(max(all-imported, 0)))
}

// chip is a filter in force, and the list without it.
type chip struct{ name, text, url string }

// chips are the filters in force but for the search and the tabs, which show
// theirs themselves.
func (l List) chips(path string) []chip {
	var chips []chip
	add := func(name, text string, without func(*db.Filter)) {
		filter := l.Filter
		without(&filter)
		chips = append(chips, chip{name, text, listURL(path, filter, l.Sort, 1)})
	}
	f := l.Filter
	if f.Visibility != "" {
		add("visibility", "Visibility: "+f.Visibility, func(f *db.Filter) { f.Visibility = "" })
	}
	if f.Language != "" {
		add("language", "Language: "+f.Language, func(f *db.Filter) { f.Language = "" })
	}
	if f.Archived != db.Any {
		add("archived", yesNo(f.Archived, "Only archived", "Not archived"), func(f *db.Filter) { f.Archived = db.Any })
	}
	if f.Fork != db.Any {
		add("fork", yesNo(f.Fork, "Only forks", "No forks"), func(f *db.Filter) { f.Fork = db.Any })
	}
	if f.Topic != "" {
		add("topic", "Topic: "+f.Topic, func(f *db.Filter) { f.Topic = "" })
	}
	if f.Repository != "" {
		add("repository", "Repository: "+f.Repository, func(f *db.Filter) { f.Repository = "" })
	}
	if f.PropertyName != "" {
		add("custom-property", "Custom property: "+propertyOf(f), func(f *db.Filter) { f.PropertyName, f.PropertyValue = "", "" })
	}
	return chips
}

func yesNo(choice db.Choice, yes, no string) string {
	if choice == db.Yes {
		return yes
	}
	return no
}
