package web

import (
	"log/slog"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"
)

// Origin is where a request comes from, as far as throttles count by it.
type Origin struct {
	Peer netip.Prefix
	// Claimed is where a peer says that the request comes from which isn't among the
	// trusted proxies. It may be a proxy that nobody named, behind which everybody
	// would share one address, or a client that lies.
	Claimed netip.Prefix
}

// Origin returns where a request comes from. The first time that a peer claims
// to be a proxy which isn't trusted, it says so in the log.
func (s Site) Origin(c echo.Context) Origin {
	origin := Origin{Peer: NetworkOf(c.RealIP())}
	forwarded := c.Request().Header.Values("X-Forwarded-For")
	if len(forwarded) == 0 || s.fromTrustedProxy(c.Request()) {
		return origin
	}
	if s.Warned != nil {
		s.Warned.Do(func() {
			s.Logger.LogAttrs(c.Request().Context(), slog.LevelWarn,
				"requests arrive with X-Forwarded-For from an address that NEPTUN_TRUSTED_PROXIES doesn't name: if it is your proxy, name it, so that addresses in the log and limits are those of clients",
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
