package views

import (
	"strconv"
	"strings"
	"time"

	"neptun/db"
	"neptun/views/ui"
)

// TokensPage creates API tokens and lists those of a user.
type TokensPage struct {
	Frame ui.Frame
	// URL is the URL of this server, with a slash at its end.
	URL string
	// Created is the token that was just created; without a secret there is none.
	Created CreatedToken
	Form    TokenForm
	// Rotation is the rotation form to restore.
	Rotation RotationForm
	// AccessTokens is true if this server can create GitHub tokens.
	AccessTokens bool
	Tokens       []Token
	// Installations are all of the user's.
	Installations []db.InstallationRecord
	// MaxName is the maximum length of a name, in characters.
	MaxName int
}

// Token is a token with the program that last used it.
type Token struct {
	db.APIToken
	UsedBy string
}

// CreatedToken is a token with its secret, which is shown only once.
type CreatedToken struct {
	Token  db.APIToken
	Secret string
	// Overlap is how long the replaced token stays valid; zero also
	// where it takes nobody's.
	Overlap time.Duration
}

// What a form says besides a number of days, and of what a token reaches.
const (
	ExpiryDate     = "date"
	AccessAll      = "all"
	AccessSelected = "selected"
)

// TokenForm is the form for a new token.
type TokenForm struct {
	// Request identifies a form, so that sending it twice creates one token.
	Request string
	Name    string
	Scope   string
	// Expiry is a number of days, or ExpiryDate with the day in On.
	Expiry, On string
	// Access is AccessAll, or AccessSelected with the records in Selected.
	Access   string
	Selected map[int64]bool
	Errors   TokenErrors
}

// RotationForm is the form to rotate a token.
type RotationForm struct {
	Action  string // which says of what token; empty for none
	Overlap string // hours
}

// TokenErrors are the errors of the form's fields; empty for none.
type TokenErrors struct {
	Name, Scope, Expiry, Access string
}

// day is the last day for a date field, which shows nothing for invalid text.
func (f TokenForm) day() string {
	if _, err := time.Parse(time.DateOnly, f.On); err != nil {
		return ""
	}
	return f.On
}

var expiries = []ui.Option{{Value: "7", Text: "7 days"}, {Value: "30", Text: "30 days"}, {Value: "90", Text: "90 days"}, {Value: "365", Text: "1 year"}, {Value: ExpiryDate, Text: "Custom…"}}

var overlaps = []ui.Option{{Value: "24", Text: "24 hours"}, {Value: "1", Text: "1 hour"}, {Value: "168", Text: "7 days"}, {Value: "0", Text: "No time: expire it now"}}

func scopeWord(scope db.Scope) string {
	switch scope {
	case db.ScopeWrite:
		return "Read and write"
	case db.ScopeAccessTokens:
		return "Read and create GitHub tokens"
	default:
		return "Read-only"
	}
}

// warning is about all tokens; empty for none.
func (p TokensPage) warning() string {
	var names []string
	for _, t := range p.Tokens {
		if t.ExpiresSoon(p.Frame.Now) {
			names = append(names, t.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "The token " + names[0] + " expires within a week. Rotate it to keep your scripts working."
	}
	return ui.Count(int64(len(names))) + " tokens expire within a week: " + strings.Join(names[:min(len(names), 5)], ", ") + ". Rotate them to keep your scripts working."
}

// formFirst is true if the form comes before the list: there are no tokens yet, or the form has
// errors.
func (p TokensPage) formFirst() bool {
	return len(p.Tokens) == 0 || p.Form.Errors != TokenErrors{}
}

// newest sorts the tokens, newest first.
func (p TokensPage) newest() []Token {
	list := make([]Token, 0, len(p.Tokens))
	for i := len(p.Tokens) - 1; i >= 0; i-- {
		list = append(list, p.Tokens[i])
	}
	return list
}

// ShellLine is a shell command, and its purpose.
type ShellLine struct{ What, Line string }

// maxLines limits the commands.
const maxLines = 10

// lines are commands that work with the token: they contain the user's own ids.
func (p TokensPage) lines(created CreatedToken) []ShellLine {
	line := func(what, path string) ShellLine {
		return ShellLine{what, "curl -H 'Authorization: Bearer " + created.Secret + "' " + p.URL + "api/users/" + p.userID() + path}
	}
	list := []ShellLine{line("List your installations", "/installations"), line("List all your imports", "/imports")}
	through := func(id int64, login string) {
		list = append(list, line("List your imports from "+login, "/installations/"+strconv.FormatInt(id, 10)+"/imports"))
	}
	restricted := map[int64]bool{}
	for _, i := range created.Token.Installations {
		restricted[i.ID] = true
	}
	for _, i := range p.Installations {
		if i.ImportCount > 0 && (!created.Token.Restricted || restricted[i.ID]) && len(list) < maxLines {
			through(i.ID, i.Account.Login)
		}
	}
	return list
}

func (p TokensPage) userID() string {
	if p.Frame.User == nil {
		return "me"
	}
	return p.Frame.User.ID
}

// reached names the installations that a restricted token can access.
func (t Token) reached() string {
	if len(t.Installations) == 0 {
		return "No installation that you can still access"
	}
	var logins []string
	for _, i := range t.Installations {
		logins = append(logins, i.Login)
	}
	return "Only " + strings.Join(logins, ", ")
}

func tokenPath(id int64, action string) string {
	return "/tokens/" + strconv.FormatInt(id, 10) + "/" + action
}
