package handlers

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"neptun/db"

	"github.com/labstack/echo/v4"
)

const (
	// maxTopics bounds what one page follows.
	maxTopics = 20
	// writeWithin is how long a page may take to read one event.
	writeWithin = 10 * time.Second
	// goneVersion is the version of what isn't there, and of what isn't the person's.
	goneVersion = "gone"
	// again is how long a browser waits before it opens a lost stream anew, in
	// milliseconds.
	again = 3000
)

var topicShape = regexp.MustCompile(`^(installations|imports|(installation|sync)-[0-9]{1,18})$`)

// Events tells a page of a browser which of the topics that it names have
// changed, as server-sent events: each is a JSON object with the new version of
// every topic that has one. It never carries what changed: the page asks for it
// where it always does. The first event has all topics, so that a page compares
// and misses nothing, whenever it was drawn and however often the stream broke.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (s *Server) Events(c echo.Context) error {
	topics := c.QueryParams()["topic"]
	if len(topics) == 0 || len(topics) > maxTopics {
		return invalid(fieldProblem{"topic", fmt.Sprintf("is needed, and at most %d times", maxTopics)})
	}
	for _, topic := range topics {
		if !topicShape.MatchString(topic) {
			return invalid(fieldProblem{"topic", "must be installations, imports, or installation- or sync- with an installation's id"})
		}
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would gather events until its buffer is full
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	key := s.Sessions.PageKey(c.Request())
	open, err := s.streams.enter(who(c).ID, key)
	if err != nil {
		h.Set("Retry-After", "60")
		return err
	}
	defer s.streams.leave(open)
	return s.stream(c, open, key, topics)
}

// stream writes events until the page goes, its session ends or the instance
// stops. What it can't write to is gone, and no failure.
func (s *Server) stream(c echo.Context, open *stream, key string, topics []string) error {
	page := http.NewResponseController(c.Response())
	// The server's own limits are for requests that come to an end.
	if err := page.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	send := func(format string, args ...any) error {
		if err := page.SetWriteDeadline(time.Now().Add(writeWithin)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c.Response(), format, args...); err != nil {
			return err
		}
		return page.Flush()
	}
	beat, check := time.NewTicker(s.streams.beat), time.NewTicker(s.streams.often)
	defer beat.Stop()
	defer check.Stop()

	told := db.Live{}
	err := send("retry: %d\n\n", again)
	for err == nil {
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-open.closing:
			return nil
		case <-open.ended:
			_ = send("event: end\ndata: \n\n")
			return nil
		case <-check.C:
			_, err := s.credentialOf(c.Request().Context(), key)
			if errors.Is(err, errLoggedOut) || errors.Is(err, errUnconfirmed) {
				_ = send("event: end\ndata: \n\n")
			}
			if err != nil {
				return nil
			}
		case <-beat.C:
			err = send(":\n\n") // a comment, so that no proxy takes the stream for dead
		case now := <-open.news:
			if news := changes(topics, told, now); len(news) > 0 {
				var data []byte
				if data, err = json.Marshal(news); err == nil {
					err = send("data: %s\n\n", data)
				}
			}
		}
	}
	return nil
}

// changes are the versions that a page hasn't been told, which it is by now.
func changes(topics []string, told, now db.Live) db.Live {
	news := db.Live{}
	for _, topic := range topics {
		version, there := now[topic]
		if !there {
			version = goneVersion
		}
		if told[topic] != version {
			told[topic], news[topic] = version, version
		}
	}
	return news
}

// EndStreams ends the streams that pages have open, which would otherwise keep
// the program from stopping, and waits until nothing is watched for them.
func (s *Server) EndStreams() { s.streams.end() }
