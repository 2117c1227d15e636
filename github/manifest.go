package github

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"strings"
)

// MaxAppName is the maximum length of an App's name, in characters
// (https://docs.github.com/apps/creating-github-apps/registering-a-github-app/registering-a-github-app).
const MaxAppName = 34

// Manifest describes an App to create on GitHub.
type Manifest struct {
	Name string
	// PublicURL is the address that users and GitHub use. All addresses in the manifest
	// are derived from it.
	PublicURL *url.URL
	// Public lets every account install the App, otherwise only its owner can.
	Public   bool
	Webhooks bool
	// MorePermissions and MoreEvents are requested in addition to those that Neptun needs.
	MorePermissions map[string]string
	MoreEvents      []string
}

// Permissions returns the permissions that the App requests, by GitHub's names.
func (m Manifest) Permissions() map[string]string {
	all := map[string]string{"metadata": "read", "members": "read"}
	maps.Copy(all, m.MorePermissions)
	return all
}

// Events returns the events that the App subscribes to. Installation events are always
// sent, and GitHub rejects them here.
func (m Manifest) Events() []string {
	if !m.Webhooks {
		return nil
	}
	return append([]string{"repository", "public", "member", "membership", "organization", "team", "team_add"}, m.MoreEvents...)
}

// CanHook reports whether GitHub could deliver webhooks to an address.
func CanHook(address *url.URL) bool {
	host := strings.TrimSuffix(strings.ToLower(address.Hostname()), ".")
	if ip, err := netip.ParseAddr(host); err == nil && ip.IsUnspecified() {
		return false
	}
	return !loopback(host) && !strings.HasSuffix(host, ".localhost")
}

type hookAttributes struct {
	URL    string `json:"url"`
	Active bool   `json:"active"`
}

// JSON returns the manifest in GitHub's format
// (https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest#github-app-manifest-parameters).
func (m Manifest) JSON() (string, error) {
	manifest := struct {
		Name           string            `json:"name"`
		URL            string            `json:"url"`
		HookAttributes *hookAttributes   `json:"hook_attributes,omitempty"`
		RedirectURL    string            `json:"redirect_url"`
		CallbackURLs   []string          `json:"callback_urls"`
		SetupURL       string            `json:"setup_url"`
		SetupOnUpdate  bool              `json:"setup_on_update"`
		Public         bool              `json:"public"`
		Permissions    map[string]string `json:"default_permissions"`
		Events         []string          `json:"default_events,omitempty"`
	}{
		Name:          m.Name,
		URL:           m.PublicURL.String(),
		RedirectURL:   m.PublicURL.JoinPath("/setup/callback").String(),
		CallbackURLs:  []string{m.PublicURL.JoinPath("/auth/github/callback").String()},
		SetupURL:      m.PublicURL.JoinPath("/auth/github/setup").String(),
		SetupOnUpdate: true,
		Public:        m.Public,
		Permissions:   m.Permissions(),
		Events:        m.Events(),
	}
	if m.Webhooks {
		manifest.HookAttributes = &hookAttributes{m.PublicURL.JoinPath("/webhooks/github").String(), true}
	}
	encoded, err := json.Marshal(manifest)
	if err != nil {
		return "", fmt.Errorf("github: encode the manifest: %w", err)
	}
	return string(encoded), nil
}

// NewAppURL returns the URL that a browser posts a manifest to, for an App owned by its
// user or by an organization.
func (h Host) NewAppURL(organization, state string) string {
	page := h.web.JoinPath("settings/apps/new")
	if organization != "" {
		page = h.web.JoinPath("organizations", url.PathEscape(organization), "settings/apps/new")
	}
	page.RawQuery = url.Values{"state": {state}}.Encode()
	return page.String()
}

// AppsURL returns the page that lists an owner's Apps.
func (h Host) AppsURL(organization string) string {
	if organization != "" {
		return h.web.JoinPath("organizations", url.PathEscape(organization), "settings/apps").String()
	}
	return h.webPage("settings/apps")
}
