package handlers

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// maxBody is the largest request body, enough for an import of 50,000 ids. Only
// a webhook may be larger.
const maxBody = "1M"

func (s *Server) middleware() {
	s.echo.Use(
		s.logRequests,
		middleware.RecoverWithConfig(middleware.RecoverConfig{
			LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
				return &panicError{err, stack}
			},
		}),
		s.secureHeaders(),
		s.limitRequests,
		s.ownHost,
		middleware.BodyLimitWithConfig(middleware.BodyLimitConfig{
			Limit:   maxBody,
			Skipper: func(c echo.Context) bool { return c.Path() == webhookPath },
		}),
		s.refuseCrossOrigin(),
	)
}

// panicError is a panic on its way to the log.
type panicError struct {
	cause error
	stack []byte
}

// Error implements error.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.cause, p.stack) }

// logRequests gives each request an id and logs how it ended. The query stays
// out of the log: GitHub puts codes there.
func (s *Server) logRequests(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := time.Now()
		c.Response().Header().Set(echo.HeaderXRequestID, rand.Text()[:16])
		// Also where the connection is broken off, which is a panic.
		defer func() {
			s.Logger.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
				slog.String("id", requestID(c)),
				slog.String("method", c.Request().Method),
				slog.String("path", c.Request().URL.Path),
				slog.Int("status", c.Response().Status),
				slog.Duration("took", time.Since(start)),
			)
		}()
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

func requestID(c echo.Context) string { return c.Response().Header().Get(echo.HeaderXRequestID) }

// secureHeaders tell browsers to load nothing but our own files and GitHub's
// avatars, to run nothing inline and to show us in nobody's frame.
func (s *Server) secureHeaders() echo.MiddlewareFunc {
	// The same for every answer, so they are made once.
	fixed := http.Header{
		"Content-Security-Policy":    {s.policy("'self'")},
		"Cross-Origin-Opener-Policy": {"same-origin"},
		"Permissions-Policy":         {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
		"Referrer-Policy":            {"same-origin"},
		"X-Content-Type-Options":     {"nosniff"},
		"X-Frame-Options":            {"DENY"},
	}
	if s.config.URL.Scheme == "https" {
		fixed.Set("Strict-Transport-Security", "max-age=31536000")
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			maps.Copy(c.Response().Header(), fixed)
			return next(c)
		}
	}
}

// policy is the Content-Security-Policy of a page whose forms may go to the
// origins given.
func (s *Server) policy(forms string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"connect-src 'self'",
		"img-src 'self' " + strings.Join(s.config.GitHub.AvatarOrigins(), " "),
		"form-action " + forms,
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

// ownHost sends whoever asks for a page under another name of this machine to
// the address that GitHub's callback comes back to: a cookie set under one name
// is not sent to the other.
func (s *Server) ownHost(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Method != http.MethodGet || !isPage(r.URL.Path) || strings.EqualFold(s.host(r), s.config.URL.Host) {
			return next(c)
		}
		return c.Redirect(http.StatusTemporaryRedirect, s.config.URL.JoinPath("/").String()+strings.TrimPrefix(r.URL.RequestURI(), "/"))
	}
}

// isPage tells the paths that people open from those that machines ask for.
func isPage(path string) bool {
	return !isAPI(path) && !strings.HasPrefix(path, "/static/") && path != "/healthz" && path != "/readyz"
}

// host is the host that the browser asked for, as far as it can be believed.
func (s *Server) host(r *http.Request) string {
	if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" && s.fromTrustedProxy(r) {
		return forwarded
	}
	return r.Host
}

func (s *Server) fromTrustedProxy(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range s.config.TrustedProxies {
		if prefix.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

func ipExtractor(trusted []netip.Prefix) echo.IPExtractor {
	if len(trusted) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range trusted {
		options = append(options, echo.TrustIPRange(ipNet(prefix)))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// refuseCrossOrigin refuses writes that another site's page makes a browser
// send. Scripts pass: they send neither Sec-Fetch-Site nor Origin.
func (s *Server) refuseCrossOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	origin := url.URL{Scheme: s.config.URL.Scheme, Host: s.config.URL.Host}
	// The address is checked when the configuration is read, so this can't fail.
	_ = protection.AddTrustedOrigin(origin.String())
	// Webhooks carry a signature, and no cookie counts there.
	protection.AddInsecureBypassPattern("POST " + webhookPath)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return errCrossOrigin
			}
			return next(c)
		}
	}
}

// loadSession lets a handler change the session.
func (s *Server) loadSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r, err := s.Sessions.Load(c.Request())
		if err != nil {
			return err
		}
		c.SetRequest(r)
		return next(c)
	}
}

// needApp leads to the set-up while there is no App to log in through.
func (s *Server) needApp(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch configured, err := s.configured(c); {
		case err != nil:
			return err
		case !configured:
			return c.Redirect(http.StatusSeeOther, "/setup")
		}
		return next(c)
	}
}

// configured tells whether there is an App. While there is none, the database
// is asked whether it was set up on another instance.
func (s *Server) configured(c echo.Context) (bool, error) {
	if !s.GitHub.Configured() {
		if err := s.GitHub.LoadApp(c.Request().Context()); err != nil {
			return false, err
		}
	}
	return s.GitHub.Configured(), nil
}

// needOperator lets only operators through.
func (s *Server) needOperator(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isOperator(c) {
			return errOperatorsOnly
		}
		return next(c)
	}
}

// ownPath lets a person see what is under their own id, and nobody else's.
func (s *Server) ownPath(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isSelf(c, who(c).ID) {
			return errUserNotFound
		}
		return next(c)
	}
}
