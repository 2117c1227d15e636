//go:build soak

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox/sandboxtest"
)

// lastRelease is the commit of the release before this one.
const lastRelease = "9b6c257"

// buildLastRelease builds the program of the last release from the repository.
func buildLastRelease(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	program := filepath.Join(folder, "neptun")
	for _, step := range []string{
		"git archive " + lastRelease + " | tar --extract --directory " + folder + " --transform 's,^,source/,'",
		"cd " + folder + "/source && go build -o " + program + " .",
	} {
		if stderr, err := exec.CommandContext(t.Context(), "bash", "-o", "pipefail", "-c", step).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", step, err, stderr)
		}
	}
	return program
}

// O14, O15: three instances of the last release, the real one, are upgraded under load
// as docs/operations.md says. Before that, a new release is started beside them.
func TestO14ThreeInstancesOfTheLastReleaseAreUpgraded(t *testing.T) {
	former := buildLastRelease(t)
	repositories := 2000
	c := openCluster(t, sandboxtest.LargeWorld(repositories), dbtest.EmptyPostgres(t))
	c.gitHub.Fault(nil)
	c.environment["GITHUB_PRIVATE_KEY"] = strings.ReplaceAll(c.gitHub.App().PrivateKeyPEM, "\n", `\n`)
	c.environment["GITHUB_WEBHOOK_SECRET"] = testSecret
	for n := range 3 {
		c.start(n, former)
	}
	logIn(t, c.client, c.public, "ada")
	c.waitUntil("the user is synced", c.synced)
	in := "/api/users/me/installations/" + number(installations(t, c.client, c.public, 1)[0]["id"])
	answer, err := c.client.Post(c.public+in+"/imports", "application/json", strings.NewReader(`{"filter":{"language":"Go"}}`))
	must(t, err)
	must(t, answer.Body.Close())
	c.imports = c.importIDs(c.public, in)

	c.load()
	early := exec.CommandContext(t.Context(), executable(t))
	early.Env = append(os.Environ(), mainEnv+"=1")
	for name, value := range c.environment {
		early.Env = append(early.Env, name+"="+value)
	}
	var stderr bytes.Buffer
	early.Stderr = &stderr
	if err := early.Run(); early.ProcessState.ExitCode() != exitConfiguration || !strings.Contains(stderr.String(), "stop all of them") {
		t.Errorf("the new release beside the last one: %v: %s", err, &stderr)
	}
	c.expectNoFailure()

	began := time.Now()
	for n := range 3 {
		c.stop(n)
	}
	for n := range 3 {
		c.start(n, executable(t))
		if n == 0 {
			c.Logf("soak: stopping three instances of the last release, migrating %d repositories and starting the first new one took %v", repositories, time.Since(began).Round(time.Millisecond))
		}
	}
	if answer := get(t, c.client, c.public+in+"/imports"); answer.StatusCode != http.StatusOK {
		t.Fatalf("the session is gone: %d", answer.StatusCode)
	}
	if now := c.importIDs(c.public, in); fmt.Sprint(now) != fmt.Sprint(c.imports) {
		t.Errorf("%d imports became %d, or their ids changed", len(c.imports), len(now))
	}
	answer, err = c.client.Post(c.public+in+"/sync", "application/json", nil)
	must(t, err)
	var state map[string]any
	must(t, json.NewDecoder(answer.Body).Decode(&state))
	must(t, answer.Body.Close())
	c.waitUntil("a sync ends after the upgrade", func() bool {
		return len(c.numbers(`SELECT id FROM sync_runs WHERE kind = 'sync_repositories' AND state = 'done'`)) > 1
	})
	c.expectEqual()
	for n := range 3 {
		c.stop(n)
	}
}
