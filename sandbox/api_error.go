package sandbox

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"strconv"
)

// The prefixes of the documentation_url of errors, as of Enterprise Server 3.19.
const (
	docsREST   = "https://docs.github.com/enterprise-server@3.19/rest"
	docsLimits = docsREST + "/using-the-rest-api/rate-limits-for-the-rest-api"
)

// apiError is an error response, in GitHub's wording.
type apiError struct {
	status  int
	message string
	docs    string // "": the operation's page
	url     string // the current URL of a moved resource
	block   object // why a repository is blocked
	errors  []any  // what is wrong with the request's body, for 422
}

func (e *apiError) Error() string { return e.message }

var (
	errNotFound    = &apiError{status: http.StatusNotFound, message: "Not Found"}
	errNoLogin     = &apiError{status: http.StatusUnauthorized, message: "Requires authentication"}
	errBadLogin    = &apiError{status: http.StatusUnauthorized, message: "Bad credentials", docs: docsREST}
	errIntegration = &apiError{status: http.StatusForbidden, message: "Resource not accessible by integration"}
	errSuspended   = &apiError{status: http.StatusForbidden, message: "This installation has been suspended"}
	errUndecodable = &apiError{status: http.StatusUnauthorized, message: "A JSON web token could not be decoded", docs: docsREST}
	errNoSuchApp   = &apiError{status: http.StatusNotFound, message: "Integration not found", docs: docsREST}

	errNotThroughApp = &apiError{
		status:  http.StatusForbidden,
		message: "You must authenticate with an access token authorized to a GitHub App in order to list installations",
	}
	errNotInstallation = &apiError{
		status:  http.StatusForbidden,
		message: "You must authenticate with an installation access token in order to list repositories for an installation.",
	}
	errNotAdmin     = &apiError{status: http.StatusForbidden, message: "Must have admin rights to Repository."}
	errNoSuchToken  = &apiError{status: http.StatusUnprocessableEntity, message: "Validation Failed", errors: []any{object{"resource": "OauthAccess", "field": "access_token", "code": "invalid"}}}
	errMissingScope = &apiError{
		status:  http.StatusForbidden,
		message: "Must have admin rights to Repository and a token with the scope 'repo'.",
	}
)

// movedTo redirects from a repository's old name.
func movedTo(url string) *apiError {
	return &apiError{
		status:  http.StatusMovedPermanently,
		message: "Moved Permanently",
		docs:    docsREST + "/guides/best-practices-for-using-the-rest-api#follow-redirects",
		url:     url,
	}
}

func (s *api) writeError(w http.ResponseWriter, c *call, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		panic(err) // actions return no other errors
	}
	s.limits.setHeaders(c)
	body := object{"message": e.message, "documentation_url": cmp.Or(e.docs, c.documentationURL)}
	if e.url != "" {
		w.Header().Set("Location", e.url)
		body["url"] = e.url
	} else {
		body["status"] = strconv.Itoa(e.status)
	}
	if e.block != nil {
		body["block"] = e.block
	}
	if e.errors != nil {
		body["errors"] = e.errors
	}
	writeJSON(w, e.status, encode(body))
}

// refuseWithoutUserAgent is plain text on GitHub too
// (https://docs.github.com/rest/using-the-rest-api/getting-started-with-the-rest-api#user-agent).
func refuseWithoutUserAgent(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusForbidden)
	io.WriteString(w, "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header "+
		"("+docsREST+"/overview/resources-in-the-rest-api#user-agent-required). "+
		"Check https://developer.github.com for other possible causes.\r\n")
}
