package main

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

// process is a run of the whole program, as a process that can be killed.
type process struct {
	*exec.Cmd
	address string

	mu  sync.Mutex
	log []string // since it was ready
}

// spawn starts the program in its own process: the test binary, which contains it.
func spawn(t *testing.T, environment map[string]string, args ...string) *process {
	t.Helper()
	return spawnAs(t, exec.CommandContext(t.Context(), executable(t), args...), environment)
}

// spawnAs starts the program by a command.
func spawnAs(t testing.TB, command *exec.Cmd, environment map[string]string) *process {
	t.Helper()
	command.Env = append(os.Environ(), mainEnv+"=1")
	for name, value := range environment {
		command.Env = append(command.Env, name+"="+value)
	}
	stderr, err := command.StderrPipe()
	must(t, err)
	command.Stdout = command.Stderr // a demo prints its address there
	must(t, command.Start())
	lines := bufio.NewScanner(stderr)
	for lines.Scan() {
		if strings.Contains(lines.Text(), "Neptun is ready") || strings.HasPrefix(lines.Text(), "Open ") {
			p := &process{Cmd: command, address: addressInOutput.FindString(lines.Text())}
			go func() {
				for lines.Scan() {
					p.mu.Lock()
					p.log = append(p.log, lines.Text())
					p.mu.Unlock()
				}
			}()
			return p
		}
		t.Log(lines.Text())
	}
	t.Fatal("the program ended before it was ready")
	return nil
}

// executable returns the test binary, which contains the whole program.
func executable(t *testing.T) string {
	t.Helper()
	binary, err := os.Executable()
	must(t, err)
	return binary
}

// Sessions, imports and their ids outlive a crash, on both engines.
func TestNothingIsLostByAKill(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		world := sandbox.DemoWorld()
		gitHub := httptest.NewUnstartedServer(nil)
		gitHubURL := "http://" + gitHub.Listener.Addr().String()
		server := sandbox.New(world, sandbox.Config{URL: gitHubURL})
		gitHub.Config.Handler = server
		gitHub.Start()
		defer gitHub.Close()
		environment := map[string]string{
			"NEPTUN_ADDR": "127.0.0.1:0", "DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret,
			"GITHUB_URL": gitHubURL, "GITHUB_CLIENT_ID": server.App().ClientID, "GITHUB_CLIENT_SECRET": server.App().ClientSecret,
			"GITHUB_PRIVATE_KEY": strings.ReplaceAll(server.App().PrivateKeyPEM, "\n", `\n`),
		}

		first := spawn(t, environment)
		world.Apps.SetCallbackURLs(first.address + "/auth/github/callback")
		client := browser(t)
		logIn(t, client, first.address, "marin")
		record := installations(t, client, first.address, 3)[0]
		imports := "/api/users/me/installations/" + number(record["id"]) + "/imports"
		var before string
		dbtest.Until(t, "a list is imported", func() bool {
			answer, err := client.Post(first.address+imports, "application/json", strings.NewReader(`{"filter":{"language":"Go"}}`))
			must(t, err)
			must(t, answer.Body.Close())
			before = read(t, get(t, client, first.address+imports))
			return strings.Count(before, `"id"`) > 10
		})
		must(t, first.Process.Kill())
		_ = first.Wait() // it was killed

		_, port, _ := strings.Cut(strings.TrimPrefix(first.address, "http://"), ":")
		environment["NEPTUN_ADDR"] = "127.0.0.1:" + port
		second := spawn(t, environment)
		after := get(t, client, second.address+imports)
		if after.StatusCode != http.StatusOK {
			t.Fatalf("the session is gone: %d", after.StatusCode)
		}
		if now := read(t, after); !strings.HasPrefix(now, before[:len(before)-2]) {
			t.Errorf("imports before %.300s and after %.300s", before, now)
		}
		must(t, second.Process.Signal(os.Interrupt))
		if err := second.Wait(); err != nil {
			t.Errorf("after Ctrl-C: %v", err)
		}
	})
}

func read(t *testing.T, answer *http.Response) string {
	t.Helper()
	var content bytes.Buffer
	_, err := content.ReadFrom(answer.Body)
	must(t, err)
	return content.String()
}

func number(id any) string {
	n, _ := id.(float64)
	return strconv.FormatInt(int64(n), 10)
}
