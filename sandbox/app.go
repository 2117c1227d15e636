package sandbox

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"slices"
	"sync"
	"time"
)

// App is a GitHub App as its owner knows it, with the secrets that GitHub shows once.
type App struct {
	ID            int64
	Slug          string
	Name          string
	ClientID      string
	ClientSecret  string
	PrivateKeyPEM string // PKCS #1, the format that GitHub issues
	WebhookSecret string // "": webhooks are not signed
}

// app is a registered App with its settings.
type app struct {
	App
	publicKey     *rsa.PublicKey
	owner         *account
	bot           *account // the user that the App acts as
	url           string   // its homepage; "" is the sandbox itself
	description   string
	public        bool              // if false, only its owner can install it
	permissions   map[string]string // that it requests
	events        []string          // that it subscribes to, besides those that every App receives
	callbackURLs  []string          // the first is the default
	setupURL      string            // "": after installing, the user stays on GitHub
	setupOnUpdate bool
	hook          hookConfig
	createdAt     time.Time
	updatedAt     time.Time
}

// Apps are the GitHub Apps of a world. The exported methods refer to the one registered last.
type Apps struct {
	world            *World
	all              []*app // oldest first
	resetEndsRefresh bool
}

// hookConfig is the configuration of the App's webhook, with the names of GET /app/hook/config.
type hookConfig struct {
	url         string // "": no webhook
	contentType string
	insecureSSL string
}

// processKey is generated once for all worlds of a process: generating an RSA key takes longer than a whole test.
var processKey = sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err) // only without a source of randomness
	}
	return key
}

// appBorn is the creation time of NewWorld's App.
var appBorn = time.Date(2025, time.March, 3, 9, 12, 44, 0, time.UTC)

func newApp() *app {
	return &app{
		App: App{
			ID:       1_204_753,
			Slug:     "neptun-sandbox",
			Name:     "Neptun (sandbox)",
			ClientID: "Iv23liSandboxNeptun0",
		},
		description: "Lists and imports the repositories that its installations have access to.",
		public:      true,
		permissions: map[string]string{"metadata": "read", "members": "read"},
		events:      []string{"member", "membership", "organization", "public", "repository", "team", "team_add"},
		createdAt:   appBorn,
	}
}

// register creates the App's secrets and its bot, with an id from the accounts' sequence.
func (aps *Apps) register(a *app, key *rsa.PrivateKey) {
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	a.PrivateKeyPEM, a.publicKey = string(pem.EncodeToMemory(block)), &key.PublicKey
	a.ClientSecret, a.WebhookSecret = randomHex(20), randomHex(20)
	a.hook.contentType, a.hook.insecureSSL = "json", "0"
	a.updatedAt = a.createdAt
	a.bot = &account{User: User{Login: a.Slug + "[bot]", CreatedAt: a.createdAt}, id: 190_000_000 + a.ID, bot: true}
	aps.all = append(aps.all, a)
}

// must is the App registered last, which the methods of World refer to.
func (aps *Apps) must() *app {
	if len(aps.all) == 0 {
		panic("sandbox: no App is registered in this world")
	}
	return aps.all[len(aps.all)-1]
}

func (aps *Apps) where(is func(*app) bool) *app {
	if at := slices.IndexFunc(aps.all, is); at >= 0 {
		return aps.all[at]
	}
	return nil
}

func (aps *Apps) bySlug(slug string) *app {
	return aps.where(func(a *app) bool { return a.Slug == slug })
}

func (aps *Apps) byClientID(id string) *app {
	return aps.where(func(a *app) bool { return a.ClientID == id })
}

// SetCallbackURLs replaces the callback URLs registered for the App; the first is the default.
func (aps *Apps) SetCallbackURLs(urls ...string) {
	aps.edit(func(a *app) { a.callbackURLs = slices.Clone(urls) })
}

// SetSetupURL sets where a user is redirected after installing the App; without one they stay on GitHub.
func (aps *Apps) SetSetupURL(url string) { aps.edit(func(a *app) { a.setupURL = url }) }

// SetSetupOnUpdate sets whether a user is also redirected to the setup URL after changing an installation's repository access.
func (aps *Apps) SetSetupOnUpdate(on bool) { aps.edit(func(a *app) { a.setupOnUpdate = on }) }

// SetPublic sets whether the App can be installed on other accounts than its owner's.
func (aps *Apps) SetPublic(public bool) { aps.edit(func(a *app) { a.public = public }) }

// SetOwner transfers the App to another account.
func (aps *Apps) SetOwner(login string) {
	aps.edit(func(a *app) { a.owner = aps.world.Accounts.must(login) })
}

// SetPermissions changes the permissions that the App requests, and its events if any are given. Installations keep what they
// accepted, as far as it is still requested, until an owner accepts the rest
// (https://docs.github.com/apps/maintaining-github-apps/modifying-a-github-app-registration#changing-the-permissions-of-a-github-app).
func (aps *Apps) SetPermissions(permissions map[string]string, events ...string) {
	aps.edit(func(a *app) {
		a.permissions = maps.Clone(permissions)
		if len(events) > 0 {
			a.events = slices.Clone(events)
		}
		for _, i := range aps.world.Installations.byID {
			if i.app == a {
				i.dropPermissions()
			}
		}
	})
}

func (aps *Apps) edit(how func(*app)) {
	aps.world.mu.Lock()
	defer aps.world.mu.Unlock()
	a := aps.must()
	how(a)
	a.updatedAt = aps.world.now()
}

// installableOn reports whether the App can be installed on the account at all.
func (a *app) installableOn(on *account) bool { return a.public || on == a.owner }
