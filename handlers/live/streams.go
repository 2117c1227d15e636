// Package live tells open pages by server-sent events which of the things they show have
// changed.
package live

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"neptun/db"
	"neptun/handlers/web"
)

// Options are the intervals and the limit of streams; 0 is the default.
type Options struct {
	// KeepAlive is the longest silence of a stream.
	KeepAlive time.Duration
	// CheckInterval is how often a stream's credential is checked again.
	CheckInterval time.Duration
	// Max is how many streams this instance serves at the same time.
	Max int
}

// The limits of concurrent streams: of one session, of one user, and the default for this
// instance. Hidden pages have none.
const (
	MaxPerSession = 12
	MaxPerUser    = 40
	defaultMax    = 5000
)

var (
	errTooManyStreams = &web.Error{Status: http.StatusTooManyRequests, Message: "Too many open pages. Close some to get live updates here"}
	errStreamsFull    = &web.Error{Status: http.StatusServiceUnavailable, Message: "This server has too many open pages. This page updates more slowly"}
)

// Streams are the open pages that follow changes on this instance. One query serves all of
// them, at most twice a second; writers don't wait for them.
type Streams struct {
	db           *db.DB
	log          *slog.Logger
	pollInterval time.Duration // the minimum time between two queries
	options      Options

	mu      sync.Mutex
	open    map[*stream]struct{}
	stop    context.CancelFunc // nil until the first stream
	ended   bool
	changed chan struct{}
	watch   sync.WaitGroup
}

// stream is the stream of one page.
type stream struct {
	userID, session string // the session by its hash
	// updates has the latest versions that weren't sent to the page yet.
	updates chan db.TopicVersions
	// ended is closed when the session ends, closing when the instance stops.
	ended, closing chan struct{}
}

// New creates Streams on a database.
func New(database *db.DB, log *slog.Logger, options Options) *Streams {
	return &Streams{
		db: database, log: log, pollInterval: 500 * time.Millisecond,
		options: Options{
			KeepAlive: cmp.Or(options.KeepAlive, 15*time.Second), CheckInterval: cmp.Or(options.CheckInterval, 30*time.Second),
			Max: cmp.Or(options.Max, defaultMax),
		},
		open: map[*stream]struct{}{}, changed: make(chan struct{}, 1),
	}
}

// subscribe opens a stream. Its first update comes immediately.
func (s *Streams) subscribe(userID, session string) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ofSession, ofUser := 0, 0
	for other := range s.open {
		if other.userID == userID {
			ofUser++
		}
		if other.session == session {
			ofSession++
		}
	}
	switch {
	case ofSession >= MaxPerSession, ofUser >= MaxPerUser:
		return nil, errTooManyStreams
	case len(s.open) >= s.options.Max, s.ended:
		return nil, errStreamsFull
	}
	opened := &stream{
		userID: userID, session: session,
		updates: make(chan db.TopicVersions, 1), ended: make(chan struct{}), closing: make(chan struct{}),
	}
	s.open[opened] = struct{}{}
	if s.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		s.watch.Go(func() { s.db.Watch(ctx, s.poke) })
		s.watch.Go(func() { s.follow(ctx) })
	}
	s.poke()
	return opened, nil
}

func (s *Streams) unsubscribe(closed *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, closed)
}

// End ends all streams, prevents new ones, and waits until nothing is watched.
func (s *Streams) End() {
	s.mu.Lock()
	if !s.ended {
		s.ended = true
		for open := range s.open {
			close(open.closing)
		}
		if s.stop != nil {
			s.stop()
		}
	}
	s.mu.Unlock()
	s.watch.Wait()
}

// poke signals that something may have changed.
func (s *Streams) poke() {
	select {
	case s.changed <- struct{}{}:
	default: // already signaled
	}
}

// follow queries after each change. The pause grows with the time that a query takes, so that
// queries take at most a tenth of the time.
func (s *Streams) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		}
		began := time.Now()
		if err := s.query(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "open pages can't be notified of changes", slog.String("error", err.Error()))
			s.poke()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(s.pollInterval, 10*time.Since(began))):
		}
	}
}

// query reads the versions for all open pages, and gives each stream those of its user.
func (s *Streams) query(ctx context.Context) error {
	s.mu.Lock()
	list := make([]*stream, 0, len(s.open))
	for open := range s.open {
		list = append(list, open)
	}
	s.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	users, sessions := make([]string, 0, len(list)), make([]string, 0, len(list))
	for _, open := range list {
		users, sessions = append(users, open.userID), append(sessions, open.session)
	}
	live, err := s.db.ListActiveSessions(ctx, sessions)
	if err != nil {
		return err
	}
	versions, err := s.db.ListTopicVersions(ctx, users)
	if err != nil {
		return err
	}
	for _, open := range list {
		if !live[open.session] {
			open.end()
			continue
		}
		open.update(versions[open.userID])
	}
	return nil
}

// update stores versions for a stream, and replaces any that weren't sent yet. Only query calls
// it, so there is always room.
func (s *stream) update(now db.TopicVersions) {
	select {
	case <-s.updates:
	default:
	}
	s.updates <- now
}

func (s *stream) end() {
	select {
	case <-s.ended:
	default:
		close(s.ended)
	}
}
