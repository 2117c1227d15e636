package syncer

import (
	"context"
	"errors"
	"sync"
	"time"

	"neptun/db"
)

const (
	// workers is how many jobs one instance does at once. GitHub asks for no
	// more concurrency than one needs
	// (https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api).
	workers = 4
	// jobPoll is how often the queue is looked at for what other instances put
	// there, and for what has become due.
	jobPoll = time.Second
	// cleanUpEvery is how often what has had its time is deleted.
	cleanUpEvery = time.Hour
)

// Work does the durable work until ctx ends. Jobs under way are then handed
// back for another instance to take up, and nil is returned.
func (s *Syncer) Work(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	defer s.github.Wait()
	running.Go(func() { s.cleanUp(ctx) })
	running.Go(func() { s.keepFacts(ctx) })
	running.Go(func() { s.keepInstallations(ctx) })
	running.Go(func() { s.github.KeepApp(ctx) })
	running.Go(func() { s.keepSchedule(ctx) })

	free := make(chan struct{}, workers)
	for {
		select {
		case <-ctx.Done():
			return nil
		case free <- struct{}{}:
		}
		job, err := s.db.ClaimJob(ctx, jobLease)
		if err == nil {
			running.Go(func() {
				defer func() { <-free }()
				s.do(ctx, job)
			})
			continue
		}
		<-free
		if !errors.Is(err, db.ErrNotFound) && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "claim a job", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-time.After(jobPoll):
		}
	}
}

// Wake has the queue looked at right away. It never blocks.
func (s *Syncer) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *Syncer) cleanUp(ctx context.Context) {
	for {
		if err := s.db.CleanUp(ctx); err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "clean up", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(cleanUpEvery):
		}
	}
}
