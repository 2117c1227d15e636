package views

import (
	"strconv"

	"neptun/db"
	"neptun/views/ui"
)

// AutoImportPage shows the auto-import rules of an installation.
type AutoImportPage struct {
	Frame        ui.Frame
	Installation db.InstallationRecord
	// Set is what is stored, or the draft that is being tried.
	Set db.AutoImport
	// Version names what is stored as the user saw it when they began their change.
	Version string
	// NoRule says why the saved view in the address can't be a rule; empty if it is one.
	NoRule string
	// Errors says what is wrong with the draft, a sentence each.
	Errors []string
	// Preview is the dry run of a draft; nil where there is none.
	Preview *db.ImportPreview
	// Exclusions are the first of those removed by hand, Excluded counts all.
	Exclusions []db.Exclusion
	Excluded   int64
	Facets     db.Facets
	// MaxRules is the maximum number of rules.
	MaxRules int
}

// AutoImportPath is the page of the auto-import rules.
func AutoImportPath(id int64) string { return ui.InstallationPath(id) + "/auto-import" }

// RuleFields are the fields of a rule in the form.
var RuleFields = []string{"name", "visibility", "language", "archived", "fork", "topic", "q", "license", "template", "permission", "custom_property"}

// RuleField names a field of the n-th rule in the form, counted from 0.
func RuleField(n int, field string) string { return "rule" + strconv.Itoa(n) + "_" + field }

// rows are the rules there are, and a blank one for the next.
func (p AutoImportPage) rows() []db.ImportRule {
	if len(p.Set.Rules) >= p.MaxRules {
		return p.Set.Rules
	}
	return append(p.Set.Rules[:len(p.Set.Rules):len(p.Set.Rules)], db.ImportRule{})
}

func (p AutoImportPage) legend(n int) string {
	if n == len(p.Set.Rules) {
		return "New rule"
	}
	return "Rule " + strconv.Itoa(n+1)
}

// moreConditions reports whether a rule has conditions of the disclosure.
func moreConditions(r db.ImportRule) bool {
	return r.Query != "" || r.License != "" || r.Template != db.Any || r.Permission != "" || r.PropertyName != ""
}

// previewSummary summarizes a dry run.
func (p AutoImportPage) previewSummary() string {
	v := p.Preview
	switch {
	case v.WouldImport == 0 && v.Imported == 0 && v.Excluded == 0:
		return "No repositories match now. New repositories that match will be imported."
	case v.WouldImport == 0:
		return "All matching repositories are already imported."
	}
	return ui.Counted(v.WouldImport, "repository", "repositories") + " will be imported."
}

func visibilityOptions() []ui.Option {
	return []ui.Option{{Value: "", Text: "All"}, {Value: "public", Text: "Public"}, {Value: "private", Text: "Private"}, {Value: "internal", Text: "Internal"}}
}

func permissionOptions() []ui.Option {
	return []ui.Option{{Value: "", Text: "All"}, {Value: "admin", Text: "Admin"}, {Value: "maintain", Text: "Maintain"}, {Value: "push", Text: "Write"}, {Value: "triage", Text: "Triage"}, {Value: "pull", Text: "Read"}}
}

// importModeWord is the label of a mode, empty for off.
func importModeWord(mode db.ImportMode) string {
	switch mode {
	case db.ImportAll:
		return "auto-imports all repositories"
	case db.ImportRules:
		return "auto-imports by rules"
	default:
		return ""
	}
}
