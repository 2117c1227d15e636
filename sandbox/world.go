package sandbox

import (
	"strings"
	"sync"
	"time"
)

// World is the state of this GitHub, in one part for each kind of object. The methods of its parts are safe for concurrent
// use, and panic if an account, repository, installation or App doesn't exist, since that is a mistake in the test.
type World struct {
	Apps                 *Apps
	Accounts             *Accounts
	Teams                *Teams
	Repositories         *Repositories
	Installations        *Installations
	InstallationRequests *InstallationRequests
	ContentAttachments   *ContentAttachments

	webhooks *webhooks
	mu       sync.RWMutex // of all parts
	now      func() time.Time
}

// NewWorld returns a world that has only the App and the organization that owns it.
func NewWorld() *World {
	w := NewWorldWithoutApp()
	a := newApp()
	a.owner = w.Accounts.add(&account{
		User:         User{Login: "neptun-makers", Name: "The makers of Neptun", CreatedAt: a.createdAt},
		organization: true,
		roles:        map[int64]Role{},
	})
	w.Apps.register(a, processKey())
	return w
}

// NewWorldWithoutApp returns an empty world: the App is registered later, from a manifest. Ids have the magnitude of
// GitHub's current ones: those of repositories no longer fit in 32 bits.
func NewWorldWithoutApp() *World {
	w := &World{now: time.Now}
	w.webhooks = &webhooks{world: w}
	w.Apps = &Apps{world: w}
	w.Accounts = &Accounts{world: w, byLogin: map[string]*account{}, personalTokens: map[string]*personalToken{}, lastID: 18_402_311}
	w.Teams = &Teams{world: w, byID: map[int64]*team{}, lastID: 9_204_118}
	w.Repositories = &Repositories{
		world: w, byID: map[int64]*repository{}, byName: map[string]*repository{}, formerNames: map[string]int64{}, lastID: 3_141_592_601,
	}
	w.Installations = &Installations{world: w, byID: map[int64]*installation{}, tokens: map[string]*installationToken{}, lastID: 51_730_002}
	w.InstallationRequests = &InstallationRequests{world: w, lastID: 25_381}
	w.ContentAttachments = &ContentAttachments{world: w, references: map[int64]contentReference{}, lastReference: 1_347, lastID: 101}
	return w
}

// fold returns the lookup key of a name: GitHub ignores the case of logins and repository names.
func fold(parts ...string) string { return strings.ToLower(strings.Join(parts, "/")) }
