package github

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"

	"neptun/db"
)

// Host is a GitHub: github.com, an Enterprise Server, or a NAME.ghe.com. All its URLs
// are derived here.
type Host struct {
	web *url.URL // no path
	api *url.URL // the path ends in a slash
}

const (
	dotCom = "github.com"
	// gheCom is the domain of enterprises with data residency
	// (https://docs.github.com/enterprise-cloud@latest/admin/data-residency).
	gheCom = ".ghe.com"
	// serverAPI is the path of the API on an Enterprise Server
	// (https://docs.github.com/enterprise-server@3.19/rest/using-the-rest-api/getting-started-with-the-rest-api).
	serverAPI = "/api/v3"
)

// ParseHost parses the URL of the website and that of the API, which is derived if it
// is empty. http is only accepted for a GitHub on this machine, unless allowInsecure
// is set. The error starts with the variable's name and doesn't repeat a URL that
// can't be parsed, which may contain a password.
func ParseHost(gitHubURL, apiURL string, allowInsecure bool) (Host, error) {
	web, err := parseAddress(gitHubURL, allowInsecure)
	if err != nil {
		return Host{}, fmt.Errorf("GITHUB_URL %w", err)
	}
	if web.Host == "api."+dotCom || strings.HasPrefix(web.Host, "api.") && strings.HasSuffix(web.Host, gheCom) {
		return Host{}, fmt.Errorf("GITHUB_URL is the address of GitHub's API, %s: set the address of the website, https://%s", web, strings.TrimPrefix(web.Host, "api."))
	}
	web.Path = ""

	api := defaultAPI(web)
	if apiURL != "" {
		if api, err = parseAddress(apiURL, allowInsecure); err != nil {
			return Host{}, fmt.Errorf("GITHUB_API_URL %w", err)
		}
	}
	api.Path += "/"
	return Host{web: web, api: api}, nil
}

// parseAddress parses a URL without a path, or with the API's.
func parseAddress(text string, allowInsecure bool) (*url.URL, error) {
	address, err := url.Parse(strings.TrimSpace(text))
	if err != nil || address.Host == "" || address.Scheme != "https" && address.Scheme != "http" {
		return nil, errors.New("must be an address such as https://github.com")
	}
	if address.User != nil || address.RawQuery != "" || address.Fragment != "" {
		return nil, errors.New("must be without user, query and fragment")
	}
	path := strings.TrimRight(address.Path, "/")
	if path != "" && path != serverAPI {
		return nil, fmt.Errorf("has the path %s: remove it", path)
	}
	if address.Scheme == "http" && !allowInsecure && !loopback(address.Hostname()) {
		return nil, errors.New("would send tokens unencrypted: use https, or set NEPTUN_ALLOW_INSECURE_GITHUB=true")
	}
	host := strings.ToLower(address.Host)
	if defaultPort := map[string]string{"https": "443", "http": "80"}[address.Scheme]; address.Port() == defaultPort {
		host = strings.TrimSuffix(host, ":"+defaultPort)
	}
	return &url.URL{Scheme: address.Scheme, Host: strings.TrimSuffix(host, ":"), Path: path}, nil
}

func loopback(host string) bool {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.IsLoopback()
	}
	return strings.EqualFold(host, "localhost")
}

func defaultAPI(web *url.URL) *url.URL {
	switch {
	case web.Host == dotCom || strings.HasSuffix(web.Host, gheCom):
		return &url.URL{Scheme: web.Scheme, Host: "api." + web.Host}
	}
	return &url.URL{Scheme: web.Scheme, Host: web.Host, Path: serverAPI}
}

// previewPath is the prefix of the API's paths on an Enterprise Server.
func (h Host) previewPath() string {
	if h.api == nil || h.api.Path != serverAPI+"/" {
		return ""
	}
	return h.api.Path
}

// WebURL is the URL of the website, without a trailing slash.
func (h Host) WebURL() string { return h.web.String() }

// APIURL is the URL of the API, without a trailing slash.
func (h Host) APIURL() string { return strings.TrimSuffix(h.api.String(), "/") }

// AvatarOrigins are the origins that this GitHub serves avatars from, for the
// Content-Security-Policy. An Enterprise Server with subdomain isolation uses
// subdomains
// (https://docs.github.com/enterprise-server@3.19/admin/configuring-settings/hardening-security-for-your-enterprise/enabling-subdomain-isolation).
func (h Host) AvatarOrigins() []string {
	if h.web.Host == dotCom {
		return []string{"https://avatars.githubusercontent.com"}
	}
	origins := []string{h.WebURL()}
	if _, err := netip.ParseAddr(h.web.Hostname()); err == nil || !strings.Contains(h.web.Hostname(), ".") {
		return origins // IP addresses have no subdomains
	}
	for _, subdomain := range []string{"avatars.", "media."} {
		origins = append(origins, (&url.URL{Scheme: h.web.Scheme, Host: subdomain + h.web.Host}).String())
	}
	return origins
}

// webPage is the URL of a page of this GitHub.
func (h Host) webPage(path string) string { return h.web.JoinPath(path).String() }

// AppSettingsURL is the page on which an app's owner edits it, empty if the owner or
// slug is unknown.
func (h Host) AppSettingsURL(owner db.Account, slug string) string {
	if owner.Kind == "" || slug == "" {
		return ""
	}
	switch owner.Kind {
	case db.KindOrganization:
		return h.webPage("organizations/" + url.PathEscape(owner.Login) + "/settings/apps/" + url.PathEscape(slug))
	case db.KindEnterprise:
		return h.webPage("enterprises/" + url.PathEscape(owner.Login) + "/settings/apps/" + url.PathEscape(slug))
	}
	return h.webPage("settings/apps/" + url.PathEscape(slug))
}
