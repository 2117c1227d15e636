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

// Site is what the middleware needs to know of the place it serves.
type Site struct {
	// URL is the address that people and GitHub use.
	URL *url.URL
	// TrustedProxies are the peers whose X-Forwarded-* headers are believed.
	TrustedProxies []netip.Prefix
	// HSTSSubdomains has browsers use https for the subdomains of URL, too.
	HSTSSubdomains bool
	// Logger hears of what somebody should look at.
	Logger *slog.Logger
	// Warned is of a proxy that nobody named.
	Warned *sync.Once
	// ImageOrigins are where images come from besides the own ones.
	ImageOrigins []string
}

// Middleware is what stands before every handler; limit is that of Limits, and
// admit that of Admission.
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

// panicError is a panic on its way to the log.
type panicError struct {
	cause error
	stack []byte
}

// Error implements error.
func (p *panicError) Error() string { return fmt.Sprintf("panic: %v\n%s", p.cause, p.stack) }

// logRequests gives each request an id and logs how it ended. The query stays
// out of the log: GitHub puts codes there.
func logRequests(logger *slog.Logger) echo.MiddlewareFunc {
	budget := newLogBudget(logger)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			start := time.Now()
			c.Response().Header().Set(echo.HeaderXRequestID, rand.Text()[:16])
			// Also where the connection is broken off, which is a panic.
			defer func() {
				if !budget.allow(c.RealIP()) {
					return
				}
				logger.LogAttrs(c.Request().Context(), slog.LevelInfo, "request",
					slog.String("id", RequestID(c)),
					slog.String("method", c.Request().Method),
					slog.String("path", cut(c.Request().URL.Path, maxLoggedPath)),
					slog.String("route", c.Path()),
					slog.String("user", userOf(c)),
					slog.String("address", c.RealIP()),
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
}

// userKey is where the log finds whose request it is.
const userKey = "neptun.user"

// LogUser has the log say whose request it is, by the user's id.
func LogUser(c echo.Context, userID string) { c.Set(userKey, userID) }

func userOf(c echo.Context) string {
	id, _ := c.Get(userKey).(string)
	return id
}

// secureHeaders tell browsers to load nothing but our own files and GitHub's
// avatars, to run nothing inline and to show us in nobody's frame.
func (s Site) secureHeaders() echo.MiddlewareFunc {
	// The same for every answer, so they are made once.
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

// Policy is the Content-Security-Policy of a page whose forms may go to the
// origins given.
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

// IPExtractor tells where requests come from, as far as it can be believed.
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

// ipNet is a prefix in the type that echo takes.
func ipNet(prefix netip.Prefix) *net.IPNet {
	return &net.IPNet{
		IP:   prefix.Masked().Addr().AsSlice(),
		Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen()),
	}
}

// refuseCrossOrigin refuses writes that another site's page makes a browser
// send. Scripts pass: they send neither Sec-Fetch-Site nor Origin.
func (s Site) refuseCrossOrigin() echo.MiddlewareFunc {
	protection := http.NewCrossOriginProtection()
	origin := url.URL{Scheme: s.URL.Scheme, Host: s.URL.Host}
	// The address is checked when the configuration is read, so this can't fail.
	_ = protection.AddTrustedOrigin(origin.String())
	// Webhooks carry a signature, and no cookie counts there.
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
