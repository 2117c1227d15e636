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
	// maxTopics limits the topics of one page.
	maxTopics = 20
	// writeTimeout is how long a page may take to read one event.
	writeTimeout = 10 * time.Second
	// goneVersion is the version of a topic that doesn't exist or isn't the user's.
	missingVersion = "gone"
	// retryDelay is how long a browser waits before it reopens a lost stream, in
	// milliseconds.
	retryDelay = 3000
)

var topicPattern = regexp.MustCompile(`^(installations|imports|(installation|sync)-[0-9]{1,18})$`)

// Topics reads the topics of a page from its URL.
func Topics(c echo.Context) ([]string, error) {
	topics := c.QueryParams()["topic"]
	if len(topics) == 0 || len(topics) > maxTopics {
		return nil, web.InvalidField("topic", fmt.Sprintf("is required, up to %d times", maxTopics))
	}
	for _, topic := range topics {
		if !topicPattern.MatchString(topic) {
			return nil, web.InvalidField("topic", "must be installations, imports, or installation- or sync- with an installation's id")
		}
	}
	return topics, nil
}

// Serve tells a page which of its topics have changed, as server-sent events. Each event is a
// JSON object with the new versions of topics. It never has the data: the page requests that
// from its ordinary handler. The first event has all topics, so that a page misses nothing,
// whenever it was rendered and however often the stream was interrupted. session is the hash
// of the page's session. If check returns false for it, the stream ends.
// https://html.spec.whatwg.org/multipage/server-sent-events.html
func (s *Streams) Serve(c echo.Context, userID, session string, topics []string, check func(context.Context) (bool, error)) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "text/event-stream; charset=utf-8")
	h.Set(echo.HeaderCacheControl, "no-store")
	h.Set("X-Accel-Buffering", "no") // otherwise nginx buffers events
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

// write writes events until the page closes, its session ends, or the instance stops. A failed
// write means that the page was closed, and isn't an error.
func (s *Streams) write(c echo.Context, open *stream, topics []string, check func(context.Context) (bool, error)) error {
	page := http.NewResponseController(c.Response())
	// The server's timeouts are for requests that end.
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
			err = send(":\n\n") // a comment, so that proxies don't time out
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

// changes returns the versions that weren't sent to a page yet, and marks them as sent.
func changes(topics []string, sent, now db.TopicVersions) db.TopicVersions {
	changed := db.TopicVersions{}
	for _, topic := range topics {
		version, there := now[topic]
		if !there {
			version = missingVersion
		}
		if sent[topic] != version {
			sent[topic], changed[topic] = version, version
		}
	}
	return changed
}
