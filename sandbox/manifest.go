package sandbox

import (
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// manifest is the description that an App is registered from
// (https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters).
type manifest struct {
	Name           string            `json:"name"`
	URL            string            `json:"url"`
	Hook           *manifestHook     `json:"hook_attributes"`
	RedirectURL    string            `json:"redirect_url"`
	CallbackURLs   []string          `json:"callback_urls"`
	SetupURL       string            `json:"setup_url"`
	Description    string            `json:"description"`
	Public         bool              `json:"public"`
	Events         []string          `json:"default_events"`
	Permissions    map[string]string `json:"default_permissions"`
	OAuthOnInstall bool              `json:"request_oauth_on_install"`
	SetupOnUpdate  bool              `json:"setup_on_update"`
}

type manifestHook struct {
	URL    string `json:"url"`
	Active *bool  `json:"active"` // nil: true
}

func readManifest(text string) (m manifest, err error) {
	err = json.Unmarshal([]byte(text), &m)
	return m, err
}

// Limits of a manifest.
const (
	longestAppName   = 34
	mostCallbackURLs = 10
)

// problems lists why GitHub rejects the manifest, independent of its owner.
func (m *manifest) problems() (all []string) {
	say := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if !isWebAddress(m.URL) {
		say("Url must be a valid URL")
	}
	if !isWebAddress(m.RedirectURL) {
		say("Redirect url must be a valid URL")
	}
	if len(m.CallbackURLs) > mostCallbackURLs {
		say("Callback urls can't be more than %d", mostCallbackURLs)
	}
	for _, callback := range m.CallbackURLs {
		if !isWebAddress(callback) {
			say("Callback url %q must be a valid URL", callback)
		}
	}
	if m.SetupURL != "" && !isWebAddress(m.SetupURL) {
		say("Setup url must be a valid URL")
	}
	if m.SetupURL != "" && m.OAuthOnInstall {
		say("Setup url can't be set when user authorization is requested during installation")
	}
	switch {
	case m.Hook == nil && len(m.Events) > 0:
		say("Default events need a webhook")
	case m.Hook != nil && !isWebAddress(m.Hook.URL):
		say("Hook url can't be blank and must be a valid URL")
	case m.Hook != nil && onLoopback(m.Hook.URL):
		say("Hook url is not supported because it isn't reachable over the public Internet (%s)", m.Hook.URL)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Permissions)) {
		if levels := permissionLevels[name]; levels == nil {
			say("Default permission records resource is not included in the list: %s", name)
		} else if !slices.Contains(levels, m.Permissions[name]) {
			say("Default permission %s can't be %q", name, m.Permissions[name])
		}
	}
	return append(all, m.eventProblems()...)
}

// eventProblems rejects unknown events, those that every App receives anyway, and those that require a missing permission.
func (m *manifest) eventProblems() (all []string) {
	for _, event := range m.Events {
		needed, known := eventPermissions[event]
		switch {
		case !known:
			all = append(all, "Default events unsupported: "+event)
		case needed != "" && m.Permissions[needed] == "" && (needed != "metadata" || len(m.Permissions) == 0):
			all = append(all, "Default events are not supported by permissions: "+event)
		}
	}
	return all
}

func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "0.0.0.0" || isLoopbackLiteral(host)
}

// nameProblems are what GitHub has against a name for an App of the owner's. The world is locked.
func (aps *Apps) nameProblems(name string, owner *account) (all []string) {
	slug := slugOf(name)
	switch {
	case slug == "":
		all = append(all, "Name can't be blank")
	case utf8.RuneCountInString(name) > longestAppName:
		all = append(all, fmt.Sprintf("Name is too long (maximum is %d characters)", longestAppName))
	}
	other := aps.world.Accounts.byLogin[slug]
	if aps.where(func(a *app) bool { return a.Slug == slug || strings.EqualFold(a.Name, name) }) != nil || other != nil && other != owner {
		all = append(all, "Name has already been taken")
	}
	return all
}

var notInSlugs = regexp.MustCompile(`[^a-z0-9]+`)

func slugOf(name string) string {
	return strings.Trim(notInSlugs.ReplaceAllString(strings.ToLower(name), "-"), "-")
}

// registerFrom creates an App from a valid manifest, with the key.
func (aps *Apps) registerFrom(m *manifest, name string, owner *account, key *rsa.PrivateKey) *app {
	last := int64(1_204_753)
	for _, a := range aps.all {
		last = max(last, a.ID)
	}
	a := &app{
		App:           App{ID: last + 131, Slug: slugOf(name), Name: name, ClientID: randomToken("Iv23li", 20)},
		owner:         owner,
		url:           m.URL,
		description:   m.Description,
		public:        m.Public,
		permissions:   map[string]string{},
		events:        append([]string{}, m.Events...),
		callbackURLs:  slices.Clone(m.CallbackURLs),
		setupURL:      m.SetupURL,
		setupOnUpdate: m.SetupOnUpdate,
		createdAt:     aps.world.now(),
	}
	for permission, level := range m.Permissions {
		a.permissions[permission] = level
	}
	if len(a.permissions) > 0 && a.permissions["metadata"] == "" {
		a.permissions["metadata"] = "read" // every other permission includes it
	}
	aps.register(a, key)
	if m.Hook == nil {
		a.WebhookSecret = ""
	} else if m.Hook.Active == nil || *m.Hook.Active {
		a.hook.url = m.Hook.URL
		aps.world.webhooks.ping(a)
	}
	return a
}
