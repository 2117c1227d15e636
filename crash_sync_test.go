package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// crash is a Neptun that is killed again and again while it reads a long list.
type crash struct {
	*testing.T
	world       *sandbox.World
	gitHub      *sandbox.Server
	database    *sql.DB // beside the program
	environment map[string]string
	client      *http.Client

	pages   atomic.Int64    // requested since the program started
	imports map[int64]int64 // their ids by repository
}

func TestASyncResumesAfterAKill(t *testing.T) {
	pages := dbtest.Size(15, 100)
	// On each engine, together three times at the least.
	kills := map[string]int{"sqlite": 2, "postgres": 1}
	if n := dbtest.Soak(); n > 0 {
		kills = map[string]int{"sqlite": n, "postgres": n}
	}
	world := sandboxtest.LargeWorld(pages * 100)
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		c := openCrash(t, world, databaseURL)
		p := spawn(t, c.environment)
		c.world.Apps.SetCallbackURLs(p.address + "/auth/github/callback")
		logIn(t, c.client, p.address, "ada")
		_, port, _ := strings.Cut(strings.TrimPrefix(p.address, "http://"), ":")
		c.environment["NEPTUN_ADDR"] = "127.0.0.1:" + port

		left := kills[t.Name()[strings.LastIndex(t.Name(), "/")+1:]]
		for most := 2 * pages / (left + 1); left > 0; left-- {
			c.waitForPages(1 + rand.Int64N(int64(most)))
			c.importSome(p.address)
			must(t, p.Process.Kill())
			_ = p.Wait() // it was killed
			done := c.donePages()
			c.gitHub.ResetRequests()
			c.pages.Store(0)
			p = spawn(t, c.environment)
			t.Logf("killed with %d pages done", len(done))
			c.waitUntil("the sync continues", func() bool { return c.pages.Load() > 0 || c.synced() })
			if left == 1 {
				c.waitUntil("the sync ends", c.synced)
			}
			for number, n := range c.pageRequests() {
				if done[number] {
					t.Errorf("page %d, stored before the kill, was requested %d times", number, n)
				}
			}
		}
		c.expectEqual()
		must(t, p.Process.Signal(os.Interrupt))
		if err := p.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	})
}

func openCrash(t *testing.T, world *sandbox.World, databaseURL string) *crash {
	t.Helper()
	c := &crash{T: t, world: world, client: browser(t), imports: map[int64]int64{}}
	front := httptest.NewUnstartedServer(nil)
	address := "http://" + front.Listener.Addr().String()
	c.gitHub = sandbox.New(world, sandbox.Config{URL: address})
	c.gitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if !strings.HasSuffix(r.URL.Path, "/repositories") {
			return nil
		}
		c.pages.Add(1)
		return &sandbox.Fault{Delay: 20 * time.Millisecond}
	})
	front.Config.Handler = c.gitHub
	front.Start()
	t.Cleanup(front.Close)

	c.database = beside(t, databaseURL, 10*time.Second)
	c.environment = map[string]string{
		"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret,
		"GITHUB_URL": address, "GITHUB_CLIENT_ID": c.gitHub.App().ClientID, "GITHUB_CLIENT_SECRET": c.gitHub.App().ClientSecret,
	}
	return c
}

// beside opens a database next to the program. On SQLite its statements wait for the
// program's for so long.
func beside(t *testing.T, databaseURL string, wait time.Duration) *sql.DB {
	t.Helper()
	driver, name := "pgx", databaseURL
	if file, isSQLite := db.SQLiteFile(databaseURL); isSQLite {
		driver, name = "sqlite", fmt.Sprintf("%s?_pragma=busy_timeout(%d)", file, wait.Milliseconds())
	}
	pool, err := sql.Open(driver, name)
	must(t, err)
	t.Cleanup(func() { _ = pool.Close() })
	return pool
}

func (c *crash) waitUntil(what string, so func() bool) {
	c.Helper()
	dbtest.Until(c.T, what, so)
}

func (c *crash) waitForPages(n int64) {
	c.Helper()
	c.waitUntil("pages are requested", func() bool { return c.pages.Load() >= n || c.synced() })
}

// pageRequests counts the requests for each page since the last kill.
func (c *crash) pageRequests() map[int]int {
	counts := map[int]int{}
	for _, request := range c.gitHub.Requests() {
		if strings.HasSuffix(request.Path, "/repositories") {
			number, _ := strconv.Atoi(request.Query.Get("page"))
			counts[number]++
		}
	}
	return counts
}

// donePages are those that were stored before the kill. It also brings forward
// the end of the dead worker's hold on the job.
func (c *crash) donePages() map[int]bool {
	c.Helper()
	ctx := context.Background()
	done := map[int]bool{}
	for _, number := range c.numbers(`SELECT page FROM sync_pages`) {
		done[int(number)] = true
	}
	_, err := c.database.ExecContext(ctx, `UPDATE jobs SET locked_until = 0`)
	must(c.T, err)
	return done
}

func (c *crash) numbers(query string) []int64 {
	c.Helper()
	rows, err := c.database.QueryContext(context.Background(), query)
	must(c.T, err)
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var number int64
		must(c.T, rows.Scan(&number))
		list = append(list, number)
	}
	must(c.T, rows.Err())
	return list
}

func (c *crash) synced() bool {
	return len(c.numbers(`SELECT id FROM sync_runs WHERE record_id IS NOT NULL AND state = 'done'`)) > 0
}

// importSome imports a few of the repositories that are there, and remembers
// the ids of the imports.
func (c *crash) importSome(address string) {
	c.Helper()
	in := "/api/users/me/installations/" + number(installations(c.T, c.client, address, 1)[0]["id"])
	answer, err := c.client.Post(address+in+"/imports", "application/json", strings.NewReader(`{"filter":{"q":"service-00","language":"Go"}}`))
	must(c.T, err)
	must(c.T, answer.Body.Close())
	maps.Copy(c.imports, c.importIDs(address, in))
}

// importIDs are the ids of the imports by repository.
func (c *crash) importIDs(address, in string) map[int64]int64 {
	c.Helper()
	var list []struct {
		ID           int64 `json:"id"`
		RepositoryID int64 `json:"repository_id"`
	}
	must(c.T, json.NewDecoder(get(c.T, c.client, address+in+"/imports").Body).Decode(&list))
	ids := map[int64]int64{}
	for _, item := range list {
		if ids[item.RepositoryID] != 0 {
			c.Errorf("repository %d is imported twice", item.RepositoryID)
		}
		if before := c.imports[item.RepositoryID]; before != 0 && before != item.ID {
			c.Errorf("the import %d of repository %d became %d", before, item.RepositoryID, item.ID)
		}
		ids[item.RepositoryID] = item.ID
	}
	return ids
}

// expectEqual compares what is stored with GitHub's list.
func (c *crash) expectEqual() {
	c.Helper()
	var there []int64
	for _, r := range c.world.Repositories.List("atlas") {
		there = append(there, r.ID)
	}
	if here := c.numbers(`SELECT a.repository_id FROM access AS a JOIN repositories AS r ON r.id = a.repository_id ORDER BY r.id`); !slices.Equal(here, there) {
		c.Errorf("%d repositories are stored, GitHub has %d", len(here), len(there))
	}
	if count := c.numbers(`SELECT repository_count FROM installation_records`); !slices.Equal(count, []int64{int64(len(there))}) {
		c.Errorf("the count is %v", count)
	}
	var imported []int64
	for _, repository := range slices.Sorted(maps.Keys(c.imports)) {
		imported = append(imported, c.imports[repository])
	}
	if stored := c.numbers(`SELECT id FROM imports WHERE hidden_at = 0 ORDER BY repository_id`); !slices.Equal(stored, imported) {
		c.Errorf("%d imports are stored, %d were made, or their ids changed", len(stored), len(imported))
	}
}
