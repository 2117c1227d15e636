package main

import (
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"neptun/handlers/web"
)

const (
	// otherDescriptors are reserved for the database, GitHub and files. A pool larger than
	// the default takes more.
	otherDescriptors         = 128
	descriptorsPerConnection = 3 // SQLite: the file, its log and the index of that
	// refusalsEvery is how often refused connections are logged at most.
	refusalsEvery = time.Minute
)

// limitedListener limits the open connections, so that idle ones can't use up the
// descriptors of the process. One network may have half of them; a trusted proxy, through
// which all clients connect, may have all.
type limitedListener struct {
	net.Listener
	limit   int
	trusted []netip.Prefix
	log     *slog.Logger

	mu       sync.Mutex
	open     int
	networks map[netip.Prefix]int
	refused  int // since loggedAt
	loggedAt time.Time
}

// limitConnections limits the connections of a listener if the system limits the
// descriptors of a process.
func (s settings) limitConnections(listener net.Listener, log *slog.Logger) net.Listener {
	descriptors := maxDescriptors()
	if descriptors == 0 {
		return listener
	}
	return &limitedListener{
		Listener: listener, limit: max(descriptors-otherDescriptors-descriptorsPerConnection*s.DatabaseConnections, descriptors/2),
		trusted: s.TrustedProxies, log: log, networks: map[netip.Prefix]int{},
	}
}

// Accept implements net.Listener. Connections beyond the limits are closed.
func (l *limitedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		network, counted := l.network(conn.RemoteAddr())
		if !l.enter(network, counted) {
			_ = conn.Close()
			continue
		}
		return &limitedConn{Conn: conn, leave: sync.OnceFunc(func() { l.leave(network, counted) })}, nil
	}
}

// network returns the network that a connection counts for, if any.
func (l *limitedListener) network(address net.Addr) (_ netip.Prefix, counted bool) {
	peer, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return netip.Prefix{}, false
	}
	for _, prefix := range l.trusted {
		if prefix.Contains(peer.Addr().Unmap()) {
			return netip.Prefix{}, false
		}
	}
	return web.NetworkOf(peer.Addr().String()), true
}

func (l *limitedListener) enter(network netip.Prefix, counted bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open >= l.limit || counted && l.networks[network] >= l.limit/2 {
		l.refused++
		if now := time.Now(); now.Sub(l.loggedAt) > refusalsEvery {
			l.log.Warn("connections are refused: there are too many", "open", l.open, "limit", l.limit, "network", network.String(), "refused", l.refused)
			l.refused, l.loggedAt = 0, now
		}
		return false
	}
	l.open++
	if counted {
		l.networks[network]++
	}
	return true
}

func (l *limitedListener) leave(network netip.Prefix, counted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open--
	if !counted {
		return
	}
	if l.networks[network]--; l.networks[network] == 0 {
		delete(l.networks, network)
	}
}

type limitedConn struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
