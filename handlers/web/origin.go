package web

import (
	"log/slog"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// Origin is where a request comes from, for rate limits.
type Origin struct {
	Peer netip.Prefix
	// Claimed is where an untrusted peer says that the request comes from. The peer may be a
	// proxy that isn't configured, or a client that lies.
	Claimed netip.Prefix
}

// Origin returns where a request comes from. It logs the first time that an untrusted peer
// claims to be a proxy.
func (s Site) Origin(c echo.Context) Origin {
	origin := Origin{Peer: NetworkOf(c.RealIP())}
	forwarded := c.Request().Header.Values("X-Forwarded-For")
	if len(forwarded) == 0 || s.fromTrustedProxy(c.Request()) {
		return origin
	}
	if s.Warned != nil {
		s.Warned.Do(func() {
			s.Logger.LogAttrs(c.Request().Context(), slog.LevelWarn,
				"requests have X-Forwarded-For from an address that isn't in NEPTUN_TRUSTED_PROXIES: if it is your proxy, add it, so that the log and the rate limits use the addresses of clients",
				slog.String("peer", c.RealIP()))
		})
	}
	last := forwarded[len(forwarded)-1]
	origin.Claimed = NetworkOf(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:]))
	if !origin.Claimed.IsValid() {
		origin.Claimed = origin.Peer
	}
	return origin
}
