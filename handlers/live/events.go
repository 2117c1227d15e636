package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"time"

	"neptun/db"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

const (
	// maxTopics bounds what one page follows.
	maxTopics = 20
	// writeTimeout is how long a page may take to read one event.
	writeTimeout = 10 * time.Second
	// goneVersion is the version of what isn't there, and of what isn't the user's.
	goneVersion = "gone"
	// retryDelay is how long a browser waits before it opens a lost stream again, in
	// milliseconds.
	retryDelay = 3000
)

var topicShape = regexp.MustCompile(`^(installations|imports|(installation|sync)-[0-9]{1,18})$`)

// Topics are the topics that a page names in its address.
func Topics(c echo.Context) ([]string, error) {
	topics := c.QueryParams()["topic"]
	if len(topics) == 0 || len(topics) > maxTopics {
		return nil, web.InvalidField("topic", fmt.Sprintf("is needed, and at most %d times", maxTopics))
	}
	for _, topic := range topics {
		if !topicShape.MatchString(topic) {
			return nil, web.InvalidField("topic", "must be installations, imports, or installation- or sync- with an installation's id")
		}
	}
	return topics, nil
}

// Serve tells a page which of the topics that it names have changed, as
// server-sent events: each is a JSON object with the new version of every topic
// that has one. It never carries what changed: the page asks for it where it
// always does. The first event has all topics, so that a page compares and
// misses nothing, whenever it was drawn and however often the stream broke.
// session is the hash of the page's session, which check asks about; false ends
// the stream for good.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (s *Streams) Serve(c echo.Context, userID, session string, topics []string, check func(context.Context) (bool, error)) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would gather events until its buffer is full
	if c.Request().Method == http.MethodHead {
		return c.NoContent(http.StatusOK)
	}
	open, err := s.subscribe(userID, session)
	if err != nil {
		h.Set("Retry-After", "60")
		return err
	}
	defer s.unsubscribe(open)
	return s.write(c, open, topics, check)
}

// write writes events until the page goes, its session ends or the instance
// stops. What it can't write to is gone, and no failure.
func (s *Streams) write(c echo.Context, open *stream, topics []string, check func(context.Context) (bool, error)) error {
	page := http.NewResponseController(c.Response())
	// The server's own limits are for requests that come to an end.
	if err := page.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	send := func(format string, args ...any) error {
		if err := page.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(c.Response(), format, args...); err != nil {
			return err
		}
		return page.Flush()
	}
	keepAlive, checks := time.NewTicker(s.options.KeepAlive), time.NewTicker(s.options.CheckInterval)
	defer keepAlive.Stop()
	defer checks.Stop()

	sent := db.TopicVersions{}
	err := send("retry: %d\n\n", retryDelay)
	for err == nil {
		select {
		case <-c.Request().Context().Done():
			return nil
		case <-open.closing:
			return nil
		case <-open.ended:
			_ = send("event: end\ndata: \n\n")
			return nil
		case <-checks.C:
			live, err := check(c.Request().Context())
			if err != nil {
				return nil
			}
			if !live {
				_ = send("event: end\ndata: \n\n")
				return nil
			}
		case <-keepAlive.C:
			err = send(":\n\n") // a comment, so that no proxy takes the stream for dead
		case now := <-open.updates:
			if changed := changes(topics, sent, now); len(changed) > 0 {
				var data []byte
				if data, err = json.Marshal(changed); err == nil {
					err = send("data: %s\n\n", data)
				}
			}
		}
	}
	return nil
}

// changes are the versions that were not sent to a page, and notes them as sent.
func changes(topics []string, sent, now db.TopicVersions) db.TopicVersions {
	changed := db.TopicVersions{}
	for _, topic := range topics {
		version, there := now[topic]
		if !there {
			version = goneVersion
		}
		if sent[topic] != version {
			sent[topic], changed[topic] = version, version
		}
	}
	return changed
}
