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

// Routes returns all routes of a Server, sorted by path.
func Routes() []Route {
	s := &Server{echo: echo.New()}
	s.routes()
	slices.SortStableFunc(s.registered, func(a, b Route) int { return strings.Compare(a.Path, b.Path) })
	return s.registered
}

// Operations returns the operations of the API, in the order of the routes.
func Operations() []openapi.Operation {
	s := &Server{echo: echo.New()}
	s.routes()
	return s.operations
}

// add registers a route. Middleware is added to each route and never to a group: a group
// adds catch-all routes, which would turn 405 into 404.
func (s *Server) add(right openapi.Right, method, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.echo.Add(method, path, wrap(handler, middleware))
	s.registered = append(s.registered, Route{method, path, right})
}

// wrap returns a handler behind middleware, the first outermost. Echo would wrap it again for
// each request.
func wrap(handler echo.HandlerFunc, middleware []echo.MiddlewareFunc) echo.HandlerFunc {
	for _, m := range slices.Backward(middleware) {
		handler = m(handler)
	}
	return handler
}

// use sets the middleware of all routes, and of requests that no route matches.
func (s *Server) use(middleware []echo.MiddlewareFunc) {
	handler := wrap(func(c echo.Context) error { return c.Handler()(c) }, middleware)
	s.echo.Use(func(echo.HandlerFunc) echo.HandlerFunc { return handler })
}

// get registers GET and HEAD. net/http omits the body of HEAD.
func (s *Server) get(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.add(right, http.MethodGet, path, handler, middleware...)
	s.add(right, http.MethodHead, path, handler, middleware...)
}

// page registers a page that requires the app to be set up.
func (s *Server) page(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.get(right, path, handler, slices.Concat([]echo.MiddlewareFunc{s.setup.RequireApp}, s.session(right), middleware)...)
}

// setupPage registers a page that exists before the app is set up.
func (s *Server) setupPage(path string, handler echo.HandlerFunc) {
	s.get(openapi.Anyone, path, handler)
}

// action registers the POST of a form.
func (s *Server) action(right openapi.Right, path string, handler echo.HandlerFunc, middleware ...echo.MiddlewareFunc) {
	s.add(right, http.MethodPost, path, handler, slices.Concat(s.session(right), middleware)...)
}

// session is the middleware of pages: it loads the session, requires it unless anyone may
// call the page, and reads the form.
func (s *Server) session(right openapi.Right) []echo.MiddlewareFunc {
	if right == openapi.Anyone {
		return []echo.MiddlewareFunc{s.auth.LoadSession}
	}
	return []echo.MiddlewareFunc{s.auth.LoadSession, s.auth.Require(right), web.ReadForm}
}

// api registers an operation of the API, with HEAD for GET, and the files of a list.
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

// queryKey is the context key of an operation's parameter names, for handlers that check the
// credential themselves: a request without a valid credential gets no other error.
const queryKey = "query"

func withQuery(known []string) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Set(queryKey, known)
			return next(c)
		}
	}
}

// requireQuery rejects unknown parameters.
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
