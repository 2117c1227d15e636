package github

import (
	"errors"
	"fmt"
	"time"
)

// What GitHub answers when it doesn't answer what was asked. Explain has a
// sentence for each.
var (
	// ErrLogInAgain: GitHub takes this person's token no more, nor renews it.
	ErrLogInAgain = errors.New("github: the person has to log in again")
	// ErrAccountSuspended: GitHub has suspended the user's account. It is an
	// ErrLogInAgain.
	ErrAccountSuspended = fmt.Errorf("%w: the account is suspended", ErrLogInAgain)
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
	// ErrBadCode: the code of a login has expired or was used.
	ErrBadCode = errors.New("github: the code of the login is no longer good")
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
		return "GitHub asks Neptun to slow down until " + clock(limit.Until) + "."
	case errors.As(err, &limit):
		return "GitHub's hourly limit of requests is used up until " + clock(limit.Until) + "."
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
	case errors.Is(err, ErrLogInAgain):
		return "GitHub no longer accepts your login. Log in again."
	case errors.Is(err, ErrSuspended):
		return "This installation is suspended on GitHub. Once the suspension is lifted there, sync again."
	case errors.As(err, &sso):
		return "This organization asks for its single sign-on. Sign in to it on GitHub, then try again."
	case errors.Is(err, ErrForbidden):
		return "GitHub says that you lack the right for this."
	case errors.Is(err, ErrNotFound):
		return "GitHub has nothing there, or nothing that it shows to you."
	case errors.Is(err, ErrWithdrawn):
		return "This GitHub no longer offers this."
	case errors.Is(err, ErrInvalid):
		return "GitHub can't do this as it was asked for."
	case errors.Is(err, ErrBadCode):
		return "This login took too long, or was finished already. Log in again."
	case errors.Is(err, ErrAppCredentials):
		return "GitHub does not accept this App's credentials. Whoever runs this Neptun has to check its configuration."
	case errors.Is(err, ErrRedirectURI):
		return "GitHub does not know this Neptun's address. Whoever runs it has to add its callback URL to the App's settings on GitHub."
	case errors.Is(err, ErrUnavailable):
		return "GitHub does not answer properly right now. Try again in a while."
	}
	return "Something went wrong in Neptun. Try again in a while."
}

func clock(t time.Time) string { return t.UTC().Format("15:04 UTC") }
