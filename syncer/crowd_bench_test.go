package syncer

import (
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"neptun/db"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// benchmarkCrowd measures first syncs in a database where others have 400,000 rows of access,
// next to the same syncs in one with a single other user: the CPU time of this process,
// including the sandbox's, and on PostgreSQL that of the server.
func benchmarkCrowd(b *testing.B, address func(testing.TB) string) {
	for _, size := range []struct{ repositories, others, newcomers int }{{200, 2000, 10}, {2000, 200, 2}} {
		alone := newCrowded(b, address(b), size.repositories, 0)
		beside := newCrowded(b, address(b), size.repositories, size.others)
		b.Run(fmt.Sprintf("first_sync_of_%d_beside_%d_rows", size.repositories, size.repositories*size.others), func(b *testing.B) {
			var each, ratios, server []float64
			for b.Loop() {
				aloneCost, crowdedCost := alone.firstSyncs(size.newcomers), beside.firstSyncs(size.newcomers)
				each = append(each, crowdedCost.process/float64(size.newcomers))
				ratios = append(ratios, crowdedCost.process/aloneCost.process)
				if aloneCost.server > 0 {
					server = append(server, crowdedCost.server/aloneCost.server)
				}
			}
			b.ReportMetric(median(each), "cpu-ms/sync")
			b.ReportMetric(0, "no-goal-cpu-ms/sync")
			b.ReportMetric(median(ratios), "x-alone")
			b.ReportMetric(1.2, "at-most-x-alone")
			if len(server) > 0 {
				b.ReportMetric(median(server), "server-x-alone")
				b.ReportMetric(1.2, "at-most-server-x-alone")
			}
		})
	}
}

func median(all []float64) float64 {
	slices.Sort(all)
	return all[len(all)/2]
}

// crowdedStage is a stage that users sync for the first time, one after the other.
type crowdedStage struct {
	*stage
	backends  *sql.DB // nil on SQLite
	newcomers int
}

func newCrowded(b *testing.B, databaseURL string, repositories, others int) *crowdedStage {
	c := &crowdedStage{stage: newStage(b, databaseURL, sandboxtest.LargeWorld(repositories))}
	c.signIn("ada")
	c.work()
	c.crowd(databaseURL, others)
	if strings.HasPrefix(databaseURL, "postgres") {
		c.backends = raw(b, databaseURL)
		if _, err := c.backends.ExecContext(b.Context(), `ANALYZE`); err != nil { // autovacuum would, some time later
			b.Fatal(err)
		}
	}
	c.firstSyncs(2)
	return c
}

// spent is CPU time in milliseconds.
type spent struct{ process, server float64 }

// firstSyncs signs users in, and returns what their first syncs cost.
func (c *crowdedStage) firstSyncs(n int) (all spent) {
	for range n {
		c.newcomers++
		login := fmt.Sprint("newcomer", c.newcomers)
		c.world.Accounts.AddUser(sandbox.User{Login: login})
		c.world.Accounts.AddMember("atlas", login, sandbox.RoleMember)
		c.signIn(login)
		server, process := c.serverCPU(), cpuTime(c.t)
		c.work()
		all.process += float64((cpuTime(c.t) - process).Microseconds()) / 1000
		all.server += c.serverCPU() - server
		c.expectSync(c.at("atlas").Sync, db.SyncIdle, "")
	}
	return all
}

// serverCPU is the CPU time in milliseconds of the processes that serve this database, if
// it is PostgreSQL's and on this machine.
func (c *crowdedStage) serverCPU() (total float64) {
	if c.backends == nil {
		return 0
	}
	rows, err := c.backends.QueryContext(c.t.Context(), `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if err != nil {
		c.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var pid int
		if err := rows.Scan(&pid); err != nil {
			c.t.Fatal(err)
		}
		if name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid)); err != nil || string(name) != "postgres\n" {
			return 0
		}
		// https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat: nanoseconds come first.
		content, err := os.ReadFile(fmt.Sprintf("/proc/%d/schedstat", pid))
		if err != nil {
			return 0
		}
		running, _, _ := strings.Cut(string(content), " ")
		nanoseconds, err := strconv.ParseFloat(running, 64)
		if err != nil {
			c.t.Fatal(err)
		}
		total += nanoseconds / 1e6
	}
	if err := rows.Err(); err != nil {
		c.t.Fatal(err)
	}
	return total
}
