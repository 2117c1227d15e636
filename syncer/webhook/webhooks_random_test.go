package webhook_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

const (
	// seedEnv names the environment variable with the first seed. Soak tests try more seeds.
	seedEnv = "NEPTUN_TEST_SEED"

	rounds        = 20
	changesARound = 50
)

// In this test webhooks are lost, duplicated, late and out of order, while users sync and
// import.
func TestP28AThousandChangesWithUnreliableWebhooksEndInGitHubsLists(t *testing.T) {
	t.Parallel()
	number := func(env string, otherwise int) int {
		n, err := strconv.Atoi(cmp.Or(os.Getenv(env), strconv.Itoa(otherwise)))
		handlerstest.Must(t, err)
		return n
	}
	first, seeds := number(seedEnv, 1), max(1, dbtest.Soak())
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		first := first
		open := func(t *testing.T) string { return databaseURL }
		if strings.HasPrefix(databaseURL, "postgres:") {
			first += 1000 // each engine has seeds of its own
			open = func(t *testing.T) string { return dbtest.Postgres(t) }
		} else if seeds > 1 {
			open = func(t *testing.T) string { return dbtest.SQLite(t) }
		}
		for seed := first; seed < first+seeds; seed++ {
			t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
				k := openMutated(t, open(t), uint64(seed))
				for range rounds {
					k.round()
				}
				k.catchUp()
				k.reconcile()
				k.expectGitHubsLists()
			})
		}
	})
}

// mutated is a stage whose world changes at random.
type mutated struct {
	*handlerstest.Stage
	mutator *sandboxtest.Mutator
	rng     *rand.Rand
	policy  func(sandbox.Delivery) sandbox.DeliveryOutcome
	people  []*observer
	settled int // how many webhooks are known to be settled
	rounds  int
	history []string
}

// observer is a user who signed in, with the ids of their imports.
type observer struct {
	*handlerstest.Visitor
	id      string
	gitHub  int64
	imports map[int64]int64 // by repository
}

// openMutated returns the stage for a seed. With every second seed, installations change
// too.
func openMutated(t *testing.T, databaseURL string, seed uint64) *mutated {
	t.Helper()
	w := sandboxtest.LargeWorld(110)
	for _, login := range []string{"bob", "cleo"} {
		w.Accounts.AddUser(sandbox.User{Login: login})
	}
	w.Accounts.AddMember("atlas", "bob", sandbox.RoleMember)
	w.Accounts.AddOrganization(sandbox.Organization{Login: "else"})
	w.Accounts.AddMember("else", "bob", sandbox.RoleAdmin)
	w.Accounts.AddMember("else", "cleo", sandbox.RoleMember)
	one := w.Repositories.Add("else", sandbox.Repository{Name: "one", Private: true})
	two := w.Repositories.Add("else", sandbox.Repository{Name: "two"})
	w.Repositories.Add("else", sandbox.Repository{Name: "three", Private: true})
	w.Installations.Install("else", sandbox.SelectSome, one.ID, two.ID)
	w.Repositories.Add("cleo", sandbox.Repository{Name: "own"})
	w.Installations.Install("cleo", sandbox.SelectAll)
	w.Accounts.AddOrganization(sandbox.Organization{Login: "bare"})
	w.Accounts.AddMember("bare", "ada", sandbox.RoleAdmin)
	w.Repositories.Add("bare", sandbox.Repository{Name: "apart", Private: true})
	s, _ := handlerstest.Listening(t, w, databaseURL)
	k := &mutated{Stage: s, mutator: sandboxtest.NewMutator(w, seed), rng: rand.New(rand.NewPCG(seed, 28))}
	k.mutator.Installations = seed%2 == 0
	k.policy = sandboxtest.RandomDeliveryPolicy(rand.New(rand.NewPCG(seed, 27)))
	for _, login := range []string{"ada", "bob", "cleo"} {
		k.join(login)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log("what happened on GitHub:\n" + strings.Join(k.history, "\n"))
		}
	})
	return k
}

func (k *mutated) join(login string) {
	k.T.Helper()
	v := k.LogIn(login)
	k.people = append(k.people, &observer{v, v.Me(), k.World.Accounts.IDOf(login), map[int64]int64{}})
}

// round makes fifty changes, and then a removal, whose webhook is applied immediately.
func (k *mutated) round() {
	k.T.Helper()
	k.rounds++
	k.GitHub.SetDeliveryPolicy(k.policy)
	for n := range changesARound - 1 {
		k.history = append(k.history, k.mutator.Change())
		if n%20 == 10 {
			k.someoneActs()
		}
	}
	if k.rounds == rounds/2 {
		k.newcomers()
	}
	k.GitHub.SetDeliveryPolicy(nil)
	k.settleWebhooks()
	k.revokeAccess()
	k.Clock.Advance(time.Minute)
}

// someoneActs makes a random user sync, or import a few repositories.
func (k *mutated) someoneActs() {
	k.T.Helper()
	who := k.people[k.rng.IntN(len(k.people))]
	if k.rng.IntN(3) == 0 {
		who.Post("/installations/sync", nil).Status(http.StatusSeeOther)
		return
	}
	for _, in := range k.installationsOf(who) {
		if in.Suspended() || k.rng.IntN(2) == 0 {
			continue
		}
		list := k.availableTo(in)
		if len(list) == 0 {
			continue
		}
		var ids []int64
		for range 3 {
			ids = append(ids, list[k.rng.IntN(len(list))].ID)
		}
		slices.Sort(ids)
		results, _, err := k.DB.ImportRepositories(k.T.Context(), in, slices.Compact(ids))
		if errors.Is(err, db.ErrSuspended) {
			continue // changed since the list was read
		}
		handlerstest.Must(k.T, err)
		for _, result := range results {
			if before := who.imports[result.RepositoryID]; before != 0 && result.ImportID != 0 && before != result.ImportID {
				k.T.Errorf("the import %d of repository %d became %d", before, result.RepositoryID, result.ImportID)
			}
			if result.ImportID != 0 {
				who.imports[result.RepositoryID] = result.ImportID
			}
		}
	}
}

// newcomers signs in the users who joined GitHub since.
func (k *mutated) newcomers() {
	k.T.Helper()
	for _, login := range k.World.Accounts.Users() {
		if !slices.ContainsFunc(k.people, func(who *observer) bool { return who.gitHub == k.World.Accounts.IDOf(login) }) {
			k.join(login)
		}
	}
}

// settleWebhooks waits until every webhook that arrived is applied.
func (k *mutated) settleWebhooks() {
	k.T.Helper()
	ctx, cancel := context.WithTimeout(k.T.Context(), dbtest.Timeout)
	defer cancel()
	handlerstest.Must(k.T, k.GitHub.WaitForDeliveries(ctx))
	all := k.GitHub.Deliveries()
	for _, d := range all[k.settled:] {
		k.Soon(func() bool {
			stored, err := k.DB.FindDelivery(ctx, d.GUID)
			if err == nil && stored.Outcome == db.DeliveryPending {
				k.Clock.Advance(time.Second) // a failed one is retried after a delay
				return false
			}
			return true
		}, func() string { return "the delivery " + d.GUID + " is never applied" })
	}
	k.settled = len(all)
}
