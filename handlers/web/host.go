package web

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/idna"
)

// redirectedCookie marks a browser that was redirected to the server's own host. It is only
// sent to the host that set it, so if it comes back, the redirect led back here.
const redirectedCookie = "neptun-redirected"

// ownHost redirects requests for a page under another host name to NEPTUN_URL, where GitHub's
// callback arrives: a cookie that is set for one host isn't sent to the other.
func (s Site) ownHost(next echo.HandlerFunc) echo.HandlerFunc {
	own := canonicalHost(s.URL.Host, s.URL.Scheme)
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodGet || !isPage(r.URL.Path) {
			return next(c)
		}
		host := s.host(r)
		if canonicalHost(host, s.URL.Scheme) == own {
			return next(c)
		}
		if _, err := r.Cookie(redirectedCookie); err == nil {
			return &Error{Status: http.StatusMisdirectedRequest, Message: "This request arrived for the host " + printableHost(host) + ", but this server's URL is " + s.URL.String() +
				". If there is a reverse proxy, make it pass on the Host header, or send X-Forwarded-Host and list the proxy in NEPTUN_TRUSTED_PROXIES. " +
				"If people use another URL, set NEPTUN_URL to it"}
		}
		http.SetCookie(c.Response(), &http.Cookie{Name: redirectedCookie, Value: "1", Path: "/", MaxAge: 5, HttpOnly: true, SameSite: http.SameSiteLaxMode})
		return c.Redirect(http.StatusTemporaryRedirect, s.URL.JoinPath("/").String()+strings.TrimPrefix(r.URL.RequestURI(), "/"))
	}
}

// host is the host that the browser requested, as far as it can be trusted. With several
// proxies, the first one knows it.
func (s Site) host(r *http.Request) string {
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" && s.fromTrustedProxy(r) {
		first, _, _ := strings.Cut(forwarded, ",")
		return strings.TrimSpace(first)
	}
	return r.Host
}

// canonicalHost normalizes a host the way browsers do: without the scheme's default port, in
// lower-case ASCII, IP addresses in their shortest form.
func canonicalHost(host, scheme string) string {
	name, port := (&url.URL{Host: host}).Hostname(), (&url.URL{Host: host}).Port()
	if address, err := netip.ParseAddr(name); err == nil {
		name = address.String()
	} else if ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(name, ".")); err == nil {
		name = ascii
	}
	name = strings.ToLower(name)
	if port == map[string]string{"https": "443", "http": "80"}[scheme] {
		port = ""
	}
	return net.JoinHostPort(name, port)
}

// printableHost makes a host safe to show in an error, since it comes from the client.
func printableHost(host string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_[]", r) {
			return r
		}
		return '?'
	}, host)
}
