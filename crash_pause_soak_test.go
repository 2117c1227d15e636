//go:build soak

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/github"
	"neptun/sandbox/sandboxtest"
)

// A process that is paused in the middle of a sync until its lease has expired, and then
// continued, has lost the job to another one and doesn't repeat it. It checks the database
// before each request; requests that it checked before may still be sent.
func TestAPausedWorkerThatWakesUpDoesNothingTwice(t *testing.T) {
	const pages = 100
	world := sandboxtest.LargeWorld(pages * 100)
	for n := range max(1, dbtest.Soak()/4) {
		// Two subtests of one name would have a # in their names, and in those of their files.
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, databaseURL string) {
				c := openCrash(t, world, databaseURL)
				paused := spawn(t, c.environment)
				c.world.Apps.SetCallbackURLs(paused.address + "/auth/github/callback")
				logIn(t, c.client, paused.address, "ada")
				c.waitForPages(1 + rand.Int64N(pages/4))
				c.pause(paused)
				if c.synced() {
					t.Fatal("the sync ended before the process was stopped")
				}
				done := c.donePages() // and the lease has run out
				c.gitHub.ResetRequests()

				other := spawn(t, c.environment)
				c.waitUntil("the other process finishes the sync", c.synced)
				for number, n := range c.pageRequests() {
					if done[number] || n > 1 {
						t.Errorf("page %d was requested %d times, done before: %t", number, n, done[number])
					}
				}
				c.expectEqual()
				runs := len(c.numbers(`SELECT id FROM sync_runs`))

				c.gitHub.ResetRequests()
				must(t, paused.Process.Signal(syscall.SIGCONT))
				c.waitUntil("the paused process notices that it lost the job", func() bool { return paused.logged("lost") })
				again := 0
				for _, n := range c.pageRequests() {
					again += n
				}
				t.Logf("%d pages were requested again", again)
				if again > github.Parallel {
					t.Errorf("%d pages were requested again, want at most the %d in progress", again, github.Parallel)
				}
				if n := len(c.numbers(`SELECT id FROM sync_runs`)); n != runs {
					t.Errorf("%d runs became %d", runs, n)
				}
				c.expectEqual()
				for _, p := range []*process{paused, other} {
					must(t, p.Process.Signal(os.Interrupt))
					if err := p.Wait(); err != nil {
						t.Errorf("after Ctrl-C: %v", err)
					}
				}
			})
		})
	}
}

// pause stops a process while it holds no lock on the database: one that it holds
// keeps everybody else waiting until it is continued.
func (c *crash) pause(p *process) {
	c.Helper()
	// SQLite waits for a lock as long as busy_timeout says, whatever the context.
	database := beside(c.T, c.environment["DATABASE_URL"], 50*time.Millisecond)
	c.waitUntil("the process is stopped", func() bool {
		must(c.T, p.Process.Signal(syscall.SIGSTOP))
		ctx, cancel := context.WithTimeout(c.Context(), time.Second)
		defer cancel()
		_, err := database.ExecContext(ctx, `UPDATE jobs SET attempts = attempts`)
		if err == nil && strings.HasPrefix(c.environment["DATABASE_URL"], "postgres") {
			err = database.QueryRowContext(ctx, `SELECT 1 WHERE NOT EXISTS (
				SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle')`).Scan(new(int))
		}
		if err != nil {
			must(c.T, p.Process.Signal(syscall.SIGCONT))
		}
		return err == nil
	})
}

// logged reports whether the process logged a line that contains text.
func (p *process) logged(text string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.log, func(line string) bool { return strings.Contains(line, text) })
}
