package sandbox

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Delivery is a queued webhook, or one attempt to deliver it.
type Delivery struct {
	ID             int64  // of the attempt; 0 while it is queued
	GUID           string // X-GitHub-Delivery, the same for every attempt
	Event          string
	Action         string // "" where the event has none
	InstallationID int64  // 0: none
	RepositoryID   int64  // 0: none
	Redelivery     bool
	Payload        []byte // JSON, with the state at the time of the event

	At             time.Time
	Duration       time.Duration
	URL            string
	Status         string // "OK", or GitHub's description of the failure
	StatusCode     int    // 502 or 504 also if there was no response
	RequestHeader  http.Header
	ResponseHeader http.Header
	ResponseBody   string

	app      *app
	lost     bool // there is no receiver
	timedOut bool // GitHub doesn't receive the response
	delay    int  // how many later deliveries are sent first
}

// deliveries sends webhooks in the order of their events, one at a time unless the server's behavior says otherwise.
// GitHub doesn't promise an order.
type deliveries struct {
	mu       sync.Mutex
	changed  sync.Cond // of all below
	queue    []*Delivery
	delayed  []*Delivery                    // until later ones are sent
	policy   func(Delivery) DeliveryOutcome // nil: all are delivered
	attempts []*Delivery                    // oldest first
	held     bool
	busy     int // deliveries being sent
	running  int // workers
	closed   bool
	lastID   int64
	stopping context.Context
	stop     context.CancelFunc
	workers  sync.WaitGroup
}

func (d *deliveries) init() {
	d.changed.L = &d.mu
	d.lastID = 93_676_014_012
	d.stopping, d.stop = context.WithCancel(context.Background())
}

// put queues a delivery; the first one starts the workers.
func (d *deliveries) put(s *site, next *Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.enqueue(next)
	for d.running < max(1, s.behavior.Load().DeliveryWorkers) {
		d.running++
		d.workers.Go(func() { d.work(s) })
	}
	d.changed.Broadcast()
}

func (d *deliveries) work(s *site) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		for !d.closed && (d.held || len(d.queue) == 0) {
			d.changed.Wait()
		}
		if d.closed {
			return
		}
		next := d.queue[0]
		d.queue, d.busy = d.queue[1:], d.busy+1
		d.mu.Unlock()
		attempted := s.attempt(d.stopping, next)
		d.mu.Lock()
		d.busy--
		if attempted {
			d.lastID += 11
			next.ID = d.lastID
			d.attempts = append(d.attempts, next)
		}
		d.changed.Broadcast()
	}
}

// Deliveries lists the attempts to deliver webhooks, oldest first.
func (s *Server) Deliveries() []Delivery {
	s.deliveries.mu.Lock()
	defer s.deliveries.mu.Unlock()
	return copies(s.deliveries.attempts)
}

// HoldDeliveries holds webhooks back from now on. A delivery in progress continues.
func (s *Server) HoldDeliveries() {
	s.deliveries.mu.Lock()
	defer s.deliveries.mu.Unlock()
	s.deliveries.held = true
}

// ReleaseDeliveries sends the held deliveries and stops holding. rearrange returns the deliveries to send: it may omit,
// duplicate or reorder some, as real networks do. Omitted ones count as failed attempts. With nil all
// are sent unchanged.
func (s *Server) ReleaseDeliveries(rearrange func(waiting []Delivery) []Delivery) {
	d := &s.deliveries
	d.mu.Lock()
	defer d.mu.Unlock()
	if rearrange != nil {
		released := rearrange(copies(d.queue))
		d.queue = slices.DeleteFunc(d.queue, func(waiting *Delivery) bool {
			waiting.lost = true
			return slices.ContainsFunc(released, func(k Delivery) bool { return k.GUID == waiting.GUID })
		})
		for _, next := range released {
			d.queue = append(d.queue, &next)
		}
	}
	d.held = false
	d.changed.Broadcast()
}

// WaitForDeliveries waits until every webhook has been attempted, except held ones. Delayed ones are sent
// immediately.
func (s *Server) WaitForDeliveries(ctx context.Context) error {
	d := &s.deliveries
	defer context.AfterFunc(ctx, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.changed.Broadcast()
	})()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue, d.delayed = append(d.queue, d.delayed...), nil
	d.changed.Broadcast()
	for !d.closed && (d.busy > 0 || len(d.queue) > 0 && !d.held) {
		if err := ctx.Err(); err != nil {
			return err
		}
		d.changed.Wait()
	}
	return nil
}

// Close stops sending webhooks. Pages and API continue to work.
func (s *Server) Close() {
	s.deliveries.mu.Lock()
	s.deliveries.closed = true
	s.deliveries.stop()
	s.deliveries.changed.Broadcast()
	s.deliveries.mu.Unlock()
	s.deliveries.workers.Wait()
}

func copies(of []*Delivery) []Delivery {
	all := make([]Delivery, len(of))
	for i, d := range of {
		all[i] = *d
	}
	return all
}

// deliveryKept is how long GitHub keeps deliveries
// (https://docs.github.com/webhooks/testing-and-troubleshooting-webhooks/viewing-webhook-deliveries).
const deliveryKept = 3 * 24 * time.Hour

// attemptsFor lists the App's deliveries that GitHub still keeps, newest first.
func (d *deliveries) attemptsFor(of *app, now time.Time) []*Delivery {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []*Delivery
	for _, attempt := range slices.Backward(d.attempts) {
		if attempt.app == of && now.Sub(attempt.At) < deliveryKept {
			all = append(all, attempt)
		}
	}
	return all
}
