package views

import (
	"strconv"
	"strings"
	"time"

	"neptun/db"
)

// ScriptsPage makes script tokens, and shows them and the sessions of a person.
type ScriptsPage struct {
	Frame Frame
	// URL is where people reach this Neptun, with a slash at its end.
	URL string
	// Made is the token that was just made; without a secret there is none.
	Made MadeToken
	Form ScriptTokenForm
	// AccessTokens tells whether this Neptun hands out GitHub tokens at all.
	AccessTokens bool
	Tokens       []ScriptToken
	Sessions     []BrowserSession
	// Installations are all of the person's.
	Installations []db.InstallationRecord
	// MaxName is how long a name may be, in characters.
	MaxName int
}

// ScriptToken is a token with what last used it, in plain words.
type ScriptToken struct {
	db.ScriptToken
	UsedBy string
}

// MadeToken is a token with its secret, which is shown this once.
type MadeToken struct {
	Token  db.ScriptToken
	Secret string
	// Overlap is how long the one goes on that it takes the place of; zero also
	// where it takes nobody's.
	Overlap time.Duration
}

// BrowserSession is a browser, or a script, that is logged in.
type BrowserSession struct {
	ID        string
	Current   bool // it asks for this page
	Browser   string
	IP        string
	CreatedAt time.Time
	SeenAt    time.Time // zero where it was not seen since its login
	ExpiresAt time.Time
}

// What a form says besides a number of days, and of what a token reaches.
const (
	ExpiryDate = "date"
	ReachAll   = "all"
	ReachSome  = "some"
)

// ScriptTokenForm is a token as somebody asks for it.
type ScriptTokenForm struct {
	// Request tells a form that is sent again from another one.
	Request string
	Name    string
	Scope   string
	// Expiry is a number of days, or ExpiryDate with the day in On.
	Expiry, On string
	// Reach is ReachAll, or ReachSome with the records in Chosen.
	Reach    string
	Chosen   map[int64]bool
	Problems ScriptTokenProblems
}

// ScriptTokenProblems say what is wrong with a field; all are empty where none is.
type ScriptTokenProblems struct {
	Name, Scope, Expiry, Reach string
}

// day is the last day as a field for dates takes it: any other text it would
// complain of, and show none.
func (f ScriptTokenForm) day() string {
	if _, err := time.Parse(time.DateOnly, f.On); err != nil {
		return ""
	}
	return f.On
}

var expiries = []option{{"7", "7 days"}, {"30", "30 days"}, {"90", "90 days"}, {"365", "A year"}, {ExpiryDate, "Until a date"}}

var overlaps = []option{{"24", "for 24 hours"}, {"1", "for an hour"}, {"168", "for 7 days"}, {"0", "not at all"}}

func scopeWord(scope db.Scope) string {
	switch scope {
	case db.ScopeWrite:
		return "Read and write"
	case db.ScopeAccessTokens:
		return "Read, and make GitHub tokens"
	default:
		return "Read"
	}
}

// warning is what one should know of the tokens at large, empty for nothing.
func (p ScriptsPage) warning() string {
	var names []string
	for _, t := range p.Tokens {
		if t.EndsSoon(p.Frame.Now) {
			names = append(names, t.Name)
		}
	}
	switch len(names) {
	case 0:
		return ""
	case 1:
		return "The token " + names[0] + " expires within a week. Rotate it before the script that uses it is refused."
	}
	return count(int64(len(names))) + " tokens expire within a week: " + strings.Join(names[:min(len(names), 5)], ", ") + ". Rotate them before the scripts that use them are refused."
}

// formFirst tells whether a token is what the page is asked for: there is none
// yet, or the form comes back with what is wrong. Else the list is above it.
func (p ScriptsPage) formFirst() bool {
	return len(p.Tokens) == 0 || p.Form.Problems != ScriptTokenProblems{}
}

// newest are the tokens as the page lists them, the last made first.
func (p ScriptsPage) newest() []ScriptToken {
	list := make([]ScriptToken, 0, len(p.Tokens))
	for i := len(p.Tokens) - 1; i >= 0; i-- {
		list = append(list, p.Tokens[i])
	}
	return list
}

// ScriptLine is a line of shell, and what it is for.
type ScriptLine struct{ What, Line string }

// maxLines keeps the panel short: so many installations have a line.
const maxLines = 2

// lines are what works at once with a token: the person's own ids are filled in.
func (p ScriptsPage) lines(made MadeToken) []ScriptLine {
	line := func(what, path string) ScriptLine {
		return ScriptLine{what, "curl -H 'Authorization: Bearer " + made.Secret + "' " + p.URL + "api/users/" + p.userID() + "/installations" + path}
	}
	list := []ScriptLine{line("Your installations", "")}
	through := func(id int64, login string) {
		if len(list) <= maxLines {
			list = append(list, line("What you imported from "+login, "/"+strconv.FormatInt(id, 10)+"/imports"))
		}
	}
	if made.Token.Restricted {
		for _, i := range made.Token.Installations {
			through(i.ID, i.Login)
		}
		return list
	}
	for _, i := range p.Installations {
		through(i.ID, i.Account.Login)
	}
	return list
}

func (p ScriptsPage) userID() string {
	if p.Frame.Person == nil {
		return "me"
	}
	return p.Frame.Person.ID
}

// reached names what a restricted token reaches.
func (t ScriptToken) reached() string {
	if len(t.Installations) == 0 {
		return "Only installations that GitHub no longer shows you"
	}
	var logins []string
	for _, i := range t.Installations {
		logins = append(logins, i.Login)
	}
	return "Only " + strings.Join(logins, ", ")
}

// others tells whether the person is logged in elsewhere too.
func (p ScriptsPage) others() bool {
	for _, s := range p.Sessions {
		if !s.Current {
			return true
		}
	}
	return false
}

func (s BrowserSession) name() string {
	if s.Browser == "" {
		return "A browser that doesn't say what it is"
	}
	return s.Browser
}

func tokenPath(id int64, action string) string {
	return "/scripts/tokens/" + strconv.FormatInt(id, 10) + "/" + action
}
