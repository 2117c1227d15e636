package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"neptun/db"
	"neptun/db/seal"
	"neptun/github"
)

// config has all settings. They come from the environment.
type config struct {
	// Addr is where to listen.
	Addr string `env:"NEPTUN_ADDR" envDefault:"127.0.0.1:8080"`
	// URL is the address that users and GitHub use. It determines redirect URLs and whether
	// cookies are Secure. Default: http://localhost and Addr's port.
	URL string `env:"NEPTUN_URL"`
	// DatabaseURL is sqlite:FILE or postgres://….
	DatabaseURL string `env:"DATABASE_URL" envDefault:"sqlite:neptun.db"`
	// DatabaseConnections is the size of the connection pool; 0 for the engine's default.
	DatabaseConnections int `env:"NEPTUN_DATABASE_CONNECTIONS"`
	// Secrets encrypt stored secrets: the first one seals, any of them opens. Default: a key file beside
	// the SQLite database.
	Secrets []string `env:"NEPTUN_SECRET"`
	// Operators are the GitHub ids, or logins, of users with operator rights, besides
	// a user who owns the App.
	Operators []string `env:"NEPTUN_OPERATORS"`
	// AccessMaxAge is how long a user's lists may be shown after GitHub last confirmed access.
	AccessMaxAge time.Duration `env:"NEPTUN_ACCESS_MAX_AGE" envDefault:"168h"`
	// SessionIdle is how long a session lasts without being used.
	SessionIdle time.Duration `env:"NEPTUN_SESSION_IDLE" envDefault:"336h"`
	// AuditDays is how long entries of the audit log are kept; 0 for no limit.
	AuditDays int `env:"NEPTUN_AUDIT_DAYS" envDefault:"365"`
	// HSTSSubdomains has browsers use https for the subdomains of URL, too.
	HSTSSubdomains bool `env:"NEPTUN_HSTS_SUBDOMAINS"`
	// AllowAccessTokens lets users generate narrowed GitHub tokens.
	AllowAccessTokens bool `env:"NEPTUN_ALLOW_ACCESS_TOKENS"`
	// AllowAppTokens lets operators generate installation tokens of any installation.
	AllowAppTokens bool `env:"NEPTUN_ALLOW_APP_TOKENS"`
	// AllowPersonalTokens accepts users' classic personal access tokens.
	AllowPersonalTokens bool `env:"NEPTUN_ALLOW_PERSONAL_TOKENS"`
	// TrustedProxies are the peers whose X-Forwarded-* headers are used.
	TrustedProxies []netip.Prefix `env:"NEPTUN_TRUSTED_PROXIES"`
	// RateLimit is how many requests a minute each session or API token, and
	// each address without one, may send to one instance; 0 for no limit.
	RateLimit int `env:"NEPTUN_RATE_LIMIT" envDefault:"3000"`
	// MaxStreams is the maximum number of event streams of one instance.
	MaxStreams int `env:"NEPTUN_MAX_STREAMS" envDefault:"5000"`
	// MetricsAddr is where metrics and profiles are served. Empty: nowhere.
	MetricsAddr string `env:"NEPTUN_METRICS_ADDR"`
	// LogFormat is text or json.
	LogFormat string `env:"NEPTUN_LOG_FORMAT" envDefault:"text"`
	// LogLevel is the lowest level that is logged.
	LogLevel slog.Level `env:"NEPTUN_LOG_LEVEL" envDefault:"info"`

	// GitHubURL is the URL of GitHub's website.
	GitHubURL string `env:"GITHUB_URL" envDefault:"https://github.com"`
	// GitHubAPIURL is the address of its API. Empty: derived from GitHubURL.
	GitHubAPIURL string `env:"GITHUB_API_URL"`
	// AllowInsecureGitHub accepts a GitHub without TLS away from this machine.
	AllowInsecureGitHub bool `env:"NEPTUN_ALLOW_INSECURE_GITHUB"`
	// ClientID and ClientSecret are the App's, which then comes from the
	// environment rather than from the setup page.
	ClientID     string `env:"GITHUB_CLIENT_ID"`
	ClientSecret string `env:"GITHUB_CLIENT_SECRET"`
	// PrivateKey is the App's private key, as PEM or base64; PrivateKeyFile names a file with
	// it. Without it Neptun can't distinguish an installation that a user lost access to from
	// one that is suspended or deleted.
	PrivateKey     string `env:"GITHUB_PRIVATE_KEY"`
	PrivateKeyFile string `env:"GITHUB_PRIVATE_KEY_FILE"`
	// WebhookSecrets are the secrets that GitHub may sign webhooks with: any of
	// them is accepted. Empty: that of the setup page's App.
	WebhookSecrets []string `env:"GITHUB_WEBHOOK_SECRET"`
}

// settings is a validated config.
type settings struct {
	config
	host    github.Host
	app     github.App // empty where the setup page's App counts
	keyring *seal.Keyring
	// newKeyFile is the key file that was created for this start, if one was.
	newKeyFile string
	// warnings are about problems that don't prevent a start.
	warnings []string
	demo     bool
}

// configErrors are all errors in the configuration, one per line.
type configErrors []string

// Error implements error.
func (c configErrors) Error() string { return strings.Join(c, "\n") }

// add adds an error about a variable, unless there is one already.
func (c *configErrors) add(variable, format string, args ...any) {
	if slices.ContainsFunc(*c, func(known string) bool { return strings.HasPrefix(known, variable+" ") }) {
		return
	}
	*c = append(*c, variable+" "+fmt.Sprintf(format, args...))
}

// readConfig reads the environment. The error is configErrors.
func readConfig(environment map[string]string) (settings, error) {
	var (
		s    settings
		errs configErrors
		err  error
	)
	environment = clean(environment)
	s.warnings = unknownVariables(environment)
	errs = parse(&s.config, environment)
	if s.URL != "" {
		if _, err := parseURL(s.URL); err != nil {
			errs.add("NEPTUN_URL", "%v", err)
		}
	}
	if !isListenAddress(s.Addr) {
		errs.add("NEPTUN_ADDR", "must be host:port, such as 127.0.0.1:8080")
	}
	if s.MetricsAddr != "" && (!isListenAddress(s.MetricsAddr) || s.MetricsAddr == s.Addr) {
		errs.add("NEPTUN_METRICS_ADDR", "must be host:port, another one than NEPTUN_ADDR, such as 127.0.0.1:9090")
	}
	for _, name := range s.Operators {
		if !db.IsOperatorName(name) {
			errs.add("NEPTUN_OPERATORS", "must be a comma-separated list of GitHub ids and logins, such as octocat, 583231")
			break
		}
	}
	if err := db.CheckURL(s.DatabaseURL); err != nil {
		errs.add("DATABASE_URL", "%v", err)
	}
	s.checkNumbers(&errs)
	if s.host, err = github.ParseHost(s.GitHubURL, s.GitHubAPIURL, s.AllowInsecureGitHub); err != nil {
		errs = append(errs, err.Error())
	}
	s.readApp(&errs)
	if len(errs) == 0 {
		// Only now: a key file must not be created for a start that fails.
		s.readKeyring(&errs)
	} else if len(s.Secrets) > 0 {
		s.openSecrets(&errs)
	}
	if len(errs) > 0 {
		return s, errs
	}
	return s, nil
}

// isListenAddress reports whether an address has a host, if only an empty one, and a port.
func isListenAddress(address string) bool {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	_, err = net.DefaultResolver.LookupPort(context.Background(), "tcp", port)
	return err == nil
}

func (c config) checkNumbers(errs *configErrors) {
	if c.AccessMaxAge < time.Minute {
		errs.add("NEPTUN_ACCESS_MAX_AGE", "must be a minute or longer, such as 168h or 7d")
	}
	if c.SessionIdle < 5*time.Minute {
		errs.add("NEPTUN_SESSION_IDLE", "must be five minutes or longer, such as 336h or 14d")
	}
	if c.AuditDays < 0 || c.AuditDays > maxDays {
		errs.add("NEPTUN_AUDIT_DAYS", "must be a number of days up to %d, or 0 to keep the audit log", maxDays)
	}
	if c.RateLimit < 0 {
		errs.add("NEPTUN_RATE_LIMIT", "must be a number of requests a minute, or 0 for no limit")
	}
	if c.MaxStreams < 1 {
		errs.add("NEPTUN_MAX_STREAMS", "must be 1 or more")
	}
	if n := c.DatabaseConnections; n != 0 && n < db.MinConnections {
		errs.add("NEPTUN_DATABASE_CONNECTIONS", "must be %d or more", db.MinConnections)
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		errs.add("NEPTUN_LOG_FORMAT", "must be text or json")
	}
}

// parseURL parses NEPTUN_URL, which must only have a scheme and a host. The error doesn't
// contain the URL, which may have a password.
func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" ||
		u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("must be an address such as https://neptun.example.com, without a path")
	}
	u.Path = ""
	return u, nil
}

// publicURL returns the address that users open: the configured one, or localhost with the
// port of the listener.
func (s settings) publicURL(listening string) (*url.URL, error) {
	if s.URL != "" {
		return parseURL(s.URL)
	}
	_, port, err := net.SplitHostPort(listening)
	if err != nil {
		return nil, err
	}
	return &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", port)}, nil
}

// addressWarnings warns of URLs for which signing in can't work.
func (s settings) addressWarnings(listening string) []string {
	host, port, err := net.SplitHostPort(listening)
	if err != nil {
		return nil
	}
	ip, err := netip.ParseAddr(host)
	local := err == nil && ip.IsLoopback()
	switch {
	case s.URL == "" && !local:
		return []string{"Neptun listens beyond this machine, but NEPTUN_URL isn't set: browsers elsewhere are redirected to localhost:" + port +
			". Set NEPTUN_URL to the address people open, such as https://neptun.example.com"}
	case s.URL == "" && s.Addr != defaultAddr:
		return []string{"Browsers share the cookies of localhost between all ports: another Neptun on this machine and this one sign people out of each other. " +
			"Give each a host of its own in NEPTUN_URL, such as localhost for one and 127.0.0.1 for the other"}
	}
	return nil
}
