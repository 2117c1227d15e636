package jobs_test

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"neptun/jobs"
)

// memory is a queue in memory.
type memory struct {
	mu     sync.Mutex
	rows   []*stored
	nextID int64
	claims int64
	wakes  []func()
	dead   bool // reports its workers as dead to Recover
}

type stored struct {
	jobs.Row
	priority int
	runAt    time.Time
	leased   time.Time // until then
	againAt  time.Time
}

// enqueue adds a job that is due now.
func (m *memory) enqueue(args jobs.Args) { m.enqueueAt(args, 0, time.Now()) }

func (m *memory) enqueueAt(args jobs.Args, priority int, at time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() {
		for _, wake := range m.wakes {
			wake()
		}
	}()
	if row := m.find(args.Kind(), jobs.Subject(args)); row != nil {
		if !row.leased.IsZero() && row.againAt.IsZero() {
			row.againAt = at
		}
		return
	}
	m.add(args.Kind(), jobs.Subject(args), priority, at)
}

func (m *memory) add(kind, subject string, priority int, at time.Time) {
	m.nextID++
	m.rows = append(m.rows, &stored{Row: jobs.Row{ID: m.nextID, Kind: kind, Subject: subject}, priority: priority, runAt: at})
}

func (m *memory) find(kind, subject string) *stored {
	for _, row := range m.rows {
		if row.Kind == kind && row.Subject == subject {
			return row
		}
	}
	return nil
}

// due returns when a job is due, and whether it exists.
func (m *memory) due(args jobs.Args) (at time.Time, failures int64, found bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	row := m.find(args.Kind(), jobs.Subject(args))
	if row == nil {
		return time.Time{}, 0, false
	}
	return row.runAt, row.Failures, true
}

func (m *memory) Claim(_ context.Context, kinds []string, lease time.Duration) (jobs.Row, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now()
	var first *stored
	for _, row := range m.rows {
		if !slices.Contains(kinds, row.Kind) || row.runAt.After(now) || row.leased.After(now) {
			continue
		}
		if first == nil || cmp.Or(row.priority-first.priority, row.runAt.Compare(first.runAt)) < 0 {
			first = row
		}
	}
	if first == nil {
		return jobs.Row{}, jobs.ErrNone
	}
	m.claims++
	first.leased, first.Row.Claim = now.Add(lease), m.claims
	return first.Row, nil
}

func (m *memory) held(row jobs.Row) (*stored, error) {
	for _, other := range m.rows {
		if other.ID == row.ID && !other.leased.IsZero() && other.Row.Claim == row.Claim {
			return other, nil
		}
	}
	return nil, jobs.ErrLost
}

func (m *memory) Extend(_ context.Context, row jobs.Row, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	stored, err := m.held(row)
	if err != nil {
		return err
	}
	stored.leased = time.Now().Add(lease)
	return nil
}

func (m *memory) Finish(_ context.Context, row jobs.Row) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, err := m.held(row)
	if err != nil {
		return err
	}
	if held.againAt.IsZero() {
		m.rows = slices.DeleteFunc(m.rows, func(other *stored) bool { return other == held })
		return nil
	}
	held.runAt, held.againAt, held.leased, held.Failures = held.againAt, time.Time{}, time.Time{}, 0
	return nil
}

func (m *memory) Release(_ context.Context, row jobs.Row, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	held, err := m.held(row)
	if err != nil {
		return err
	}
	if !held.againAt.IsZero() && held.againAt.Before(at) {
		at = held.againAt
	}
	held.runAt, held.againAt, held.leased, held.Failures = at, time.Time{}, time.Time{}, row.Failures
	return nil
}

func (m *memory) Ensure(_ context.Context, kind, subject string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.find(kind, subject) == nil {
		m.add(kind, subject, 0, time.Now())
	}
	return nil
}

func (m *memory) Recover(context.Context) (n int64, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, row := range m.rows {
		if m.dead && !row.leased.IsZero() {
			row.leased = time.Time{}
			n++
		}
	}
	return n, nil
}

func (m *memory) Listen(ctx context.Context, wake func()) {
	m.mu.Lock()
	m.wakes = append(m.wakes, wake)
	m.mu.Unlock()
	<-ctx.Done()
}

// run starts a runner, and returns a function that stops it and waits for it.
func run(t *testing.T, r *jobs.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); r.Run(ctx) }()
	return func() { cancel(); <-ended }
}
