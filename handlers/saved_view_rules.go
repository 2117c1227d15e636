package handlers

import (
	"slices"
	"strings"

	"neptun/db"
	"neptun/handlers/input"
	"neptun/views"
)

// viewRule is a saved view as a rule of auto-import for an account; for a view that
// can't be one, noRule says why, and what to do.
func viewRule(v db.View, login string) (rule db.ImportRule, noRule string, err error) {
	filter, err := input.SavedFilter(v.Query)
	if err != nil {
		return rule, "", err
	}
	if filter.Account != "" && !strings.EqualFold(filter.Account, login) {
		return rule, "The view “" + v.Name + "” shows repositories of " + filter.Account + ". Use it as a rule for that account.", nil
	}
	rule, noRule = filterRule(filter)
	return rule, noRule, nil
}

// filterRule is viewRule for any account.
func filterRule(filter db.Filter) (rule db.ImportRule, noRule string) {
	rule, ok := filter.Rule()
	switch {
	case ok:
		return rule, ""
	case !filter.PushedSince.IsZero() || !filter.PushedBefore.IsZero():
		return rule, "Can't be an auto-import rule: it depends on when a repository was last pushed to. Open the view and import what it shows, or save it without that filter."
	case filter.Repository != "" || filter.RepositoryID != 0 || filter.ImportID != 0:
		return rule, "Can't be an auto-import rule: it shows a single repository. Open the view and import it."
	}
	return rule, "Can't be an auto-import rule: it has no filter that a rule can use. To import everything, choose All repositories in the auto-import settings."
}

// savedView is a view as its page shows it, with the installations that it can be a
// rule of.
func savedView(v db.View, installations []db.InstallationRecord) (views.SavedView, error) {
	shown := views.SavedView{View: v}
	if v.Hidden {
		return shown, nil
	}
	filter, err := input.SavedFilter(v.Query)
	if err != nil {
		return shown, err
	}
	if _, shown.NoRule = filterRule(filter); shown.NoRule != "" || v.InstallationID != 0 {
		return shown, nil
	}
	shown.Installations = slices.DeleteFunc(slices.Clone(installations), func(i db.InstallationRecord) bool {
		return filter.Account != "" && !strings.EqualFold(filter.Account, i.Account.Login)
	})
	return shown, nil
}
