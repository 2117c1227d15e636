package github

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The errors of requests to GitHub. Explain has a message for each.
var (
	// ErrSignInAgain: GitHub no longer accepts the user's token, and doesn't refresh it.
	ErrSignInAgain = errors.New("github: the user has to sign in again")
	// ErrAccountSuspended: GitHub has suspended the user's account. It wraps
	// ErrSignInAgain.
	ErrAccountSuspended = fmt.Errorf("%w: the account is suspended", ErrSignInAgain)
	// ErrInactive: the user's token has expired, and they haven't used Neptun lately.
	ErrInactive = errors.New("github: the user is inactive")
	// ErrForbidden: a permission is missing.
	ErrForbidden = errors.New("github: forbidden")
	// ErrManagedUser: the user's enterprise doesn't let its managed users access the
	// resource. It wraps ErrForbidden.
	ErrManagedUser = fmt.Errorf("%w: the user is managed by an enterprise", ErrForbidden)
	// ErrBlocked: GitHub has blocked the repository, for its terms or for legal
	// reasons. It wraps ErrForbidden.
	ErrBlocked = fmt.Errorf("%w: the repository is blocked", ErrForbidden)
	// ErrSuspended: the installation is suspended.
	ErrSuspended = errors.New("github: the installation is suspended")
	// ErrNotFound: the resource doesn't exist, or the caller may not see it.
	ErrNotFound = errors.New("github: not found")
	// ErrWithdrawn: this GitHub no longer has the operation.
	ErrWithdrawn = errors.New("github: no longer offered")
	// ErrUnsupported: this server doesn't have the operation, or not in this form.
	ErrUnsupported = errors.New("github: not supported by this server")
	// ErrInvalid: GitHub understood the request but can't process it.
	ErrInvalid = errors.New("github: unprocessable")
	// ErrUnavailable: no response, an incomplete one, or one that isn't GitHub's.
	ErrUnavailable = errors.New("github: unavailable")
	// ErrMalformed: a response without a field that GitHub always sends. It wraps
	// ErrUnavailable.
	ErrMalformed = fmt.Errorf("%w: the answer is malformed", ErrUnavailable)
	// ErrBadCode: the code of a sign-in has expired or was used.
	ErrBadCode = errors.New("github: the code of the sign-in is no longer valid")
	// ErrAccessDenied: the user cancelled a sign-in on GitHub.
	ErrAccessDenied = errors.New("github: the user denied access")
	// ErrUnverifiedEmail: the user has to verify their primary email address first.
	ErrUnverifiedEmail = errors.New("github: the user's email address is not verified")
	// ErrSignInFailed: GitHub rejected a sign-in for a reason that Neptun doesn't know.
	ErrSignInFailed = errors.New("github: the sign-in failed")
	// ErrAppSuspended: GitHub has suspended the app itself.
	ErrAppSuspended = errors.New("github: the App is suspended")
	// ErrAppCredentials: the app's ID, secret or key is wrong. Only the operator can
	// fix it.
	ErrAppCredentials = errors.New("github: the App's credentials are refused")
	// ErrRedirectURI: this server's callback URL isn't among the app's. Only the
	// operator can fix it.
	ErrRedirectURI = errors.New("github: the callback URL is refused")
)

// RateLimitError means that GitHub refuses requests until a time. Secondary is set for
// GitHub's secondary rate limits, for too many requests at once
// (https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api).
type RateLimitError struct {
	Until     time.Time
	Secondary bool
}

func (e *RateLimitError) Error() string {
	kind := "primary"
	if e.Secondary {
		kind = "secondary"
	}
	return fmt.Sprintf("github: %s rate limit until %s", kind, e.Until.UTC().Format(time.RFC3339))
}

// UnavailableError means that GitHub, or a proxy in front of it, is unavailable until a time. It
// wraps ErrUnavailable.
type UnavailableError struct{ Until time.Time }

func (e *UnavailableError) Error() string {
	return "github: unavailable until " + e.Until.UTC().Format(time.RFC3339)
}

// Unwrap returns ErrUnavailable.
func (e *UnavailableError) Unwrap() error { return ErrUnavailable }

// SSOError means that an organization requires its single sign-on
// (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso).
type SSOError struct {
	// URL is GitHub's page to sign in, empty if the response had none.
	URL string
}

func (e *SSOError) Error() string { return "github: the organization requires single sign-on" }

// withheld returns the GitHub IDs of the organizations missing from a list because
// they require single sign-on: GitHub responds 200 without them, and lists them in a
// header
// (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso).
func withheld(header http.Header) (ids []int64) {
	kind, rest, _ := strings.Cut(header.Get("X-GitHub-SSO"), ";")
	name, list, _ := strings.Cut(strings.TrimSpace(rest), "=")
	if strings.TrimSpace(kind) != "partial-results" || strings.TrimSpace(name) != "organizations" {
		return nil
	}
	for _, word := range strings.Split(list, ",") {
		if id, err := strconv.ParseInt(strings.TrimSpace(word), 10, 64); err == nil && id > 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// IPAllowListError means that an organization only accepts requests from addresses on
// its IP allow list, which doesn't include this server's. It wraps ErrForbidden.
type IPAllowListError struct {
	// URL is GitHub's page about it, empty if the response had none.
	URL string
}

func (e *IPAllowListError) Error() string { return "github: the organization's IP allow list" }

// Unwrap returns ErrForbidden.
func (e *IPAllowListError) Unwrap() error { return ErrForbidden }

// Explain returns a message for users: what err means and what to do. It never
// contains the cause.
func Explain(err error) string {
	var (
		limit *RateLimitError
		sso   *SSOError
		list  *IPAllowListError
	)
	switch {
	case errors.As(err, &limit) && limit.Secondary:
		return "GitHub's secondary rate limit was reached. It resets at " + clock(limit.Until) + "."
	case errors.As(err, &limit):
		return "GitHub's rate limit was reached. It resets at " + clock(limit.Until) + "."
	case errors.Is(err, ErrAccountSuspended):
		return "GitHub has suspended your account. Once GitHub has restored it, sign in again."
	case errors.As(err, &list):
		return "This organization has an IP allow list, and this server's address isn't on it. An owner of the organization can add it on GitHub."
	case errors.Is(err, ErrManagedUser):
		return "Your enterprise manages your account, and doesn't let it see this."
	case errors.Is(err, ErrBlocked):
		return "GitHub has blocked access to this repository."
	case errors.Is(err, ErrUnsupported):
		return "This GitHub server doesn't support this. It may be too old."
	case errors.Is(err, ErrSignInAgain):
		return "Your GitHub authorization has expired. Sign in again."
	case errors.Is(err, ErrInactive):
		return "Neptun doesn't sync for users who haven't used it for 7 days. It syncs when you come back."
	case errors.Is(err, ErrSuspended):
		return "This installation is suspended on GitHub. Unsuspend it, then sync."
	case errors.As(err, &sso):
		return "This organization requires single sign-on. Sign in to it on GitHub, then try again."
	case errors.Is(err, ErrForbidden):
		return "You don't have permission to do this on GitHub."
	case errors.Is(err, ErrNotFound):
		return "Not found on GitHub, or you don't have access."
	case errors.Is(err, ErrWithdrawn):
		return "This GitHub server no longer supports this."
	case errors.Is(err, ErrInvalid):
		return "GitHub rejected the request."
	case errors.Is(err, ErrBadCode):
		return "This sign-in has expired. Sign in again."
	case errors.Is(err, ErrAccessDenied):
		return "You canceled the sign-in on GitHub."
	case errors.Is(err, ErrUnverifiedEmail):
		return "GitHub requires a verified email address. Verify your primary email address on GitHub, then sign in again."
	case errors.Is(err, ErrAppSuspended):
		return "GitHub has suspended this app. Its owner must contact GitHub Support."
	case errors.Is(err, ErrSignInFailed):
		return "GitHub didn't complete the sign-in. Sign in again; if it keeps failing, tell the operator of this server."
	case errors.Is(err, ErrAppCredentials):
		return "GitHub rejected the app's credentials. The operator of this server must check its configuration."
	case errors.Is(err, ErrRedirectURI):
		return "The callback URL isn't registered. The operator of this server must add it to the app settings on GitHub."
	case errors.Is(err, ErrUnavailable):
		return "GitHub isn't responding properly. Try again later."
	}
	return "Something went wrong. Try again later."
}

func clock(t time.Time) string { return t.UTC().Format("15:04 UTC") }
