package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"neptun/db"
	"neptun/db/dbtest"
)

// stallProxy passes connections on to a server until it is stalled: then it
// accepts, reads and stays silent.
type stallProxy struct {
	listener net.Listener
	target   string
	mu       sync.RWMutex // held for writing while stalled
}

func startStallProxy(t *testing.T, target string) *stallProxy {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p := &stallProxy{listener: listener, target: target}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go p.pass(conn)
		}
	}()
	return p
}

func (p *stallProxy) pass(client net.Conn) {
	server, err := net.Dial("tcp", p.target)
	if err != nil {
		client.Close()
		return
	}
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		go func() {
			defer way[0].Close()
			defer way[1].Close()
			buffer := make([]byte, 32<<10)
			for {
				n, err := way[0].Read(buffer)
				p.mu.RLock()
				_, failed := way[1].Write(buffer[:n])
				p.mu.RUnlock()
				if err != nil || failed != nil {
					return
				}
			}
		}()
	}
}

// timed requests an address and returns how long it took.
func timed(t *testing.T, client *http.Client, address string) (*http.Response, time.Duration) {
	t.Helper()
	began := time.Now()
	answer := get(t, client, address)
	return answer, time.Since(began)
}

func TestO6ASilentDatabase(t *testing.T) {
	server, err := url.Parse(dbtest.Postgres(t))
	must(t, err)
	proxy := startStallProxy(t, server.Host)
	server.Host = proxy.listener.Addr().String()
	p := start(t, complete(t, map[string]string{"DATABASE_URL": server.String(), "NEPTUN_SECRET": testSecret, "NEPTUN_RATE_LIMIT": "0"}))
	client := browser(t)
	api := p.address + "/api/users/me/installations"
	scripts := func() (*http.Response, time.Duration) {
		request, err := http.NewRequest(http.MethodGet, api, nil)
		must(t, err)
		request.Header.Set("Authorization", "Bearer neptun_0000000000000000000000000000000000002Vpm")
		began := time.Now()
		answer, err := client.Do(request)
		must(t, err)
		_, err = io.Copy(io.Discard, answer.Body)
		must(t, err)
		must(t, answer.Body.Close())
		return answer, time.Since(began)
	}
	if answer, _ := scripts(); answer.StatusCode != http.StatusUnauthorized {
		t.Fatalf("an unknown token: %d", answer.StatusCode)
	}
	if answer := get(t, client, p.address+"/readyz"); answer.StatusCode != http.StatusOK {
		t.Fatalf("ready: %d", answer.StatusCode)
	}

	proxy.mu.Lock()
	var waiting sync.WaitGroup
	const inFlight = 1500
	var mu sync.Mutex
	statuses := map[int]int{}
	for range inFlight {
		waiting.Go(func() {
			answer, took := scripts()
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.StatusCode]++
			if took > 25*time.Second {
				statuses[-1]++
			}
			if answer.StatusCode == http.StatusServiceUnavailable && answer.Header.Get("Retry-After") == "" {
				statuses[-2]++
			}
		})
	}
	if answer, took := timed(t, client, p.address+"/healthz"); answer.StatusCode != http.StatusOK || took > 2*time.Second {
		t.Errorf("/healthz answers %d after %v", answer.StatusCode, took)
	}
	if answer, took := timed(t, client, p.address+"/readyz"); answer.StatusCode != http.StatusServiceUnavailable || took > 4*time.Second {
		t.Errorf("/readyz answers %d after %v", answer.StatusCode, took)
	}
	waiting.Wait()
	if statuses[http.StatusServiceUnavailable] != inFlight || len(statuses) != 1 {
		t.Errorf("responses while the database doesn't respond (-1: late, -2: without Retry-After): %v", statuses)
	}
	proxy.mu.Unlock()

	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		ready := get(t, client, p.address+"/readyz").StatusCode
		answer, _ := scripts()
		if ready == http.StatusOK && answer.StatusCode == http.StatusUnauthorized {
			break
		}
		if time.Since(began) > 30*time.Second {
			t.Fatalf("when the database answers again: ready %d, API %d", ready, answer.StatusCode)
		}
	}
	if code := p.end(t); code != exitClean {
		t.Errorf("exit code %d", code)
	}
}

func TestO8AWebhookGetsAResponseWithinTenSecondsOfALockedFile(t *testing.T) {
	databaseURL := dbtest.SQLite(t)
	file, _ := db.SQLiteFile(databaseURL)
	p := start(t, complete(t, map[string]string{"DATABASE_URL": databaseURL, "GITHUB_WEBHOOK_SECRET": testSecret}))
	lock, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(5000)") // Neptun writes at its start
	must(t, err)
	defer lock.Close()
	lock.SetMaxOpenConns(1)
	_, err = lock.ExecContext(t.Context(), "BEGIN IMMEDIATE")
	must(t, err)
	var waiting sync.WaitGroup
	for i := range 5 {
		waiting.Go(func() {
			request := signedWebhook(t, p.address, fmt.Sprint("locked-", i))
			began := time.Now()
			answer, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			answer.Body.Close()
			if took := time.Since(began); answer.StatusCode != http.StatusServiceUnavailable || took > 10*time.Second {
				t.Errorf("a webhook while the file is locked: %d after %v", answer.StatusCode, took)
			}
		})
	}
	waiting.Wait()
	_, err = lock.ExecContext(t.Context(), "ROLLBACK")
	must(t, err)
	answer, err := http.DefaultClient.Do(signedWebhook(t, p.address, "after"))
	must(t, err)
	must(t, answer.Body.Close())
	if answer.StatusCode != http.StatusAccepted {
		t.Errorf("a webhook afterwards: %d", answer.StatusCode)
	}
}

// signedWebhook is a webhook about nothing in particular.
func signedWebhook(t *testing.T, address, guid string) *http.Request {
	t.Helper()
	return signedDelivery(t, address, guid, "ping", `{"zen":"Keep it logically awesome."}`)
}

// signedDelivery is a webhook as GitHub sends it.
func signedDelivery(t *testing.T, address, guid, event, body string) *http.Request {
	t.Helper()
	request, err := http.NewRequest(http.MethodPost, address+"/webhooks/github", strings.NewReader(body))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-GitHub-Delivery", guid)
	request.Header.Set("X-GitHub-Event", event)
	signature := hmac.New(sha256.New, []byte(testSecret))
	signature.Write([]byte(body))
	request.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(signature.Sum(nil)))
	return request
}
