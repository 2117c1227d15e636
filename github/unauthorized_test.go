package github

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// refuseTimes makes the next requests to a path fail with 401.
func (s *stage) refuseTimes(path string, n int) {
	s.server.Fault(func(r *http.Request) *sandbox.Fault {
		if n > 0 && strings.HasSuffix(r.URL.Path, path) {
			n--
			return sandbox.BadCredentials()
		}
		return nil
	})
}

func (s *stage) getUser() error {
	var answer user
	_, err := s.github.AsUser(s.person.ID).get(s.t.Context(), "user", &answer)
	return err
}

// R1: a single 401 decides nothing.
func TestR1A401IsRetriedWithTheSameToken(t *testing.T) {
	for name, c := range map[string]struct {
		behavior sandbox.Behavior
		age      time.Duration
		refusals int
	}{
		"a new token, one":                        {refusals: 1},
		"a new token, three":                      {refusals: 3},
		"an older token, two stray ones":          {age: 2 * time.Minute, refusals: 2},
		"a token without end, two stray ones":     {behavior: sandbox.Behavior{TokensDontExpire: true}, age: time.Hour, refusals: 2},
		"a server that can't check a token":       {behavior: sandbox.Behavior{Missing: []string{"POST /applications/{client_id}/token"}}, age: time.Hour, refusals: 2},
		"neither a check nor an end of the token": {behavior: sandbox.Behavior{TokensDontExpire: true, Missing: []string{"POST /applications/{client_id}/token"}}, age: time.Hour, refusals: 3},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
			s.server.SetBehavior(c.behavior)
			s.signIn("ada")
			before := s.token()
			s.clock.Advance(c.age)
			s.refuseTimes("/user", c.refusals)
			s.server.ResetRequests()
			if err := s.getUser(); err != nil {
				t.Fatal(err)
			}
			if after := s.token(); after.Refused || after.Access != before.Access {
				t.Errorf("the token is refused: %v, replaced: %v", after.Refused, after.Access != before.Access)
			}
			if n := s.server.RequestCount("/login/oauth/access_token"); n != 0 {
				t.Errorf("%d refreshes were made", n)
			}
		})
	}
}

func TestR1AnEndedTokenRequiresASignIn(t *testing.T) {
	for name, c := range map[string]struct {
		behavior sandbox.Behavior
		age      time.Duration
		end      func(*stage)
	}{
		"revoked at once":                {end: func(s *stage) { s.server.Revoke("ada") }},
		"revoked later":                  {age: time.Hour, end: func(s *stage) { s.server.Revoke("ada") }},
		"a token without end is revoked": {behavior: sandbox.Behavior{TokensDontExpire: true}, age: time.Hour, end: func(s *stage) { s.server.Revoke("ada") }},
		"bad_refresh_token": {age: 8 * time.Hour, end: func(s *stage) {
			s.server.SetBehavior(sandbox.Behavior{RefreshError: "bad_refresh_token"})
		}},
		"bad_verification_code of a refresh": {age: 8 * time.Hour, end: func(s *stage) {
			s.server.SetBehavior(sandbox.Behavior{RefreshError: "bad_verification_code"})
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
			s.server.SetBehavior(c.behavior)
			s.signIn("ada")
			s.clock.Advance(c.age)
			c.end(s)
			expectErr(t, s.getUser(), ErrSignInAgain)
			if !s.token().Refused {
				t.Error("the end of the authorization isn't recorded")
			}
		})
	}
}

func TestR1ARejectedButValidTokenSignsNobodyOut(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	s.signIn("ada")
	for _, age := range []time.Duration{0, time.Hour} {
		s.clock.Advance(age)
		s.refuseTimes("/user", 100)
		expectErr(t, s.getUser(), ErrUnavailable)
		if s.token().Refused {
			t.Errorf("after %v the token is refused", age)
		}
	}
}

func TestR1ASignInRetriesUntilReplicasKnowTheToken(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	s.server.SetBehavior(sandbox.Behavior{TokenRefusals: 2})
	s.signIn("ada")
}

func TestR1ANewInstallationTokenIsRetried(t *testing.T) {
	world, id := workshop()
	s := newStage(t, dbtest.SQLite(t), world)
	s.server.SetBehavior(sandbox.Behavior{TokenRefusals: 2})
	s.server.ResetRequests()
	n, err := s.github.AsInstallation(id).CountRepositories(t.Context())
	if err != nil || n == 0 {
		t.Fatalf("got %d, %v", n, err)
	}
	if created := s.server.RequestCount("/access_tokens"); created != 1 {
		t.Errorf("%d tokens were created", created)
	}
}

// R2: GitHub rejects the user.
func TestR2ASuspendedAccountIsRejectedUntilTheNextSignIn(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	s.signIn("ada")
	s.world.Accounts.Refuse("ada", sandbox.AccountSuspended)
	err := s.getUser()
	expectErr(t, err, ErrAccountSuspended)
	if words := Explain(err); !strings.Contains(words, "suspended your account") {
		t.Errorf("it is explained as %q", words)
	}
	if stored := s.token(); !stored.Refused || stored.Refusal != db.AccountSuspended {
		t.Errorf("stored are %v and %q", stored.Refused, stored.Refusal)
	}
	expectErr(t, s.getUser(), ErrAccountSuspended)
	s.world.Accounts.Refuse("ada", "")
	s.signIn("ada")
	if err := s.getUser(); err != nil || s.token().Refusal != "" {
		t.Errorf("after the next sign-in: %v, %q", err, s.token().Refusal)
	}
}

func TestR2EachRefusalIsExplained(t *testing.T) {
	json := http.Header{"Content-Type": {"application/json"}}
	var list *IPAllowListError
	for name, c := range map[string]struct {
		status int
		body   string
		is     func(error) bool
		words  string
	}{
		"IP allow list": {
			403, "{\"message\":\"Although you appear to have the correct authorization credentials, the `reef` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.\",\"documentation_url\":\"https://docs.github.com/rest/overview\"}",
			func(err error) bool {
				return errors.As(err, &list) && list.URL == "https://docs.github.com/rest/overview" && errors.Is(err, ErrForbidden)
			}, "IP allow list",
		},
		"a link to elsewhere": {
			403, `{"message":"the organization has an IP allow list enabled","documentation_url":"https://evil.example/"}`,
			func(err error) bool { return errors.As(err, &list) && list.URL == "" }, "IP allow list",
		},
		"managed user": {403, `{"message":"Unauthorized: As an Enterprise Managed User, you cannot access this content"}`, is(ErrManagedUser), "enterprise manages"},
		"blocked":      {403, `{"message":"Repository access blocked","block":{"reason":"tos","created_at":"2026-01-01T00:00:00Z"}}`, is(ErrBlocked), "blocked"},
		"451":          {451, `{"message":"Repository access blocked","block":{"reason":"dmca"}}`, is(ErrBlocked), "blocked"},
		"no more than": {403, `{"message":"Resource not accessible by integration"}`, func(err error) bool { return is(ErrForbidden)(err) && !is(ErrBlocked)(err) }, "have permission"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
			s.signIn("ada")
			s.server.FailPath("/user", &sandbox.Fault{Status: c.status, Header: json, Body: c.body})
			err := s.getUser()
			if !c.is(err) || !strings.Contains(Explain(err), c.words) {
				t.Errorf("the error is %v, explained as %q", err, Explain(err))
			}
			if s.token().Refused {
				t.Error("the token is refused")
			}
		})
	}
}

func is(kind error) func(error) bool { return func(err error) bool { return errors.Is(err, kind) } }

// R3: a token whose lifetime is shorter than the margin is still used.
func TestR3AShortLivedTokenIsRefreshedOnceForEachUse(t *testing.T) {
	s := newStage(t, dbtest.SQLite(t), sandboxtest.EmptyWorld())
	for _, life := range []time.Duration{time.Minute, time.Second} {
		s.server.SetBehavior(sandbox.Behavior{AccessTokenLifetime: life})
		s.signIn("ada")
		s.clock.Advance(life)
		s.server.ResetRequests()
		if err := s.getUser(); err != nil {
			t.Fatal(err)
		}
		if n := s.server.RequestCount("/login/oauth/access_token"); n != 1 {
			t.Errorf("with %v, %d refreshes were made", life, n)
		}
	}
}
