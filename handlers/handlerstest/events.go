package handlerstest

import (
	"bufio"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
)

// Listener receives the events of a page's stream.
type Listener struct {
	t      testing.TB
	events chan map[string]string // closed when the stream has ended
	ended  bool                   // announced by Neptun
	Beats  chan struct{}
}

// Listen opens a stream and leaves it open until the test ends.
func (v *Visitor) Listen(topics ...string) *Listener {
	v.Stage.T.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, v.Stage.URL+"/events?topic="+strings.Join(topics, "&topic="), nil)
	Must(v.Stage.T, err)
	return v.ListenWith(request)
}

// ListenWith is Listen with a custom request.
func (v *Visitor) ListenWith(request *http.Request) *Listener {
	v.Stage.T.Helper()
	ctx, cancel := context.WithCancel(request.Context())
	v.Stage.T.Cleanup(cancel)
	response, err := v.Client.Do(request.WithContext(ctx))
	Must(v.Stage.T, err)
	v.Stage.T.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") ||
		response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("X-Accel-Buffering") != "no" {
		v.Stage.T.Fatalf("the stream is answered with %d %v", response.StatusCode, response.Header)
	}
	l := &Listener{t: v.Stage.T, events: make(chan map[string]string, 1000), Beats: make(chan struct{}, 1000)}
	go func() {
		defer close(l.events)
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			line := lines.Text()
			if data, ok := strings.CutPrefix(line, "data: "); ok && data != "" {
				var event map[string]string
				if err := json.Unmarshal([]byte(data), &event); err != nil {
					v.Stage.T.Errorf("the event %q: %v", data, err)
				}
				l.events <- event
			}
			l.ended = l.ended || line == "event: end"
			if line == ":" {
				l.Beats <- struct{}{}
			}
		}
	}()
	return l
}

// Next returns the next event.
func (l *Listener) Next() map[string]string {
	l.t.Helper()
	select {
	case event, ok := <-l.events:
		if !ok {
			l.t.Fatal("the stream has ended")
		}
		return event
	case <-time.After(dbtest.Timeout):
		l.t.Fatal("no event arrives")
	}
	return nil
}

// UntilPublished collects events until one has a topic.
func (l *Listener) UntilPublished(topic string) map[string]string {
	l.t.Helper()
	got := map[string]string{}
	for got[topic] == "" {
		maps.Copy(got, l.Next())
	}
	return got
}

// UntilOver waits for the end of the stream, and reports whether Neptun announced it.
func (l *Listener) UntilOver() bool {
	l.t.Helper()
	late := time.After(dbtest.Timeout)
	for {
		select {
		case _, open := <-l.events:
			if !open {
				return l.ended
			}
		case <-late:
			l.t.Fatal("the stream continues")
		}
	}
}
