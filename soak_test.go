package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"

	"golang.org/x/sync/errgroup"
)

// soonEnough is the limit for pages (p99) and health checks in a soak.
const soonEnough = 100 * time.Millisecond

// crowded is a Neptun with many users who signed in.
type crowded struct {
	*crash
	p       *process
	clients []*http.Client
}

// O1, O3, O15: many users sign in at once, GitHub sends a burst of webhooks while pages are
// read, and thousands of pages stay open. `task soak` runs it at full size.
func TestO15ManyUsersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		users, repositories := dbtest.Size(12, 2000), dbtest.Size(30, 200)
		world := sandboxtest.LargeWorld(repositories)
		for i := range users {
			login := fmt.Sprint("user", i)
			world.Accounts.AddUser(sandbox.User{Login: login})
			world.Accounts.AddMember("atlas", login, sandbox.RoleMember)
		}
		c := &crowded{crash: openCrash(t, world, databaseURL)}
		c.gitHub.Fault(nil)
		for name, value := range map[string]string{
			"GITHUB_PRIVATE_KEY": strings.ReplaceAll(c.gitHub.App().PrivateKeyPEM, "\n", `\n`), "GITHUB_WEBHOOK_SECRET": testSecret,
			"NEPTUN_RATE_LIMIT": "0", "NEPTUN_MAX_STREAMS": "20000", "NEPTUN_TRUSTED_PROXIES": "127.0.0.1",
		} {
			c.environment[name] = value
		}
		c.p = spawn(t, c.environment)
		c.world.Apps.SetCallbackURLs(c.p.address + "/auth/github/callback")
		c.signInAll(users, repositories)
		c.burst(dbtest.Size(300, 10_000), min(250, repositories))
		c.openStreams(dbtest.Size(36, 10_000), dbtest.Size(12, 500))
		c.report("memory: %s at most; %s", c.memory(), c.stored())
		must(t, c.p.Process.Signal(os.Interrupt))
		if err := c.p.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	})
}

// report writes a line of the report that `task soak` writes.
func (c *crowded) report(format string, args ...any) {
	c.Helper()
	c.Logf("soak: "+format, args...)
}

// signInAll has every user sign in, and waits until all of them are synced.
func (c *crowded) signInAll(users, repositories int) {
	c.Helper()
	began := time.Now()
	c.clients = make([]*http.Client, users)
	var group errgroup.Group
	group.SetLimit(16)
	for i := range users {
		group.Go(func() error {
			client := browser(c.T)
			c.clients[i] = client
			toGitHub, err := client.Get(c.p.address + "/auth/github")
			if err != nil {
				return err
			}
			toGitHub.Body.Close()
			back, err := sandboxtest.Authorize(&http.Client{}, toGitHub.Header.Get("Location"), fmt.Sprint("user", i))
			if err != nil {
				return err
			}
			answer, err := client.Get(back)
			if err != nil {
				return err
			}
			answer.Body.Close()
			if answer.StatusCode != http.StatusSeeOther {
				return fmt.Errorf("the login ends with %d", answer.StatusCode)
			}
			return nil
		})
	}
	must(c.T, group.Wait())
	signedIn := time.Since(began)
	for done := int64(0); done < int64(users); time.Sleep(200 * time.Millisecond) {
		done = c.numbers(fmt.Sprintf(`SELECT COUNT(*) FROM installation_records WHERE synced_at > 0 AND repository_count = %d`, repositories))[0]
		if time.Since(began) > 5*time.Minute {
			c.Errorf("after 5 minutes %d of %d users are synced", done, users)
			break
		}
	}
	c.report("%d first sign-ins took %v; all were synced, %d repositories each, after %v", users, signedIn.Round(time.Millisecond), repositories, time.Since(began).Round(time.Millisecond))
}

// burst makes GitHub send webhooks while pages are read.
func (c *crowded) burst(webhooks, repositories int) {
	c.Helper()
	all := c.world.Repositories.List("atlas")
	installation := c.numbers(`SELECT id FROM installations`)[0]
	record := c.numbers(`SELECT MIN(ir.id) FROM installation_records AS ir JOIN users AS u ON u.id = ir.user_id WHERE u.login = 'user0'`)[0]
	c.gitHub.ResetRequests()
	stop := make(chan struct{})
	var took []time.Duration
	var readers sync.WaitGroup
	readers.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			began := time.Now()
			answer, err := c.clients[0].Get(fmt.Sprintf("%s/installations/%d", c.p.address, record))
			if err != nil || answer.StatusCode != http.StatusOK {
				c.Errorf("a page: %v, %v", answer, err)
				return
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			took = append(took, time.Since(began))
			time.Sleep(20 * time.Millisecond)
		}
	})
	began := time.Now()
	var group errgroup.Group
	group.SetLimit(8)
	for i := range webhooks {
		group.Go(func() error {
			r := all[i%repositories]
			body := fmt.Sprintf(`{"action":"edited","installation":{"id":%d},"repository":{"id":%d,"name":%q,"full_name":"atlas/%[3]s","owner":{"id":1,"login":"atlas","type":"Organization"}}}`, installation, r.ID, r.Name)
			answer, err := http.DefaultClient.Do(signedDelivery(c.T, c.p.address, fmt.Sprint("burst-", i), "repository", body))
			if err != nil {
				return err
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode != http.StatusAccepted {
				return fmt.Errorf("a webhook: %d", answer.StatusCode)
			}
			return nil
		})
	}
	must(c.T, group.Wait())
	received := time.Since(began)
	c.waitUntil("all webhooks are applied", func() bool {
		return c.numbers(fmt.Sprintf(`SELECT COUNT(*) FROM deliveries WHERE outcome = '%s'`, db.DeliveryPending))[0] == 0
	})
	applied := time.Since(began)
	close(stop)
	readers.Wait()
	slices.Sort(took)
	c.report("%d webhooks about %d repositories: received after %v, applied after %v with %d requests to GitHub; of %d pages meanwhile, median %v, p99 %v",
		webhooks, repositories, received.Round(time.Millisecond), applied.Round(time.Millisecond), len(c.gitHub.Requests()), len(took), took[len(took)/2], took[len(took)*99/100])
	if applied > time.Minute {
		c.Errorf("applied after %v", applied)
	}
	if p99 := took[len(took)*99/100]; dbtest.Soak() > 0 && p99 > soonEnough {
		c.Errorf("a page's p99 was %v", p99)
	}
}

// openStreams opens event streams, then has sessions read a list.
func (c *crowded) openStreams(streams, sessions int) {
	c.Helper()
	began := time.Now()
	var group errgroup.Group
	group.SetLimit(64)
	transport := &http.Transport{MaxIdleConns: -1}
	for i := range streams {
		group.Go(func() error {
			client := *c.clients[i%len(c.clients)]
			client.Transport = transport
			stream, err := client.Get(c.p.address + "/events?topic=installations")
			if err != nil {
				return err
			}
			c.Cleanup(func() { stream.Body.Close() })
			if stream.StatusCode != http.StatusOK {
				return fmt.Errorf("a stream: %d", stream.StatusCode)
			}
			_, err = bufio.NewReader(stream.Body).ReadString('\n')
			return err
		})
	}
	must(c.T, group.Wait())
	opened := time.Since(began)
	var mu sync.Mutex
	var took []time.Duration
	var readers errgroup.Group
	readers.SetLimit(32)
	for i := range sessions * 10 {
		readers.Go(func() error {
			began := time.Now()
			answer, err := c.clients[i%sessions%len(c.clients)].Get(c.p.address + "/api/users/me/installations")
			if err != nil {
				return err
			}
			_, _ = io.Copy(io.Discard, answer.Body)
			answer.Body.Close()
			if answer.StatusCode != http.StatusOK {
				return fmt.Errorf("a list: %d", answer.StatusCode)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(began))
			return nil
		})
	}
	must(c.T, readers.Wait())
	slices.Sort(took)
	healthy, ready := c.timed("/healthz"), c.timed("/readyz")
	c.report("%d event streams, opened in %v; %d sessions sent %d requests meanwhile: median %v, p99 %v; /healthz %v, /readyz %v",
		streams, opened.Round(time.Millisecond), sessions, len(took), took[len(took)/2], took[len(took)*99/100], healthy, ready)
	if dbtest.Soak() > 0 && max(healthy, ready) > soonEnough {
		c.Errorf("/healthz took %v, /readyz %v", healthy, ready)
	}
}

// timed returns how long an address takes to respond 200.
func (c *crowded) timed(path string) time.Duration {
	c.Helper()
	answer, took := timed(c.T, http.DefaultClient, c.p.address+path)
	if answer.StatusCode != http.StatusOK {
		c.Errorf("%s: %d", path, answer.StatusCode)
	}
	return took
}

// memory is the most that the process had in memory.
func (c *crowded) memory() string {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.p.Process.Pid))
	if err != nil {
		return "unknown"
	}
	peak := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(status)
	if peak == nil {
		return "unknown"
	}
	return string(peak[1]) + " kB"
}

// stored describes the stored rows, and the size of a SQLite file.
func (c *crowded) stored() string {
	text := fmt.Sprintf("%d users, %d rows of access", c.numbers(`SELECT COUNT(*) FROM users`)[0], c.numbers(`SELECT COUNT(*) FROM access`)[0])
	if file, ok := db.SQLiteFile(c.environment["DATABASE_URL"]); ok {
		if info, err := os.Stat(file); err == nil {
			text += fmt.Sprintf(", a file of %d MB", info.Size()>>20)
		}
	}
	return text
}
