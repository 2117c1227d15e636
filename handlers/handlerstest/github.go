package handlerstest

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
)

// GitHubRequests counts the requests to GitHub, without those that Neptun sends periodically for the app.
func (s *Stage) GitHubRequests() (n int) {
	for _, request := range s.GitHub.Requests() {
		_, path, ofApp := strings.Cut(request.Path, "/api/v3/app")
		if !ofApp || path != "" && path != "/installations" && path != "/installation-requests" && path != "/hook/deliveries" {
			n++
		}
	}
	return n
}

// Reads reports whether a token can read a repository on GitHub.
func (s *Stage) Reads(token, repository string) bool {
	s.T.Helper()
	request, err := http.NewRequestWithContext(s.T.Context(), http.MethodGet, s.GitHubURL+"/api/v3/repos/workshop/"+repository, nil)
	Must(s.T, err)
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("User-Agent", "a script")
	response, err := http.DefaultClient.Do(request)
	Must(s.T, err)
	Must(s.T, response.Body.Close())
	return response.StatusCode == http.StatusOK
}

// FailRequests makes GitHub fail every request to a path.
func (s *Stage) FailRequests(path string, fault *sandbox.Fault) {
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if strings.HasSuffix(r.URL.Path, path) {
			return fault
		}
		return nil
	})
}

// Actions are the entries of the audit log, newest first, without sign-ins, sign-outs and uses.
func (s *Stage) Actions() []db.AuditEntry {
	s.T.Helper()
	list, err := s.DB.ListAudit(s.T.Context(), db.AuditFilter{}, 100)
	Must(s.T, err)
	return slices.DeleteFunc(list, func(entry db.AuditEntry) bool {
		return slices.Contains([]string{"sign in", "sign out", "accept setup code", "refuse setup code", "import repositories", "start server", db.AuditUseAPIToken}, entry.Action)
	})
}

// Audit is Actions as text.
func (s *Stage) Audit() string {
	s.T.Helper()
	var lines []string
	for _, note := range s.Actions() {
		lines = append(lines, note.Login+" "+note.Action+" "+note.Subject)
	}
	return strings.Join(lines, "\n")
}

// GoDown makes Neptun unreachable until an instance is started.
func (s *Stage) GoDown() (comeBack func()) {
	answering := s.Front.Load()
	var down http.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	s.Front.Store(&down)
	return func() { s.Front.Store(answering) }
}

// DropWebhooksDuring makes every webhook fail that is delivered while something happens.
func (s *Stage) DropWebhooksDuring(happens func()) {
	s.T.Helper()
	comeBack := s.GoDown()
	defer comeBack()
	happens()
	ctx, cancel := context.WithTimeout(context.Background(), dbtest.Timeout)
	defer cancel()
	Must(s.T, s.GitHub.WaitForDeliveries(ctx))
}

// UntilRecovered waits until no recovery of deliveries is in progress.
func (s *Stage) UntilRecovered() db.Recovery {
	s.T.Helper()
	var state db.Recovery
	dbtest.Until(s.T, "no recovery of deliveries is in progress", func() (done bool) {
		var err error
		state, err = s.DB.GetRecovery(context.Background())
		Must(s.T, err)
		return !state.Active() && !state.SyncedAt.IsZero()
	})
	return state
}

// HoldResponses holds back GitHub's responses to some requests until release is called or the test ends.
func (s *Stage) HoldResponses(of func(*http.Request) bool) (release func()) {
	released := make(chan struct{})
	release = sync.OnceFunc(func() { close(released) })
	s.T.Cleanup(release)
	s.GitHub.Fault(func(r *http.Request) *sandbox.Fault {
		if of(r) {
			<-released
		}
		return nil
	})
	return release
}

// Changes are the requests by which the app changed something on GitHub.
func (s *Stage) Changes() (list []string) {
	for _, request := range s.GitHub.Requests() {
		_, path, ofApp := strings.Cut(request.Path, "/app/")
		if request.Method != http.MethodGet && ofApp {
			list = append(list, request.Method+" /app/"+path)
		}
	}
	return list
}
