package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"neptun/db"
)

// How many streams there may be at once: of one session, of one person, and of
// all that this instance serves. Pages that aren't looked at have none.
const (
	streamsOfSession = 12
	streamsOfPerson  = 40
	streamsOfAll     = 5000
)

var (
	errTooManyStreams = &problem{status: http.StatusTooManyRequests, sentence: "Too many open pages. Close some to get live updates here"}
	errStreamsFull    = &problem{status: http.StatusServiceUnavailable, sentence: "This server has too many open pages. This page updates more slowly"}
)

// streams are the pages that follow changes on this instance. However many they
// are and however much is written, the database is asked about all of them
// together and at most twice a second; nobody who writes waits for any of them.
type streams struct {
	db   *db.DB
	log  *slog.Logger
	pace time.Duration // the least time between two looks
	// often is how long a stream goes on before its credential is checked again,
	// beat how long it stays silent.
	often, beat time.Duration

	mu      sync.Mutex
	open    map[*stream]struct{}
	stop    context.CancelFunc // nil until the first stream
	over    bool
	changed chan struct{}
	watch   sync.WaitGroup
}

// stream is what one page follows.
type stream struct {
	userID, session string // the session by its hash
	// news holds the latest versions that the page hasn't been told.
	news chan db.Live
	// ended is closed when the session has ended, closing when the instance stops.
	ended, closing chan struct{}
}

func newStreams(database *db.DB, log *slog.Logger) *streams {
	return &streams{
		db: database, log: log, pace: 500 * time.Millisecond, often: 30 * time.Second, beat: 15 * time.Second,
		open: map[*stream]struct{}{}, changed: make(chan struct{}, 1),
	}
}

// enter opens a stream. Its first news come at once.
func (s *streams) enter(userID, session string) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ofSession, ofPerson := 0, 0
	for other := range s.open {
		if other.userID == userID {
			ofPerson++
		}
		if other.session == session {
			ofSession++
		}
	}
	switch {
	case ofSession >= streamsOfSession, ofPerson >= streamsOfPerson:
		return nil, errTooManyStreams
	case len(s.open) >= streamsOfAll, s.over:
		return nil, errStreamsFull
	}
	entered := &stream{
		userID: userID, session: session,
		news: make(chan db.Live, 1), ended: make(chan struct{}), closing: make(chan struct{}),
	}
	s.open[entered] = struct{}{}
	if s.stop == nil {
		ctx, stop := context.WithCancel(context.Background())
		s.stop = stop
		s.watch.Go(func() { s.db.Watch(ctx, s.poke) })
		s.watch.Go(func() { s.follow(ctx) })
	}
	s.poke()
	return entered, nil
}

func (s *streams) leave(left *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, left)
}

// end ends every stream, lets none begin, and waits until nothing is watched.
func (s *streams) end() {
	s.mu.Lock()
	if !s.over {
		s.over = true
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

// poke says that something may have changed.
func (s *streams) poke() {
	select {
	case s.changed <- struct{}{}:
	default: // said already
	}
}

// follow looks after each change, with a pause that grows where looking takes
// long, so that it never takes more than a tenth of anybody's time.
func (s *streams) follow(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.changed:
		}
		began := time.Now()
		if err := s.look(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "open pages can't be told of changes", slog.String("error", err.Error()))
			s.poke()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(max(s.pace, 10*time.Since(began))):
		}
	}
}

// look reads the versions behind all open pages, and hands each stream those of
// its own person.
func (s *streams) look(ctx context.Context) error {
	s.mu.Lock()
	list := make([]*stream, 0, len(s.open))
	for open := range s.open {
		list = append(list, open)
	}
	s.mu.Unlock()
	if len(list) == 0 {
		return nil
	}
	people, sessions := make([]string, 0, len(list)), make([]string, 0, len(list))
	for _, open := range list {
		people, sessions = append(people, open.userID), append(sessions, open.session)
	}
	live, err := s.db.LiveSessions(ctx, sessions)
	if err != nil {
		return err
	}
	versions, err := s.db.Live(ctx, people)
	if err != nil {
		return err
	}
	for _, open := range list {
		if !live[open.session] {
			open.end()
			continue
		}
		open.tell(versions[open.userID])
	}
	return nil
}

// tell leaves news for a stream, in the place of any that it hasn't taken yet.
// Only look calls it, so that the place stays free.
func (s *stream) tell(now db.Live) {
	select {
	case <-s.news:
	default:
	}
	s.news <- now
}

func (s *stream) end() {
	select {
	case <-s.ended:
	default:
		close(s.ended)
	}
}
