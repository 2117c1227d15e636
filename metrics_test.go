package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
)

// scrape starts a Neptun with metrics, uses it, and returns what it measured.
func scrape(t *testing.T, databaseURL string) string {
	t.Helper()
	address := fmt.Sprint("127.0.0.1:", dbtest.FreePort(t))
	p := start(t, complete(t, map[string]string{"DATABASE_URL": databaseURL, "NEPTUN_SECRET": testSecret, "NEPTUN_METRICS_ADDR": address}))
	client := browser(t)
	get(t, client, p.address+"/login")
	get(t, client, p.address+"/none/of/our/paths")
	for _, path := range []string{"/metrics", "/debug/pprof/"} {
		if answer := get(t, client, p.address+path); answer.StatusCode != http.StatusNotFound {
			t.Errorf("%s on the public address: %d", path, answer.StatusCode)
		}
		if answer := get(t, client, "http://"+address+path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
	body, err := io.ReadAll(get(t, client, "http://"+address+"/metrics").Body)
	must(t, err)
	if code := p.end(t); code != exitClean {
		t.Errorf("exit code %d", code)
	}
	return string(body)
}

func TestO11Metrics(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, databaseURL string) {
		measured := scrape(t, databaseURL)
		for _, line := range []string{
			`neptun_http_requests_total{method="GET",route="/login",status="200"} 1`,
			`neptun_http_requests_total{method="GET",route="none",status="404"}`,
			`neptun_http_request_duration_seconds_count{route="/login"} 1`,
			"neptun_database_up 1", `neptun_stored{kind="users"} 0`, "neptun_webhooks_pending 0", "neptun_build_info{",
		} {
			if !strings.Contains(measured, line) {
				t.Errorf("no %s", line)
			}
		}
		if strings.Contains(measured, "none/of/our/paths") {
			t.Error("metrics have labels that clients choose")
		}
		check := exec.CommandContext(t.Context(), dbtest.Program(t, "promtool"), "check", "metrics")
		check.Stdin = strings.NewReader(measured)
		if out, err := check.CombinedOutput(); err != nil {
			t.Errorf("promtool check metrics: %v\n%s", err, out)
		}
	})
}

// vectors are metrics that have no sample before something happened.
var vectors = []string{
	"neptun_jobs_total", "neptun_job_duration_seconds_bucket", "neptun_github_requests_total", "neptun_github_request_duration_seconds_bucket",
	"neptun_github_rate_limit_remaining_ratio", "neptun_webhooks_total",
}

func TestO11RulesAndDashboardNameOnlyMetricsThatExist(t *testing.T) {
	measured := scrape(t, dbtest.SQLite(t))
	promtool := dbtest.Program(t, "promtool")
	if out, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "deploy/alerts.yml").CombinedOutput(); err != nil {
		t.Errorf("promtool check rules: %v\n%s", err, out)
	}
	for _, file := range []string{"deploy/alerts.yml", "deploy/grafana.json"} {
		content, err := os.ReadFile(file)
		must(t, err)
		names := regexp.MustCompile(`\b(neptun|process)_[a-z_]+`).FindAllString(string(content), -1)
		if len(names) < 10 {
			t.Errorf("%s names %d metrics", file, len(names))
		}
		for _, name := range names {
			if !strings.Contains(measured, "\n"+name) && !slices.Contains(vectors, name) {
				t.Errorf("%s names %s, which isn't measured", file, name)
			}
		}
	}
}

func TestO11APublicMetricsAddressIsNoticed(t *testing.T) {
	for address, public := range map[string]bool{
		"127.0.0.1:9090": false, "[::1]:9090": false, "10.1.2.3:9090": false, "[fd00::1]:9090": false,
		"0.0.0.0:9090": true, "[::]:9090": true, "203.0.113.7:9090": true,
	} {
		if isPublic(address) != public {
			t.Errorf("%s: public %t", address, !public)
		}
	}
}
