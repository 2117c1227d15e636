package sandbox

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// object is a JSON object.
type object = map[string]any

// call is one request to the API, with who makes it.
type call struct {
	*http.Request
	now    time.Time
	caller caller
	docs   string      // the page of GitHub's documentation that errors of this operation name
	header http.Header // of the answer
}

// action does the work of an operation while the world stands still. It returns the body of a 200, or an *apiError.
type action func(*call) (any, error)

// operation does around an action what GitHub does around every operation: who asks and whether they may, the budget,
// conditional requests, and one form for all errors.
func (s *Server) operation(who gate, docs string, act action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, now: s.now(), docs: docs, header: w.Header()}
		s.describe(c)
		if r.UserAgent() == "" {
			refuseWithoutUserAgent(w)
			return
		}
		body, err := s.perform(c, who, act)
		if err != nil {
			s.writeError(w, c, err)
			return
		}
		etag := c.etag(body)
		c.header.Set("ETag", etag)
		c.header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		if matches(r.Header.Get("If-None-Match"), etag) {
			s.limits.refund(c)
			s.limits.tell(c)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		s.limits.tell(c)
		writeJSON(w, http.StatusOK, body)
	}
}

func (s *Server) perform(c *call, who gate, act action) ([]byte, error) {
	if err := c.negotiate(); err != nil {
		return nil, err
	}
	s.world.mu.RLock()
	defer s.world.mu.RUnlock()
	if err := s.authenticate(c); err != nil {
		return nil, err
	}
	s.journal.who(visitOf(c.Request).entry, c.caller.login())
	if err := s.limits.charge(c); err != nil {
		return nil, err
	}
	if err := who(c); err != nil {
		return nil, err
	}
	body, err := act(c)
	if err != nil {
		return nil, err
	}
	return encode(body), nil
}

// raw is a body that is JSON already.
type raw []byte

func encode(body any) []byte {
	if done, ok := body.(raw); ok {
		return done
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err) // bodies are made of plain maps and values here
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
