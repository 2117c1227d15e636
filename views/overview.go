package views

import (
	"net/url"
	"strconv"
	"time"

	"neptun/db"
	"neptun/views/ui"
)

// OverviewPage summarizes a user's repositories, and what needs attention.
type OverviewPage struct {
	Frame         ui.Frame
	App           AppView
	Overview      db.Overview
	Installations []db.InstallationRecord
	Requests      []db.InstallRequest
	// ExpiringTokens are API tokens in their last week.
	ExpiringTokens []db.APIToken
	Actions        []db.Action
	// Sync is the sync of the list of installations, and SyncedAt the end of the last complete one.
	Sync     db.Sync
	SyncedAt time.Time
	// URL is the URL of this server, with a slash at its end.
	URL string
	// Version is that of db.TopicInstallations, read before the rest.
	Version string
}

func (p OverviewPage) sync() ui.SyncView {
	return ui.SyncView{Sync: p.Sync, SyncedAt: p.SyncedAt, Action: "/installations/sync", ReturnTo: "/", Page: "/"}
}

// every is how often the page asks again while it waits for a user's first
// installations.
func (p OverviewPage) every() string {
	if len(p.Installations) > 0 {
		return ""
	}
	return ui.PollEvery(p.Sync)
}

// attention is something that needs the user's attention, with one action.
type attention struct {
	Kind          ui.Kind
	Badge         string
	Account       string // empty where it is about no account
	Text          string
	Action, Label string
	// Posts is true for a button that submits an action, instead of a link.
	Posts bool
}

// attention lists what needs the user's attention, the most urgent first.
func (p OverviewPage) attention() []attention {
	var list []attention
	for _, i := range p.Installations {
		switch {
		case i.Suspended():
			list = append(list, attention{
				Kind: ui.KindWarning, Badge: "Suspended", Account: i.Account.Login, Text: "Syncs and new imports are paused.",
				Action: SettingsPath(i.ID), Label: "How to unsuspend",
			})
		case i.Sync.State == db.SyncFailed:
			list = append(list, attention{
				Kind: ui.KindError, Badge: "Sync failed", Account: i.Account.Login, Text: i.Sync.Message,
				Action: ui.InstallationPath(i.ID) + "/sync", Label: "Sync again", Posts: true,
			})
		}
		if missing := i.MissingPermissions(p.App.RequestedPermissions); len(missing) > 0 {
			list = append(list, attention{
				Kind: ui.KindWarning, Badge: "Permissions to review", Account: i.Account.Login,
				Text:   "The app requests " + ui.Counted(int64(len(missing)), "permission", "permissions") + " that an owner hasn't accepted.",
				Action: ui.InstallationPath(i.ID), Label: "Review",
			})
		}
	}
	for _, r := range p.Requests {
		if r.State == db.RequestPending {
			list = append(list, attention{
				Kind: ui.KindInfo, Badge: "Requested", Account: r.Account.Login, Text: requestWords(r), Action: "/installations#requests", Label: "See request",
			})
		}
	}
	for _, t := range p.ExpiringTokens {
		list = append(list, attention{
			Kind: ui.KindWarning, Badge: "Token expires", Text: "The API token " + t.Name + " expires on " + t.ExpiresAt.UTC().Format("January 2") + ".",
			Action: "/tokens", Label: "Rotate",
		})
	}
	if n := p.Overview.HiddenImports; n > 0 {
		list = append(list, attention{
			Kind: ui.KindWarning, Badge: "Access lost",
			Text:   ui.Counted(n, "import is hidden because you can", "imports are hidden because you can") + " no longer access " + ui.Plural(n, "its repository", "their repositories") + " on GitHub.",
			Action: "/access", Label: "Check access",
		})
	}
	return list
}

// scriptLine is a shell command that lists all imports.
func (p OverviewPage) scriptLine() string {
	return "curl -H 'Authorization: Bearer neptun_…' " + p.URL + "api/users/me/imports"
}

// topLanguages are the languages that the overview shows first, and the others.
func (p OverviewPage) topLanguages() (top, others []db.FacetValue) {
	n := min(8, len(p.Overview.Languages))
	return p.Overview.Languages[:n], p.Overview.Languages[n:]
}

// languageImports is the list of the imports of a language.
func languageImports(language string) string {
	if language == "" {
		language = db.NoLanguage
	}
	return "/imports?" + url.Values{"language": {language}}.Encode()
}

// weekImports is the list of the imports that were last pushed to in one of the
// weeks. The last one has no end: db.GetOverview counts pushes of the future in it.
func weekImports(weeks []db.Week, i int) string {
	query := url.Values{"pushed_since": {weeks[i].Start.Format(time.DateOnly)}}
	if i+1 < len(weeks) {
		query.Set("pushed_before", weeks[i+1].Start.Format(time.DateOnly))
	}
	return "/imports?" + query.Encode()
}

func languageWord(language string) string {
	if language == "" {
		return "No language"
	}
	return language
}

// share formats a part of a whole in percent.
func share(part, whole int64) string {
	if whole == 0 {
		return "0"
	}
	return strconv.FormatInt(part*100/whole, 10)
}

// The drawing of weeks: columns of columnWidth, one apart, on a ground of
// chartHeight, in the units of its viewBox.
const (
	columnWidth = 9
	chartHeight = 60
)

// column is a week of the drawing that has imports.
type column struct{ X, Y, Height, URL, Title string }

func columns(weeks []db.Week) []column {
	highest := int64(1)
	for _, week := range weeks {
		highest = max(highest, week.Count)
	}
	list := make([]column, 0, len(weeks))
	for i, week := range weeks {
		if week.Count == 0 {
			continue
		}
		height := max(week.Count*chartHeight/highest, 2)
		list = append(list, column{
			X: strconv.Itoa(i * (columnWidth + 1)), Y: strconv.FormatInt(chartHeight-height, 10), Height: strconv.FormatInt(height, 10),
			URL: weekImports(weeks, i), Title: "Week of " + week.Start.Format("Jan 2, 2006") + ": " + ui.Counted(week.Count, "import", "imports"),
		})
	}
	return list
}

func chartBox(weeks []db.Week) string {
	return "0 0 " + strconv.Itoa(max(1, len(weeks)*(columnWidth+1)-1)) + " " + strconv.Itoa(chartHeight)
}

// pushed sums up the weeks.
func pushed(weeks []db.Week) int64 {
	var sum int64
	for _, week := range weeks {
		sum += week.Count
	}
	return sum
}
