package web

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// Site is the configuration of the middleware.
type Site struct {
	// URL is the address that browsers and GitHub use.
	URL *url.URL
	// TrustedProxies are the peers whose X-Forwarded-* headers are trusted.
	TrustedProxies []netip.Prefix
	// HSTSSubdomains makes browsers use https for the subdomains of URL as well.
	HSTSSubdomains bool
	// Logger gets warnings.
	Logger *slog.Logger
	// Warned limits the warning about an untrusted proxy to one.
	Warned *sync.Once
	// ImageOrigins are the origins of images besides our own.
	ImageOrigins []string
}

// Middleware returns the middleware of all handlers. limit is that of Limits, and admit that
// of Admission.
func (s Site) Middleware(logger *slog.Logger, limit, admit echo.MiddlewareFunc) []echo.MiddlewareFunc {
	return []echo.MiddlewareFunc{
		logRequests(logger),
		middleware.RecoverWithConfig(middleware.RecoverConfig{
			LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
				return &panicError{err, stack}
			},
		}),
		s.secureHeaders(),
		limit,
		s.ownHost,
		s.refuseCrossOrigin(),
		NewIntake().Middleware,
		admit,
	}
}

// panicError carries a recovered panic to the log.
type panicError struct {
	cause error
	stack []byte
}

// Error implements error.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.cause, p.stack) }

// logRequests gives each request an id and logs its result. The query isn't logged, since
// GitHub puts codes there.
func logRequests(logger *slog.Logger) echo.MiddlewareFunc {
	limiter := newLogLimiter(logger)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			c.Response().Header().Set(echo.HeaderXRequestID, rand.Text()[:16])
			// Log aborted connections as well, which are panics.
			defer func() {
				end := time.Now()
				if !limiter.allow(c.RealIP(), end) {
					return
				}
				logger.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
					slog.String("id", RequestID(c)),
					slog.String("method", c.Request().Method),
					slog.String("path", truncate(c.Request().URL.Path, maxLoggedPath)),
					slog.String("route", c.Path()),
					slog.String("user", userOf(c)),
					slog.String("address", c.RealIP()),
					slog.Int("status", c.Response().Status),
					slog.Duration("took", end.Sub(start)),
				)
			}()
			if err := next(c); err != nil {
				c.Error(err)
			}
			return nil
		}
	}
}

// userKey is the context key of the user for the log.
const userKey = "neptun.user"

// LogUser adds the user's id to the log of the request.
func LogUser(c echo.Context, userID string) { c.Set(userKey, userID) }

func userOf(c echo.Context) string {
	id, _ := c.Get(userKey).(string)
	return id
}

// secureHeaders makes browsers load only our own files and GitHub's avatars, run no inline
// scripts, and not show our pages in frames.
func (s Site) secureHeaders() echo.MiddlewareFunc {
	// The headers are the same for every response, so create them once.
	fixed := http.Header{
		"Content-Security-Policy":      {s.Policy("'self'")},
		"Cross-Origin-Opener-Policy":   {"same-origin"},
		"Cross-Origin-Resource-Policy": {"same-origin"},
		"Permissions-Policy":           {"camera=(), geolocation=(), microphone=(), payment=(), usb=()"},
		"Referrer-Policy":              {"same-origin"},
		"X-Content-Type-Options":       {"nosniff"},
		"X-Frame-Options":              {"DENY"},
	}
	if s.URL.Scheme == "https" {
		value := "max-age=31536000"
		if s.HSTSSubdomains {
			value += "; includeSubDomains"
		}
		fixed.Set("Strict-Transport-Security", value)
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			maps.Copy(c.Response().Header(), fixed)
			return next(c)
		}
	}
}

// Policy is the Content-Security-Policy of a page whose forms may be sent to the given
// origins.
func (s Site) Policy(forms string) string {
	return strings.Join([]string{
		"default-src 'none'",
		"script-src 'self'",
		"style-src 'self'",
		"connect-src 'self'",
		"manifest-src 'self'",
		"img-src 'self' " + strings.Join(s.ImageOrigins, " "),
		"form-action " + forms,
		"base-uri 'none'",
		"frame-ancestors 'none'",
	}, "; ")
}

func (s Site) fromTrustedProxy(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	for _, prefix := range s.TrustedProxies {
		if prefix.Contains(peer.Addr().Unmap()) {
			return true
		}
	}
	return false
}

// IPExtractor returns the IP address of requests, as far as it can be trusted.
func (s Site) IPExtractor() echo.IPExtractor {
	if len(s.TrustedProxies) == 0 {
		return echo.ExtractIPDirect()
	}
	options := []echo.TrustOption{echo.TrustLoopback(false), echo.TrustLinkLocal(false), echo.TrustPrivateNet(false)}
	for _, prefix := range s.TrustedProxies {
		options = append(options, echo.TrustIPRange(ipNet(prefix)))
	}
	return echo.ExtractIPFromXFFHeader(options...)
}

// ipNet converts a prefix to the type that Echo takes.
func ipNet(prefix netip.Prefix) *net.IPNet {
	return &net.IPNet{
		IP:   prefix.Masked().Addr().AsSlice(),
		Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
	}
}

// refuseCrossOrigin rejects writes that another site's page sends. Scripts are allowed: they
// send neither Sec-Fetch-Site nor Origin.
func (s Site) refuseCrossOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	origin := url.URL{Scheme: s.URL.Scheme, Host: s.URL.Host}
	// The URL was checked with the configuration, so this can't fail.
	_ = protection.AddTrustedOrigin(origin.String())
	// Webhooks are signed, and use no cookies.
	protection.AddInsecureBypassPattern("POST " + WebhookPath)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := protection.Check(c.Request()); err != nil {
				return errCrossOrigin
			}
			return next(c)
		}
	}
}
