package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// object is a JSON object.
type object = map[string]any

// api serves the REST API.
type api struct{ *site }

// call is one request to the API and its caller.
type call struct {
	*http.Request
	now              time.Time
	caller           caller
	documentationURL string      // the documentation_url of this operation's errors
	header           http.Header // of the response
	body             []byte      // the request's body
}

// action performs an operation while the world is locked. It returns the body of a 200, a response with
// another status, or an *apiError.
type action func(*call) (any, error)

// response is a success other than 200.
type response struct {
	status int
	body   any // nil is none
}

var noContent = response{status: http.StatusNoContent}

// operation adds to an action what GitHub does for every operation: authentication, authorization, the rate limit,
// conditional requests, and the common format of errors.
func (s *api) operation(pattern string, who authorization, docs string, act action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &call{Request: r, now: s.now(), documentationURL: docs, header: w.Header()}
		s.describe(c)
		if r.UserAgent() == "" {
			refuseWithoutUserAgent(w)
			return
		}
		result, err := s.perform(c, pattern, who, act)
		if err != nil {
			s.writeError(w, c, err)
			return
		}
		body := result.body.(raw)
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			s.limits.setHeaders(c)
			writeJSON(w, result.status, body)
			return
		}
		etag := c.etag(body)
		c.header.Set("ETag", etag)
		c.header.Set("Cache-Control", "private, max-age=60, s-maxage=60")
		if matches(r.Header.Get("If-None-Match"), etag) {
			s.limits.refund(c)
			s.limits.setHeaders(c)
			w.WriteHeader(http.StatusNotModified)
			return
		}
		s.limits.setHeaders(c)
		writeJSON(w, http.StatusOK, body)
	}
}

// perform runs the action and encodes the body of its response.
func (s *api) perform(c *call, pattern string, who authorization, act action) (response, error) {
	if err := c.negotiate(); err != nil {
		return response{}, err
	}
	var world sync.Locker = &s.world.mu
	if c.Method == http.MethodGet || c.Method == http.MethodHead {
		world = s.world.mu.RLocker()
	} else {
		c.body, _ = io.ReadAll(io.LimitReader(c.Body, 1<<20)) // a truncated body isn't valid JSON
	}
	world.Lock()
	defer world.Unlock()
	if err := s.authenticate(c); err != nil {
		return response{}, err
	}
	s.requests.setLogin(stateOf(c.Request).entry, c.caller.login())
	if err := s.limits.charge(c); err != nil {
		return response{}, err
	}
	if err := s.behavior.Load().check(c, pattern); err != nil {
		return response{}, err
	}
	if err := who(c); err != nil {
		return response{}, err
	}
	body, err := act(c)
	if err != nil {
		return response{}, err
	}
	result, other := body.(response)
	if !other {
		result = response{http.StatusOK, body}
	}
	if result.body != nil {
		result.body = raw(encode(result.body))
	} else {
		result.body = raw(nil)
	}
	return result, nil
}

// raw is a body that is already encoded as JSON.
type raw []byte

// MarshalJSON lets another body contain it.
func (r raw) MarshalJSON() ([]byte, error) { return r, nil }

func encode(body any) []byte {
	if done, ok := body.(raw); ok {
		return done
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(body); err != nil {
		panic(err) // bodies consist of plain maps and values
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func writeJSON(w http.ResponseWriter, status int, body []byte) {
	if status == http.StatusNoContent {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body)
}
