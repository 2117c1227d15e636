package sandbox

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Fault makes one request fail. Its fields can be combined; the zero value changes nothing.
type Fault struct {
	Delay    time.Duration // wait first; the wait ends early if the client disconnects
	Drop     bool          // then close the connection without a response
	Status   int           // or respond with this instead of serving the request
	Header   http.Header   // with Status
	Body     string        // with Status
	CutAfter int           // or serve it, but close the connection after this many bytes of the body
	Shift    int           // or serve it from a list that has shifted by this many items since the previous page:
	// above zero, items are skipped, as if earlier ones had been deleted; below zero, items repeat, as if some had been added
}

// Fault sets the function that decides for every request, to pages and API alike, whether and how it fails; nil: no
// faults. It may be called concurrently.
func (s *Server) Fault(spoil func(*http.Request) *Fault) {
	s.faultMu.Lock()
	defer s.faultMu.Unlock()
	s.fault = spoil
}

func (s *Server) faultFor(r *http.Request) *Fault {
	s.faultMu.RLock()
	spoil := s.fault
	s.faultMu.RUnlock()
	if spoil == nil {
		return nil
	}
	return spoil(r)
}

// BadGateway is the HTML page of GitHub's proxies when the service behind them fails, with any 5xx status.
func BadGateway(status int) *Fault {
	return &Fault{
		Status: status,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}},
		Body:   "<!DOCTYPE html>\n<html><head><title>Unicorn! &middot; GitHub</title></head><body><p>This page is taking too long to load.</p></body></html>\n",
	}
}

// PrimaryLimit is the response while the rate limit is exceeded, until reset
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit).
func PrimaryLimit(reset time.Time) *Fault {
	return &Fault{
		Status: http.StatusForbidden,
		Header: jsonHeader(
			"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "0", "X-RateLimit-Used", "5000",
			"X-RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10), "X-RateLimit-Resource", "core"),
		Body: `{"message":"API rate limit exceeded for user ID 1.","documentation_url":"` + docsLimits + `","status":"403"}`,
	}
}

// SecondaryLimit is the response to too many requests at once, with status 403 or 429 as GitHub uses both; retryAfter is
// rounded down to seconds. If it is zero, GitHub sends no Retry-After, but the headers of the primary limit, whose reset time
// doesn't apply to the secondary one.
func SecondaryLimit(status int, retryAfter time.Duration) *Fault {
	header := jsonHeader("Retry-After", strconv.Itoa(int(retryAfter.Seconds())))
	if retryAfter == 0 {
		header = jsonHeader(
			"X-RateLimit-Limit", "5000", "X-RateLimit-Remaining", "4811", "X-RateLimit-Used", "189",
			"X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(50*time.Minute).Unix(), 10), "X-RateLimit-Resource", "core")
	}
	return &Fault{
		Status: status,
		Header: header,
		Body: `{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again.",` +
			`"documentation_url":"` + docsLimits + `#about-secondary-rate-limits","status":"` + strconv.Itoa(status) + `"}`,
	}
}

// APIError is an error of the API with any status, such as an operation's 404, 410 or 415 on a server that lacks it.
func APIError(status int, message string) *Fault {
	return &Fault{
		Status: status,
		Header: jsonHeader(),
		Body:   string(encode(object{"message": message, "documentation_url": docsREST, "status": strconv.Itoa(status)})),
	}
}

// BadCredentials is a stray 401: the response of a replica that doesn't know the token.
func BadCredentials() *Fault { return APIError(http.StatusUnauthorized, "Bad credentials") }

func jsonHeader(pairs ...string) http.Header {
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

// apply applies the fault before the request is served, and reports whether the request is finished.
func (f *Fault) apply(w http.ResponseWriter, r *http.Request) bool {
	if f == nil {
		return false
	}
	if f.Delay > 0 {
		select {
		case <-time.After(f.Delay):
		case <-r.Context().Done():
			return true
		}
	}
	if f.Drop {
		panic(http.ErrAbortHandler)
	}
	if f.Status == 0 {
		return false
	}
	for name, values := range f.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(f.Status)
	io.WriteString(w, f.Body)
	return true
}

// truncate is w, or a writer that stops where the fault requires.
func (f *Fault) truncate(w http.ResponseWriter) http.ResponseWriter {
	if f == nil || f.CutAfter == 0 {
		return w
	}
	return &truncatingWriter{ResponseWriter: w, left: f.CutAfter}
}

// shift is by how many items lists are shifted for the request.
func (f *Fault) shift() int {
	if f == nil {
		return 0
	}
	return f.Shift
}

// truncatingWriter closes the connection in the middle of the body, after a Content-Length for all of it.
type truncatingWriter struct {
	http.ResponseWriter
	left int
}

func (w *truncatingWriter) Write(b []byte) (int, error) {
	if len(b) < w.left {
		w.left -= len(b)
		return w.ResponseWriter.Write(b)
	}
	w.ResponseWriter.Write(b[:w.left])
	http.NewResponseController(w.ResponseWriter).Flush()
	panic(http.ErrAbortHandler)
}
