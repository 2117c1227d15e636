package handlers

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"neptun/db"
	"neptun/sessions"
	"neptun/views"

	"github.com/labstack/echo/v4"
)

// problem is a failure as people are told of it.
type problem struct {
	status   int
	sentence string
	fields   []fieldProblem // of a request that doesn't hold together
	link     views.Link     // the way on, on pages; none where it is empty
	// retryAfter is how long to wait; 0 where nobody can tell.
	retryAfter time.Duration
}

// fieldProblem says what is wrong with one field of a request.
type fieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error implements error.
func (p *problem) Error() string { return p.sentence }

// full is the sentence as it stands on a page.
func (p *problem) full() string { return strings.TrimSuffix(p.sentence, ".") + "." }

// The failures that have a name.
var (
	errLoggedOut            = &problem{status: http.StatusUnauthorized, sentence: "Sign in to continue"}
	errUnconfirmed          = &problem{status: http.StatusUnauthorized, sentence: "Sign in again: GitHub no longer confirms your access"}
	errUserNotFound         = &problem{status: http.StatusNotFound, sentence: "User not found"}
	errInstallationNotFound = &problem{status: http.StatusNotFound, sentence: "Installation not found", link: views.Link{Text: "Go to installations", URL: "/installations"}}
	errImportNotFound       = &problem{status: http.StatusNotFound, sentence: "Import not found", link: views.Link{Text: "Your imports", URL: "/imports"}}
	errExclusionNotFound    = &problem{status: http.StatusNotFound, sentence: "Exclusion not found"}
	errCrossOrigin          = &problem{status: http.StatusForbidden, sentence: "This request came from another site and was rejected"}
	errTooSlow              = &problem{status: http.StatusGatewayTimeout, sentence: "GitHub took too long to respond. Try again in a minute"}
	errOperatorsOnly        = &problem{status: http.StatusForbidden, sentence: "This is for the operators of this server"}
	errNotJSON              = &problem{status: http.StatusUnsupportedMediaType, sentence: "Send the body as application/json"}
)

// invalid is the failure of a request whose fields don't hold together.
func invalid(fields ...fieldProblem) *problem {
	return &problem{
		status:   http.StatusUnprocessableEntity,
		sentence: "Invalid request: " + fields[0].Field + " " + fields[0].Message,
		fields:   fields,
	}
}

// explain turns any error into what people are told. What it doesn't know is
// our own failure, of which nobody is told the cause.
func explain(err error) *problem {
	var (
		known  *problem
		framed *echo.HTTPError
	)
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, db.ErrSuspended):
		return &problem{status: http.StatusConflict, sentence: "This installation is suspended. Unsuspend it to import repositories"}
	case errors.Is(err, db.ErrNotFound):
		return &problem{status: http.StatusNotFound, sentence: "Not found"}
	case errors.As(err, &framed):
		return explainHTTP(framed)
	}
	if told := explainGitHub(err); told != nil {
		return told
	}
	return &problem{status: http.StatusInternalServerError, sentence: "Something went wrong. Try again"}
}

// explainHTTP puts what echo and net/http refuse into words.
func explainHTTP(err *echo.HTTPError) *problem {
	sentences := map[int]string{
		http.StatusBadRequest:            "Bad request",
		http.StatusNotFound:              "Page not found",
		http.StatusMethodNotAllowed:      "Method not allowed",
		http.StatusRequestEntityTooLarge: "Request too large: the maximum is 1 MB",
		http.StatusUnsupportedMediaType:  "Unsupported content type",
	}
	sentence, ok := sentences[err.Code]
	if !ok {
		sentence = http.StatusText(err.Code)
	}
	return &problem{status: err.Code, sentence: sentence}
}

// answerError is the one place that turns an error into an answer. The cause of
// a failure of ours goes to the log, once.
func (s *Server) answerError(err error, c echo.Context) {
	if errors.Is(err, context.Canceled) && c.Request().Context().Err() != nil {
		return // whoever asked has gone
	}
	told := explain(err)
	if told.status >= http.StatusInternalServerError {
		s.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "request failed",
			slog.String("id", requestID(c)), slog.String("error", err.Error()))
	}
	if c.Response().Committed {
		return
	}
	if err := s.tell(c, told); err != nil {
		s.Logger.LogAttrs(c.Request().Context(), slog.LevelError, "error page failed",
			slog.String("id", requestID(c)), slog.String("error", err.Error()))
	}
}

func (s *Server) tell(c echo.Context, told *problem) error {
	c.Response().Header().Set(echo.HeaderCacheControl, "no-store")
	if told.retryAfter > 0 {
		c.Response().Header().Set(echo.HeaderRetryAfter, seconds(told.retryAfter))
	}
	switch {
	case isAPI(c.Request().URL.Path):
		return c.JSON(told.status, errorBody(told))
	case told.status == http.StatusUnauthorized:
		return s.tellLogin(c, told)
	}
	page := s.errorPage(c, told)
	if isFragment(c) {
		return s.render(c, told.status, views.ErrorFragment(page))
	}
	return s.render(c, told.status, views.Error(page))
}

// seconds is a duration as headers have it, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}

// tellLogin shows the login where the page would have been, so that the way
// back is the address in the bar.
func (s *Server) tellLogin(c echo.Context, told *problem) error {
	returnTo := "/installations"
	if c.Request().Method == http.MethodGet {
		returnTo = c.Request().URL.RequestURI()
	}
	if isFragment(c) {
		c.Response().Header().Set("HX-Redirect", "/login?"+url.Values{"return_to": {s.currentPath(c)}}.Encode())
		return c.NoContent(told.status)
	}
	page := views.LoginPage{Frame: s.frame(c, "Log in"), ReturnTo: returnTo}
	if told != errLoggedOut {
		page.Reason = told.full()
	}
	return s.render(c, told.status, views.Login(page))
}

func (s *Server) errorPage(c echo.Context, told *problem) views.ErrorPage {
	if c.Get(credentialKey) == nil && told.status != http.StatusTooManyRequests {
		// An address that isn't there asks for nobody; its page still shows
		// whoever is logged in the way back. Those who ask too much cost no look-up.
		if credential, err := s.credentialOf(c.Request().Context(), s.Sessions.PageKey(c.Request())); err == nil {
			c.Set(credentialKey, credential)
		}
	}
	page := views.ErrorPage{
		Frame:     s.frame(c, http.StatusText(told.status)),
		Status:    told.status,
		Sentence:  told.full(),
		RequestID: requestID(c),
	}
	switch {
	case told.link.URL != "":
		page.Links = []views.Link{told.link}
	case canTryAgain(c, told.status):
		page.Links = []views.Link{
			{Text: "Try again", URL: sessions.OwnPath(c.Request().URL.RequestURI(), home)},
			{Text: "Go to installations", URL: home},
		}
	}
	return page
}

// canTryAgain tells whether the same address may answer better later. One with a
// state in it is good for one use.
func canTryAgain(c echo.Context, status int) bool {
	return (status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout || status == http.StatusTooManyRequests) &&
		c.Request().Method == http.MethodGet && c.QueryParam("state") == ""
}

// errorJSON is the one shape of an error in JSON.
type errorJSON struct {
	StatusCode    int           `json:"statusCode"`
	StatusMessage string        `json:"statusMessage"`
	Data          errorDataJSON `json:"data"`
}

type errorDataJSON struct {
	Message string         `json:"message"`
	Errors  []fieldProblem `json:"errors,omitempty"`
}

func errorBody(told *problem) errorJSON {
	return errorJSON{
		StatusCode:    told.status,
		StatusMessage: http.StatusText(told.status),
		Data:          errorDataJSON{Message: strings.TrimSuffix(told.sentence, "."), Errors: told.fields},
	}
}

// recordID is the installation record that the path names. What is no number is
// as absent as a number that nobody has.
func recordID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("installation_id"), 10, 64)
	if err != nil {
		return 0, errInstallationNotFound
	}
	return id, nil
}
