package ui

import (
	"slices"
	"strings"
	"time"

	"neptun/db"

	"github.com/a-h/templ"
)

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

// Option is a choice of a form.
type Option struct{ Value, Text string }

// FacetOptions are languages to choose from.
func FacetOptions(anything string, values []db.FacetValue, chosen string) []Option {
	options := []Option{{"", anything}}
	for _, v := range offered(values, chosen) {
		text := languageText(v.Value)
		if v.Count > 0 {
			text += " (" + Count(v.Count) + ")"
		}
		options = append(options, Option{v.Value, text})
	}
	return options
}

// choice is one filter of the form.
type choice struct {
	name, label string
	options     []Option
	chosen      string
}

// choices are the filters to offer: those for which the list has
// several values, and active ones.
func (v FilterView) choices() []choice {
	f, facets := v.List.Filter, v.Facets
	all := []choice{
		{"account", "Account", v.options("account", facets.Accounts, f.Account, plainText), f.Account},
		{"language", "Language", v.options("language", facets.Languages, f.Language, languageText), f.Language},
		{"visibility", "Visibility", v.options("visibility", facets.Visibilities, f.Visibility, capitalized), f.Visibility},
		{"permission", "Role", v.options("permission", facets.Permissions, f.Permission, role), f.Permission},
		{"topic", "Topic", v.options("topic", facets.Topics, f.Topic, plainText), f.Topic},
		{"license", "License", v.options("license", facets.Licenses, f.License, plainText), f.License},
		{"archived", "Archived", v.options("archived", facets.Archived, string(f.Archived), yesOr("Only archived", "Not archived")), string(f.Archived)},
		{"fork", "Forks", v.options("fork", facets.Forks, string(f.Fork), yesOr("Only forks", "No forks")), string(f.Fork)},
		{"template", "Templates", v.options("template", facets.Templates, string(f.Template), yesOr("Only templates", "No templates")), string(f.Template)},
	}
	offered := all[:0]
	for _, c := range all {
		if len(c.options) > 1 && (c.name != "account" || len(c.options) > 2 || c.chosen != "") {
			offered = append(offered, c)
		}
	}
	return offered
}

// hiddenFields are the active filters for which the form has no control: the form filters the
// list further.
func (v FilterView) hiddenFields(offered []choice) []Field {
	controls := map[string]bool{"q": true, "imported": v.ByImported}
	for _, c := range offered {
		controls[c.name] = true
	}
	return slices.DeleteFunc(FilterFields(v.List.Filter), func(f Field) bool { return controls[f.Name] })
}

// selectOptions are the options of a select.
func selectOptions(options []Option, chosen string) templ.Component {
	return component(func(m *markup) {
		for _, o := range options {
			m.raw(`<option value="`)
			m.text(o.Value)
			if o.Value == chosen {
				m.raw(`" selected>`)
			} else {
				m.raw(`">`)
			}
			m.text(o.Text)
			m.raw(`</option>`)
		}
	})
}

// options are a filter's values, each with its count of repositories, after an option for no
// filter with the total.
func (v FilterView) options(name string, values []db.FacetValue, chosen string, text func(string) string) []Option {
	anything := "All"
	if n, counted := v.Facets.Any[name]; counted {
		anything += " (" + Count(n) + ")"
	}
	options := []Option{{"", anything}}
	for _, value := range offered(values, chosen) {
		label := text(value.Value)
		if v.Facets.Any != nil {
			label += " (" + Count(value.Count) + ")"
		}
		if strings.EqualFold(value.Value, chosen) {
			value.Value = chosen // licenses, topics and accounts ignore case
		}
		options = append(options, Option{value.Value, label})
	}
	return options
}

func plainText(value string) string { return value }

func capitalized(value string) string {
	if value == "" {
		return ""
	}
	return strings.ToUpper(value[:1]) + value[1:]
}

func languageText(value string) string {
	if value == db.NoLanguage {
		return "No language"
	}
	return value
}

func yesOr(yes, no string) func(string) string {
	return func(value string) string { return yesNo(db.Choice(value), yes, no) }
}

// ChoiceOptions are the options of a filter by yes or no, or neither.
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

// chip is an active filter, and the URL of the list without it.
type chip struct{ name, text, url string }

// chips are the active filters, except those that the search and the tabs show.
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
		add("language", "Language: "+languageChip(f.Language), func(f *db.Filter) { f.Language = "" })
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
	if f.License != "" {
		add("license", "License: "+f.License, func(f *db.Filter) { f.License = "" })
	}
	if f.Template != db.Any {
		add("template", yesNo(f.Template, "Only templates", "No templates"), func(f *db.Filter) { f.Template = db.Any })
	}
	if f.Permission != "" {
		add("permission", "Role: "+role(f.Permission), func(f *db.Filter) { f.Permission = "" })
	}
	if f.Account != "" {
		add("account", "Account: "+f.Account, func(f *db.Filter) { f.Account = "" })
	}
	if !f.PushedSince.IsZero() {
		add("pushed_since", "Pushed since "+f.PushedSince.UTC().Format("Jan 2, 2006"), func(f *db.Filter) { f.PushedSince = time.Time{} })
	}
	if !f.PushedBefore.IsZero() {
		add("pushed_before", "Last pushed before "+f.PushedBefore.UTC().Format("Jan 2, 2006"), func(f *db.Filter) { f.PushedBefore = time.Time{} })
	}
	if f.RepositoryID != 0 || f.ImportID != 0 {
		add("id", "One repository", func(f *db.Filter) { f.RepositoryID, f.ImportID = 0, 0 })
	}
	if f.Repository != "" {
		add("repository", "Repository: "+f.Repository, func(f *db.Filter) { f.Repository = "" })
	}
	if f.PropertyName != "" {
		add("custom-property", "Custom property: "+f.Property(), func(f *db.Filter) { f.PropertyName, f.PropertyValue = "", "" })
	}
	return chips
}

func languageChip(language string) string {
	if language == db.NoLanguage {
		return "none"
	}
	return language
}

func yesNo(choice db.Choice, yes, no string) string {
	if choice == db.Yes {
		return yes
	}
	return no
}
