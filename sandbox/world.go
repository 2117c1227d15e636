package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// World is everything that is true on this GitHub. Its methods are safe for concurrent use.
type World struct {
	mu            sync.RWMutex
	now           func() time.Time
	apps          []*app              // by age
	accounts      map[string]*account // by folded login
	repositories  map[int64]*repository
	names         map[string]*repository // by folded owner/name
	formerNames   map[string]int64       // folded owner/name to the id that moved on
	installations map[int64]*installation
	teams         map[int64]*team
	ids           ids

	installationTokens     map[string]*installationToken
	personalTokens         map[string]*personalToken
	resetEndsRefresh       bool
	requests               []*installRequest          // oldest first
	server                 *Server                    // renders and sends the webhooks; nil before there is one
	attachments            int                        // the status of content attachments; 0: not found
	references             map[int64]contentReference // by id
	omitsRepositoryDeleted bool                       // Apps get no webhook for deleted repositories
}

// ids hands out identifiers of the magnitude that GitHub's have today: repository ids no longer fit in 32 bits.
type ids struct{ account, repository, installation, request, reference, attachment, team int64 }

func (i *ids) nextAccount() int64      { i.account += 37; return i.account }
func (i *ids) nextRepository() int64   { i.repository += 101; return i.repository }
func (i *ids) nextInstallation() int64 { i.installation += 59; return i.installation }

// NewWorld returns a world with nothing in it but the App and the organization that owns it.
func NewWorld() *World {
	w := NewWorldWithoutApp()
	a := newApp()
	a.owner = w.addAccount(&account{
		User:         User{Login: "neptun-makers", Name: "The makers of Neptun", CreatedAt: a.createdAt},
		organization: true,
		roles:        map[int64]Role{},
	})
	w.register(a, processKey())
	return w
}

// NewWorldWithoutApp is a world with nothing in it: the App is yet to be registered, from a manifest.
func NewWorldWithoutApp() *World {
	return &World{
		now:           time.Now,
		accounts:      map[string]*account{},
		repositories:  map[int64]*repository{},
		names:         map[string]*repository{},
		formerNames:   map[string]int64{},
		installations: map[int64]*installation{},
		teams:         map[int64]*team{},

		installationTokens: map[string]*installationToken{},
		personalTokens:     map[string]*personalToken{},
		references:         map[int64]contentReference{},

		ids: ids{account: 18_402_311, repository: 3_141_592_601, installation: 51_730_002},
	}
}

// fold makes the key under which a name is found: GitHub ignores the case of logins and repository names.
func fold(parts ...string) string { return strings.ToLower(strings.Join(parts, "/")) }

func (w *World) mustAccount(login string) *account {
	a := w.accounts[fold(login)]
	if a == nil {
		panic(fmt.Sprintf("sandbox: no account %q", login))
	}
	return a
}

func (w *World) mustRepository(id int64) *repository {
	r := w.repositories[id]
	if r == nil {
		panic(fmt.Sprintf("sandbox: no repository %d", id))
	}
	return r
}

func (w *World) mustInstallation(id int64) *installation {
	i := w.installations[id]
	if i == nil {
		panic(fmt.Sprintf("sandbox: no installation %d", id))
	}
	return i
}

// users lists the users, oldest first.
func (w *World) users() []*account {
	return w.accountsWhere(func(a *account) bool { return !a.organization })
}

func (w *World) accountsWhere(keep func(*account) bool) []*account {
	var found []*account
	for _, a := range w.accounts {
		if keep(a) {
			found = append(found, a)
		}
	}
	slices.SortFunc(found, func(a, b *account) int { return cmp.Compare(a.id, b.id) })
	return found
}

// accountByID is the account with GitHub's id, or nil.
func (w *World) accountByID(id int64) *account {
	for _, a := range w.accounts {
		if a.id == id {
			return a
		}
	}
	return nil
}
