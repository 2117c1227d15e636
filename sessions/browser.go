package sessions

import "strings"

// Browser says in plain words what a User-Agent calls itself: "Firefox on
// Linux", or "curl". It is empty where that can't be told. Every browser also
// names those it wants to be served like, so the order counts.
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

// mark is what tells a name.
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

// longestTool is how long the name of a program may be that is believed.
const longestTool = 40

// tool is the name before the version, as curl and its like write it.
func tool(userAgent string) string {
	name, _, _ := strings.Cut(userAgent, "/")
	name, _, _ = strings.Cut(name, " ")
	if len(name) > longestTool {
		return ""
	}
	return name
}
