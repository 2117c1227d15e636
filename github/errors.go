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

// What GitHub answers when it doesn't answer what was asked. Explain has a
// sentence for each.
var (
	// ErrSignInAgain: GitHub takes this person's token no more, nor renews it.
	ErrSignInAgain = errors.New("github: the user has to sign in again")
	// ErrAccountSuspended: GitHub has suspended the user's account. It is an
	// ErrSignInAgain.
	ErrAccountSuspended = fmt.Errorf("%w: the account is suspended", ErrSignInAgain)
	// ErrInactive: the user's token has expired, and they haven't used Neptun lately.
	ErrInactive = errors.New("github: the user is inactive")
	// ErrForbidden: a right is missing.
	ErrForbidden = errors.New("github: forbidden")
	// ErrManagedUser: an enterprise lets its managed users see nothing there. It is an
	// ErrForbidden.
	ErrManagedUser = fmt.Errorf("%w: the user is managed by an enterprise", ErrForbidden)
	// ErrBlocked: GitHub has blocked the repository, for its terms or for legal
	// reasons. It is an ErrForbidden.
	ErrBlocked = fmt.Errorf("%w: the repository is blocked", ErrForbidden)
	// ErrSuspended: the installation is suspended.
	ErrSuspended = errors.New("github: the installation is suspended")
	// ErrNotFound: GitHub has nothing there, or nothing to show to this asker.
	ErrNotFound = errors.New("github: not found")
	// ErrWithdrawn: this GitHub no longer offers what was asked for.
	ErrWithdrawn = errors.New("github: no longer offered")
	// ErrUnsupported: this server doesn't offer what was asked for, or not in this form.
	ErrUnsupported = errors.New("github: not supported by this server")
	// ErrInvalid: GitHub understood what was asked, and can't do it so.
	ErrInvalid = errors.New("github: unprocessable")
	// ErrUnavailable: no answer, half an answer, or one that is none of GitHub's.
	ErrUnavailable = errors.New("github: unavailable")
	// ErrMalformed: an answer that lacks what GitHub always gives. It is an
	// ErrUnavailable.
	ErrMalformed = fmt.Errorf("%w: the answer is malformed", ErrUnavailable)
	// ErrBadCode: the code of a login has expired or was used.
	ErrBadCode = errors.New("github: the code of the login is no longer good")
	// ErrAccessDenied: the user cancelled a sign-in on GitHub.
	ErrAccessDenied = errors.New("github: the user denied access")
	// ErrUnverifiedEmail: the user has to verify their primary email address first.
	ErrUnverifiedEmail = errors.New("github: the user's email address is not verified")
	// ErrSignInFailed: GitHub ended a sign-in for a reason that isn't known here.
	ErrSignInFailed = errors.New("github: the sign-in failed")
	// ErrAppSuspended: GitHub has suspended the App itself.
	ErrAppSuspended = errors.New("github: the App is suspended")
	// ErrAppCredentials: the App's id, secret or key is wrong. Only the operator
	// can help.
	ErrAppCredentials = errors.New("github: the App's credentials are refused")
	// ErrRedirectURI: the App doesn't list this Neptun's callback URL. Only the
	// operator can help.
	ErrRedirectURI = errors.New("github: the callback URL is refused")
)

// RateLimitError tells that GitHub answers no more until a time. Secondary is
// GitHub's word for too much at once
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

// SSOError tells that an organization lets nobody in who isn't signed in with
// its single sign-on
// (https://docs.github.com/rest/authentication/authenticating-to-the-rest-api#personal-access-tokens-and-saml-sso).
type SSOError struct {
	// URL is GitHub's page to do so, empty where GitHub named none.
	URL string
}

func (e *SSOError) Error() string { return "github: the organization requires single sign-on" }

// withheld are the organizations, by GitHub's ids, that a list lacks since they require
// single sign-on: GitHub answers 200 without them, and names them in a header
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

// IPAllowListError tells that an organization accepts requests only from addresses
// on its list, and this server's isn't there. It is an ErrForbidden.
type IPAllowListError struct {
	// URL is GitHub's page about it, empty where GitHub named none.
	URL string
}

func (e *IPAllowListError) Error() string { return "github: the organization's IP allow list" }

// Unwrap makes it an ErrForbidden.
func (e *IPAllowListError) Unwrap() error { return ErrForbidden }

// Explain says in a sentence or two for people what err means and what to do.
// It never shows the cause.
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
