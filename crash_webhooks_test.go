package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// The program is killed while it applies webhooks, misses others while it is dead, and is
// killed again while it fetches those: after a restart each is applied, and the stored list
// equals GitHub's without a sync.
func TestP27NoWebhookIsLostByAKill(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		t.Parallel()
		c := openCrash(t, sandboxtest.LargeWorld(150), databaseURL)
		c.environment["GITHUB_PRIVATE_KEY"] = strings.ReplaceAll(c.gitHub.App().PrivateKeyPEM, "\n", `\n`)
		c.environment["GITHUB_WEBHOOK_SECRET"] = "a secret of webhooks"
		c.world.Apps.SetWebhookSecret("a secret of webhooks")
		t.Cleanup(c.gitHub.Close)
		p := spawn(t, c.environment)
		c.world.Apps.SetCallbackURLs(p.address + "/auth/github/callback")
		logIn(t, c.client, p.address, "ada")
		_, port, _ := strings.Cut(strings.TrimPrefix(p.address, "http://"), ":")
		c.environment["NEPTUN_ADDR"] = "127.0.0.1:" + port
		c.waitUntil("the first sync ends", c.synced)
		c.importSome(p.address)
		c.world.Apps.SetHookURL(p.address + "/webhooks/github")

		var listed, tokens, fetched atomic.Int64
		c.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
			switch {
			case strings.Contains(r.URL.Path, "/user/installations/"):
				listed.Add(1)
			case strings.Contains(r.URL.Path, "/hook/deliveries/"):
				fetched.Add(1)
			default:
				tokens.Add(1)
			}
			return &sandbox.Fault{Delay: 5 * time.Millisecond}
		})
		killed := func() {
			must(t, p.Process.Kill())
			_ = p.Wait() // it was killed
			_, err := c.database.ExecContext(t.Context(), `UPDATE jobs SET locked_until = 0`)
			must(t, err)
		}
		c.change(1)
		c.waitUntil("webhooks are applied", func() bool { return tokens.Load() > 3 })
		killed()
		c.change(2)
		c.settle()
		p = spawn(t, c.environment)
		c.waitUntil("missed deliveries are fetched", func() bool { return fetched.Load() > 3 })
		killed()
		p = spawn(t, c.environment)
		c.waitUntil("every webhook is applied and the lists are equal", func() bool {
			return c.applied() && slices.Equal(c.stored(), c.there())
		})
		if n := listed.Load(); n != 0 {
			t.Errorf("the list was read %d times", n)
		}
		in := "/api/users/me/installations/" + number(installations(t, c.client, p.address, 1)[0]["id"])
		if n := len(c.importIDs(p.address, in)); n == 0 || n != len(c.imports) {
			t.Errorf("%d of %d imports are left", n, len(c.imports))
		}
		must(t, p.Process.Signal(os.Interrupt))
		if err := p.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	})
}

// change renames, adds and deletes a few repositories, none that was imported.
func (c *crash) change(round int) {
	all := slices.DeleteFunc(c.world.Repositories.List("atlas"), func(r sandbox.Repository) bool { return c.imports[r.ID] != 0 })
	for n := range 4 {
		c.world.Repositories.Rename(all[n].ID, fmt.Sprintf("renamed-%d-%d", round, n))
		c.world.Repositories.Add("atlas", sandbox.Repository{Name: fmt.Sprintf("added-%d-%d", round, n), Private: true})
	}
	for n := range 4 {
		c.world.Repositories.Delete(all[20+n].ID)
	}
}

// settle waits until GitHub has tried to deliver everything.
func (c *crash) settle() {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.Context(), dbtest.Timeout)
	defer cancel()
	must(c.T, c.gitHub.WaitForDeliveries(ctx))
}

// applied reports whether all that GitHub sent is recorded and applied.
func (c *crash) applied() bool {
	c.Helper()
	guids := map[string]bool{}
	for _, d := range c.gitHub.Deliveries() {
		guids[d.GUID] = true
	}
	return int64(len(guids)) == c.numbers(fmt.Sprintf(`SELECT count(*) FROM deliveries WHERE outcome = '%s'`, db.DeliveryApplied))[0]
}

// stored and there are the repositories that ada sees here and on GitHub.
func (c *crash) stored() []string {
	c.Helper()
	rows, err := c.database.QueryContext(c.Context(), `SELECT r.id, r.name FROM access AS a JOIN repositories AS r ON r.id = a.repository_id ORDER BY r.id`)
	must(c.T, err)
	defer rows.Close()
	var list []string
	for rows.Next() {
		var (
			id   int64
			name string
		)
		must(c.T, rows.Scan(&id, &name))
		list = append(list, fmt.Sprint(id, name))
	}
	must(c.T, rows.Err())
	return list
}

func (c *crash) there() (list []string) {
	for _, r := range c.world.Repositories.List("atlas") {
		list = append(list, fmt.Sprint(r.ID, r.Name))
	}
	return list
}
