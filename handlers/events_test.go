package handlers_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers"
	"neptun/sandbox"
)

// listener is what a page hears on its stream.
type listener struct {
	t      testing.TB
	events chan map[string]string // closed when the stream has ended
	ended  bool                   // by Neptun's own word
	beats  chan struct{}
}

// listen opens a stream and leaves it open until the test ends.
func (v *visitor) listen(topics ...string) *listener {
	v.s.t.Helper()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, v.s.url+"/events?topic="+strings.Join(topics, "&topic="), nil)
	must(v.s.t, err)
	return v.hear(request)
}

// hear is listen for a request of one's own.
func (v *visitor) hear(request *http.Request) *listener {
	v.s.t.Helper()
	ctx, cancel := context.WithCancel(request.Context())
	v.s.t.Cleanup(cancel)
	response, err := v.client.Do(request.WithContext(ctx))
	must(v.s.t, err)
	v.s.t.Cleanup(func() { response.Body.Close() })
	if response.StatusCode != http.StatusOK || !strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") ||
		response.Header.Get("Cache-Control") != "no-store" || response.Header.Get("X-Accel-Buffering") != "no" {
		v.s.t.Fatalf("the stream is answered with %d %v", response.StatusCode, response.Header)
	}
	l := &listener{t: v.s.t, events: make(chan map[string]string, 1000), beats: make(chan struct{}, 1000)}
	go func() {
		defer close(l.events)
		lines := bufio.NewScanner(response.Body)
		for lines.Scan() {
			line := lines.Text()
			if data, ok := strings.CutPrefix(line, "data: "); ok && data != "" {
				var event map[string]string
				if err := json.Unmarshal([]byte(data), &event); err != nil {
					v.s.t.Errorf("the event %q: %v", data, err)
				}
				l.events <- event
			}
			l.ended = l.ended || line == "event: end"
			if line == ":" {
				l.beats <- struct{}{}
			}
		}
	}()
	return l
}

// next is the next event.
func (l *listener) next() map[string]string {
	l.t.Helper()
	select {
	case event, ok := <-l.events:
		if !ok {
			l.t.Fatal("the stream has ended")
		}
		return event
	case <-time.After(dbtest.Timeout):
		l.t.Fatal("nothing is told")
	}
	return nil
}

// untilTold gathers what is told until it is about a topic.
func (l *listener) untilTold(topic string) map[string]string {
	l.t.Helper()
	told := map[string]string{}
	for told[topic] == "" {
		maps.Copy(told, l.next())
	}
	return told
}

// untilOver waits for the end of the stream, and tells whether Neptun said so.
func (l *listener) untilOver() bool {
	l.t.Helper()
	late := time.After(dbtest.Timeout)
	for {
		select {
		case _, open := <-l.events:
			if !open {
				return l.ended
			}
		case <-late:
			l.t.Fatal("the stream goes on")
		}
	}
}

func (s *stage) server() *handlers.Server { return (*s.front.Load()).(*handlers.Server) }

// An open page hears of what changes for its person, by name alone, and of
// nobody else's changes. Nothing of it asks GitHub.
func TestStreamsTellPeopleOfTheirOwnChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, url string) {
		s := openOn(t, sandbox.DemoWorld(), url)
		marin, other := s.logIn("marin"), s.logIn("sena-y")
		own, theirs := marin.installedOn("tidewater-labs"), marin.installedOn("marin")
		topic := fmt.Sprint("installation-", own.ID)
		page := marin.listen("installations", "imports", topic, fmt.Sprint("sync-", own.ID), fmt.Sprint("installation-", theirs.ID))
		stranger := other.listen("installations", "imports", topic, fmt.Sprint("sync-", own.ID))

		first := page.next()
		if len(first) != 5 || first[topic] != own.Version() || first[fmt.Sprint("sync-", own.ID)] != own.Sync.Version() {
			t.Errorf("the stream begins with %v, want all topics with the versions of %+v", first, own)
		}
		if begun := stranger.next(); begun[topic] != "gone" || begun[fmt.Sprint("sync-", own.ID)] != "gone" {
			t.Errorf("of somebody else's installation a stream tells %v", begun)
		}
		s.gitHub.ResetRequests()
		repositories := s.world.Repositories("tidewater-labs")
		marin.post(fmt.Sprintf("/installations/%d/imports", own.ID), map[string][]string{"repository_ids": {fmt.Sprint(repositories[0].ID)}}).status(http.StatusSeeOther)
		told := page.untilTold(topic)
		if told["imports"] == "" || told["installations"] == "" || told[fmt.Sprint("installation-", theirs.ID)] != "" {
			t.Errorf("an import is told as %v", told)
		}
		if n := s.asked(); n > 0 {
			t.Errorf("GitHub was asked %d times", n)
		}
		// What the stranger hears next is what they do themselves.
		other.post("/installations/sync", nil).status(http.StatusSeeOther)
		if heard := stranger.next(); len(heard) != 1 || heard["installations"] == "" {
			t.Errorf("somebody else hears %v", heard)
		}
	})
}
