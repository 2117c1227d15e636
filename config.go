package main

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"time"

	"neptun/db"
	"neptun/db/seal"
	"neptun/github"

	"github.com/caarlos0/env/v11"
)

// config is everything that can be set, all of it in the environment.
type config struct {
	// Addr is where to listen.
	Addr string `env:"NEPTUN_ADDR" envDefault:"127.0.0.1:8080"`
	// URL is the address that people and GitHub use. It decides redirect URLs
	// and whether cookies are Secure. Empty: http://localhost and Addr's port.
	URL string `env:"NEPTUN_URL"`
	// DatabaseURL is sqlite:FILE or postgres://….
	DatabaseURL string `env:"DATABASE_URL" envDefault:"sqlite:neptun.db"`
	// Secrets seal what must not rest in the clear: the first seals, all open.
	// Empty: a key file beside the SQLite database.
	Secrets []string `env:"NEPTUN_SECRET"`
	// Operators are GitHub ids, or logins, of those who may see and run the App
	// as a whole, besides a user who owns it.
	Operators []string `env:"NEPTUN_OPERATORS"`
	// AccessMaxAge is how long what GitHub last confirmed may be shown.
	AccessMaxAge time.Duration `env:"NEPTUN_ACCESS_MAX_AGE" envDefault:"168h"`
	// AllowAccessTokens hands out narrowed GitHub tokens to people.
	AllowAccessTokens bool `env:"NEPTUN_ALLOW_ACCESS_TOKENS"`
	// AllowPersonalTokens takes classic personal tokens from people.
	AllowPersonalTokens bool `env:"NEPTUN_ALLOW_PERSONAL_TOKENS"`
	// TrustedProxies are the peers whose X-Forwarded-* headers are believed.
	TrustedProxies []netip.Prefix `env:"NEPTUN_TRUSTED_PROXIES"`
	// RateLimit is how many requests a minute each session or script token, and
	// each address without one, may send to one instance; 0 for any number.
	RateLimit int `env:"NEPTUN_RATE_LIMIT" envDefault:"3000"`

	// GitHubURL is the GitHub that people see.
	GitHubURL string `env:"GITHUB_URL" envDefault:"https://github.com"`
	// GitHubAPIURL is where its API is. Empty: told by GitHubURL.
	GitHubAPIURL string `env:"GITHUB_API_URL"`
	// AllowInsecureGitHub takes a GitHub without TLS away from this machine.
	AllowInsecureGitHub bool `env:"NEPTUN_ALLOW_INSECURE_GITHUB"`
	// ClientID and ClientSecret are the App's. With both it is the one that the
	// environment names, whatever the set-up page made.
	ClientID     string `env:"GITHUB_CLIENT_ID"`
	ClientSecret string `env:"GITHUB_CLIENT_SECRET"`
	// PrivateKey is the App's, as PEM or base64 of it; PrivateKeyFile names a
	// file with it. Without it an installation that somebody no longer sees
	// can't be told from one that is suspended or gone.
	PrivateKey     string `env:"GITHUB_PRIVATE_KEY"`
	PrivateKeyFile string `env:"GITHUB_PRIVATE_KEY_FILE"`
	// WebhookSecrets are what GitHub may sign webhooks with: any of them counts, so
	// that one can follow another. Empty: the one of the set-up page's App.
	WebhookSecrets []string `env:"GITHUB_WEBHOOK_SECRET"`
}

// settings is a config that holds together.
type settings struct {
	config
	host    github.Host
	app     github.App
	keyring *seal.Keyring
	missing []string // environment variables without which they name no App
	demo    bool
}

// complaints are everything that is wrong with the configuration, at once.
type complaints []string

// Error implements error.
func (c complaints) Error() string { return strings.Join(c, "\n") }

func (c *complaints) add(variable string, err error) {
	*c = append(*c, variable+": "+err.Error())
}

// readConfig reads the environment. The error is complaints.
func readConfig(environment map[string]string) (settings, error) {
	var (
		s     settings
		wrong complaints
	)
	if err := env.ParseWithOptions(&s.config, env.Options{Environment: environment}); err != nil {
		for _, one := range unwrapAll(err) {
			wrong = append(wrong, one.Error())
		}
		return s, wrong
	}
	var err error
	if s.URL != "" {
		if _, err := parseURL(s.URL); err != nil {
			wrong.add("NEPTUN_URL", err)
		}
	}
	if _, _, err := net.SplitHostPort(s.Addr); err != nil {
		wrong.add("NEPTUN_ADDR", errors.New("must be host:port, such as 127.0.0.1:8080"))
	}
	if s.AccessMaxAge <= 0 {
		wrong.add("NEPTUN_ACCESS_MAX_AGE", errors.New("must be longer than nothing, such as 168h"))
	}
	if s.RateLimit < 0 {
		wrong.add("NEPTUN_RATE_LIMIT", errors.New("must be a number of requests a minute, or 0 for any number"))
	}
	if s.host, err = github.ParseHost(s.GitHubURL, s.GitHubAPIURL, s.AllowInsecureGitHub); err != nil {
		wrong.add("GITHUB_URL", err)
	}
	s.app, s.missing = s.readApp(&wrong)
	if len(s.missing) > 0 {
		s.app = github.App{} // half an App is none
	}
	for i, secret := range s.WebhookSecrets {
		if s.WebhookSecrets[i] = strings.TrimSpace(secret); s.WebhookSecrets[i] == "" {
			wrong.add("GITHUB_WEBHOOK_SECRET", errors.New("has an empty secret: anybody could sign with that"))
		}
	}
	if s.keyring, err = s.readKeyring(); err != nil {
		wrong.add("NEPTUN_SECRET", err)
	}
	if len(wrong) > 0 {
		return s, wrong
	}
	return s, nil
}

func unwrapAll(err error) []error {
	var many env.AggregateError
	if errors.As(err, &many) {
		return many.Errors
	}
	return []error{err}
}

// parseURL reads NEPTUN_URL: scheme and host, nothing more.
func parseURL(address string) (*url.URL, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" ||
		u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("must be an address such as https://neptun.example.com, without a path")
	}
	u.Path = ""
	return u, nil
}

// publicURL is the address that people use: the one set, or localhost at the
// port of the address that is listened on.
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

func (c config) readApp(wrong *complaints) (github.App, []string) {
	app := github.App{ClientID: c.ClientID, ClientSecret: c.ClientSecret}
	var missing []string
	if c.ClientID == "" {
		missing = append(missing, "GITHUB_CLIENT_ID")
	}
	if c.ClientSecret == "" {
		missing = append(missing, "GITHUB_CLIENT_SECRET")
	}
	variable, text := "GITHUB_PRIVATE_KEY", c.PrivateKey
	if text == "" && c.PrivateKeyFile != "" {
		variable = "GITHUB_PRIVATE_KEY_FILE"
		content, err := os.ReadFile(c.PrivateKeyFile)
		if err != nil {
			wrong.add(variable, errors.New("can't be read"))
			return app, missing
		}
		text = string(content)
	}
	if text != "" {
		key, err := github.ParsePrivateKey(text)
		if err != nil {
			wrong.add(variable, err)
		}
		app.PrivateKey = key
	}
	return app, missing
}

// readKeyring takes the secrets that are set or, beside a SQLite database, the
// key file that the first start makes.
func (c config) readKeyring() (*seal.Keyring, error) {
	if len(c.Secrets) > 0 {
		return seal.New(c.Secrets...)
	}
	file, ok := db.SQLiteFile(c.DatabaseURL)
	if !ok {
		return nil, fmt.Errorf("is needed with PostgreSQL: at least %d random characters, the same for every instance", seal.MinSecretLength)
	}
	secret, err := keyFile(file + ".key")
	if err != nil {
		return nil, err
	}
	return seal.New(secret)
}

func keyFile(name string) (string, error) {
	content, err := os.ReadFile(name)
	if err == nil {
		return string(content), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("the key file %s can't be read", name)
	}
	random := make([]byte, 48)
	_, _ = rand.Read(random) // never fails
	secret := base64.RawStdEncoding.EncodeToString(random)
	// O_EXCL: of two that start at once, one makes the key.
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return keyFile(name)
	}
	if err != nil {
		return "", fmt.Errorf("the key file %s can't be made: %w", name, err)
	}
	if _, err := file.WriteString(secret + "\n"); err != nil {
		return "", errors.Join(err, file.Close())
	}
	return secret, file.Close()
}
