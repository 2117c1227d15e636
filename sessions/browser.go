package sessions

import "strings"

// Browser describes a User-Agent for users: "Firefox on Linux", or "curl". It returns ""
// if the User-Agent is unknown. Browsers also name those they are compatible with, so the
// order of the names matters.
// https://developer.mozilla.org/docs/Web/HTTP/Guides/Browser_detection_using_the_user_agent
func Browser(userAgent string) string {
	if !strings.HasPrefix(userAgent, "Mozilla/") {
		return tool(userAgent)
	}
	name, system := first(userAgent, browsers), first(userAgent, systems)
	switch {
	case name == "":
		return system
	case system == "":
		return name
	}
	return name + " on " + system
}

// mark is a substring of the User-Agent and what it stands for.
type mark struct{ mark, name string }

var (
	browsers = []mark{
		{"HeadlessChrome/", "Chrome"},
		{"Edg", "Edge"},
		{"OPR/", "Opera"},
		{"SamsungBrowser/", "Samsung Internet"},
		{"Firefox/", "Firefox"},
		{"FxiOS/", "Firefox"},
		{"CriOS/", "Chrome"},
		{"Chrome/", "Chrome"},
		{"Safari/", "Safari"},
	}
	systems = []mark{
		{"iPhone", "an iPhone"},
		{"iPad", "an iPad"},
		{"Android", "Android"},
		{"Windows", "Windows"},
		{"CrOS", "ChromeOS"},
		{"Mac OS X", "a Mac"},
		{"Linux", "Linux"},
	}
)

func first(userAgent string, marks []mark) string {
	for _, m := range marks {
		if strings.Contains(userAgent, m.mark) {
			return m.name
		}
	}
	return ""
}

// longestTool is the maximum length of a program's name.
const longestTool = 40

// tool returns the name before the version, as curl and similar programs send it.
func tool(userAgent string) string {
	name, _, _ := strings.Cut(userAgent, "/")
	name, _, _ = strings.Cut(name, " ")
	if len(name) > longestTool {
		return ""
	}
	return name
}
