package ui

import (
	"time"

	"neptun/db"
)

// Frame is what every page shows around its content.
type Frame struct {
	// Title names the page in the tab; the layout adds "Neptun".
	Title string
	// User is nil for visitors who aren't signed in.
	User *db.User
	// Operator is true if they may see and manage the app for all accounts.
	Operator bool
	// Now is the time that every age on the page is relative to.
	Now time.Time
	// Nav is the current entry of the main navigation, or NavNone.
	Nav     Nav
	Notices []Notice
	// GitHubURL is the URL of GitHub's website: https://github.com or an Enterprise Server's.
	GitHubURL string
	// AppName is the GitHub App's name; empty means "Neptun".
	AppName string
	// InstallURL installs the App on another account: GitHub's page, or a path of
	// Neptun that redirects there. Empty if unknown.
	InstallURL string
	// Demo is true if the sandbox takes GitHub's place.
	Demo bool
	// Shared is true for a page whose bytes are the same for everybody: its header has
	// the navigation and a link to sign in, until the reader's own takes its place.
	Shared bool
	// Away shows the note of being offline, which is otherwise the browser's to show.
	Away bool
}

// Nav is an entry of the main navigation.
type Nav string

// The entries of the main navigation.
const (
	NavNone          Nav = ""
	NavOverview      Nav = "overview"
	NavInstallations Nav = "installations"
	NavRepositories  Nav = "repositories"
	NavImports       Nav = "imports"
	NavTokens        Nav = "tokens"
	NavAccess        Nav = "access"
	NavApp           Nav = "app" // for operators
)

// Kind is the severity of a notice, and its CSS class.
type Kind string

// The kinds of notice.
const (
	KindSuccess Kind = "success"
	KindInfo    Kind = "info"
	KindWarning Kind = "warning"
	KindError   Kind = "error"
)

// Notice is a message about what just happened.
type Notice struct {
	Kind Kind
	Text string
	// Details are lines shown on request, such as one for each repository that was not found.
	Details []string
	// Undo is the URL that undoes the action; empty if it can't be undone.
	Undo string
	// More is a page with details; empty if there is none.
	More string
	// Used is the page whose selection is cleared after the action.
	Used string
}

// FullTitle is the title of the tab.
func (f Frame) FullTitle() string {
	if f.Title == "" {
		return "Neptun"
	}
	return f.Title + " · Neptun"
}

// App is the name of the GitHub App.
func (f Frame) App() string {
	if f.AppName == "" {
		return "Neptun"
	}
	return f.AppName
}

// word is the severity of a notice for screen readers; others see a color.
func (k Kind) word() string {
	switch k {
	case KindSuccess:
		return "Success:"
	case KindWarning:
		return "Warning:"
	case KindError:
		return "Error:"
	default:
		return "Info:"
	}
}
