package main

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"
)

// O12: a line of the log names the user of a request, also for the published endpoints,
// which authorize by a statement of their own. No query is in it, nor a cookie.
func TestO12LogLinesNameTheUser(t *testing.T) {
	c := openCrash(t, sandboxtest.LargeWorld(3), dbtest.SQLite(t))
	c.environment["NEPTUN_LOG_FORMAT"] = "json"
	address, log, end := serving(t, c.environment)
	c.world.Apps.SetCallbackURLs(address + "/auth/github/callback")
	logIn(t, c.client, address, "ada")
	record := number(installations(t, c.client, address, 1)[0]["id"])
	var me struct{ ID string }
	must(t, json.NewDecoder(get(t, c.client, address+"/api/users/me").Body).Decode(&me))
	own, err := url.Parse(address)
	must(t, err)
	cookies := c.client.Jar.Cookies(own)
	for _, path := range []string{"/api/users/me/installations", "/api/users/me/installations/" + record + "/imports", "/api/users/me/imports", "/account"} {
		get(t, c.client, address+path+"?_=confidential")
	}
	end()

	seen := map[string]bool{}
	for line := range strings.Lines(log.String()) {
		var entry struct{ Msg, ID, Method, Path, Route, User, Address string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if entry.Msg != "request" || entry.User == "" {
			continue
		}
		seen[entry.Route] = true
		if entry.User != me.ID || entry.ID == "" || entry.Method != http.MethodGet || entry.Address != "127.0.0.1" {
			t.Errorf("%s", line)
		}
	}
	for _, route := range []string{"/api/users/:user_id/installations", "/api/users/:user_id/installations/:installation_id/imports", "/api/users/:user_id/imports", "/account"} {
		if !seen[route] {
			t.Errorf("no line of %s names the user", route)
		}
	}
	for _, secret := range []string{"confidential", cookies[0].Value} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

// O12: what net/http reports is in the configured format, too.
func TestO12ErrorsOfNetHTTPAreLogged(t *testing.T) {
	var out bytes.Buffer
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error)
	log := slog.New(slog.NewJSONHandler(&out, nil))
	go func() {
		served <- serveHTTP(ctx, listener, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a fault") }), log, func() {})
	}()
	if _, err := http.Get("http://" + listener.Addr().String()); err == nil {
		t.Error("a response that no handler wrote")
	}
	stop()
	must(t, <-served)
	var entry struct{ Level, Msg string }
	if err := json.Unmarshal(out.Bytes(), &entry); err != nil || entry.Level != "WARN" || !strings.Contains(entry.Msg, "a fault") {
		t.Errorf("%v: %s", err, out.String())
	}
}
