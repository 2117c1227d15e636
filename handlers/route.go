package handlers

import (
	"net/http"
	"slices"
	"strings"

	"neptun/handlers/openapi"
	"neptun/handlers/web"

	"github.com/labstack/echo/v4"
)

// Route is one method at one path, and who may call it.
type Route struct {
	Method, Path string
	Right        openapi.Right
}

// Routes are all that a Server answers, in the order of their paths.
func Routes() []Route {
	s := &Server{echo: echo.New()}
	s.routes()
	slices.SortStableFunc(s.registered, func(a, b Route) int { return strings.Compare(a.Path, b.Path) })
	return s.registered
}

// Operations are those of the API, in the order of routes.
func Operations() []openapi.Operation {
	s := &Server{echo: echo.New()}
	s.routes()
	return s.operations
}

// add registers a route. Middleware stands at each route and never on a group:
// a group adds catch-all routes, under which a wrong method would be "not found".
func (s *Server) add(right openapi.Right, method, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.echo.Add(method, path, handler, middleware...)
	s.registered = append(s.registered, Route{method, path, right})
}

// get registers GET and HEAD; net/http leaves the body out.
func (s *Server) get(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.add(right, http.MethodGet, path, handler, middleware...)
	s.add(right, http.MethodHead, path, handler, middleware...)
}

// page registers a page, which needs an App to sign in through.
func (s *Server) page(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.get(right, path, handler, slices.Concat([]echo.MiddlewareFunc{s.setup.RequireApp}, s.session(right), middleware)...)
}

// setupPage registers a page that is there before there is an App.
func (s *Server) setupPage(path string, handler echo.HandlerFunc) {
	s.get(openapi.Anyone, path, handler)
}

// action registers an action of a page.
func (s *Server) action(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.add(right, http.MethodPost, path, handler, slices.Concat(s.session(right), middleware)...)
}

// session is the middleware of pages: it loads the session, requires it, and reads
// the form.
func (s *Server) session(right openapi.Right) []echo.MiddlewareFunc {
	if right == openapi.Anyone {
		return []echo.MiddlewareFunc{s.auth.LoadSession}
	}
	return []echo.MiddlewareFunc{s.auth.LoadSession, s.auth.Require(right), web.ReadForm}
}

// api registers an operation of the API: HEAD beside GET, and a list's files.
func (s *Server) api(right openapi.Right, o openapi.Operation, handler echo.HandlerFunc) {
	o.Right = right
	var middleware []echo.MiddlewareFunc
	if right != openapi.Anyone && o.Caching != openapi.Versioned {
		middleware = append(middleware, s.auth.Require(right))
		if strings.Contains(o.Path, "{user_id}") {
			middleware = append(middleware, s.auth.RequireOwnPath)
		}
	}
	if o.Method == http.MethodGet {
		if o.Caching == openapi.Versioned {
			middleware = append(middleware, withQuery(o.QueryNames()))
		} else {
			middleware = append(middleware, requireQuery(o.QueryNames()))
		}
	}
	if o.AsksGitHub {
		middleware = append(middleware, s.respond.WithGitHubTimeout)
	}
	register := s.get
	if o.Method != http.MethodGet {
		register = func(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
			s.add(right, o.Method, path, handler, middleware...)
		}
	}
	register(right, o.Route(), handler, middleware...)
	s.operations = append(s.operations, o)
	if o.Table {
		file := o.File()
		register(right, file.Route(), handler, middleware...)
		s.operations = append(s.operations, file)
	}
}

// queryKey is where the names of an operation's parameters are, for handlers
// that check the credential themselves: whoever isn't signed in is told of
// nothing else.
const queryKey = "query"

func withQuery(known []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(queryKey, known)
			return next(c)
		}
	}
}

// requireQuery refuses parameters that aren't known.
func requireQuery(known []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := web.CheckQuery(c, known); err != nil {
				return err
			}
			return next(c)
		}
	}
}
