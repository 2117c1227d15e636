package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// healthTimeout is longer than the timeout of /readyz.
const healthTimeout = 5 * time.Second

// health asks the instance on this machine whether it is ready. It needs no
// configuration but NEPTUN_ADDR, so that a container can run it.
func (p invocation) health(ctx context.Context, _ []string, _ bool) error {
	var config struct {
		Addr string `env:"NEPTUN_ADDR" envDefault:"127.0.0.1:8080"`
	}
	if errs := parse(&config, clean(p.environment)); len(errs) > 0 {
		return errs
	}
	host, port, err := net.SplitHostPort(config.Addr)
	if err != nil {
		return configErrors{"NEPTUN_ADDR must be host:port, such as 127.0.0.1:8080"}
	}
	// Not "localhost", which an image without /etc/hosts can't resolve.
	if ip, err := netip.ParseAddr(host); host == "" || ip == netip.IPv4Unspecified() {
		host = "127.0.0.1"
	} else if err == nil && ip.IsUnspecified() {
		host = "::1"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/readyz", nil)
	if err != nil {
		return err
	}
	// No proxy: the instance is on this machine.
	response, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s: %s", request.URL, response.Status, strings.TrimSpace(string(body)))
	}
	fmt.Fprintln(p.stdout, "ready")
	return nil
}
