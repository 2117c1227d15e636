package sandbox

import (
	"net/http"
	"net/url"
	"sync"
)

// Request is one request to the server.
type Request struct {
	Method string
	Path   string // as sent; the API's starts with /api/v3
	Query  url.Values
	Login  string // the user of its token or sandbox session; "" for none and for the App itself
	Status int    // of the response; 0 before there is one, or when the connection was dropped
}

// requestLogSize limits the memory that a long-running demo uses.
const requestLogSize = 20_000

type requestLog struct {
	mu      sync.Mutex
	entries []*Request
}

func (j *requestLog) open(r *http.Request) *Request {
	entry := &Request{Method: r.Method, Path: r.URL.Path, Query: r.URL.Query()}
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.entries) == requestLogSize {
		j.entries = append([]*Request(nil), j.entries[requestLogSize/2:]...)
	}
	j.entries = append(j.entries, entry)
	return entry
}

func (j *requestLog) setLogin(entry *Request, login string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	entry.Login = login
}

func (j *requestLog) close(entry *Request, status int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	entry.Status = status
}

// Requests lists the latest requests, oldest first.
func (s *Server) Requests() []Request {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	all := make([]Request, len(s.requests.entries))
	for i, entry := range s.requests.entries {
		all[i] = *entry
	}
	return all
}

// ResetRequests deletes the recorded requests.
func (s *Server) ResetRequests() {
	s.requests.mu.Lock()
	defer s.requests.mu.Unlock()
	s.requests.entries = nil
}

// statusWriter records the response's status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

// Unwrap lets http.ResponseController access the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}
