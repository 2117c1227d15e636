package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/sandbox"
)

const deployedHost = "neptun.example.com"

// deployed is a Neptun behind a real proxy that ends TLS, and the files the proxy needs.
type deployed struct {
	folder            string
	port              int // of the proxy
	upstream          int // of Neptun
	certificate, key  string
	world             *sandbox.World
	stop              func()
	gitHubURL, public string
}

func deploy(t *testing.T) *deployed {
	t.Helper()
	d := &deployed{folder: t.TempDir(), port: dbtest.FreePort(t), upstream: dbtest.FreePort(t), world: sandbox.DemoWorld()}
	must(t, os.Chmod(d.folder, 0o755))
	d.certificate, d.key = selfSigned(t, d.folder)
	gitHub := httptest.NewUnstartedServer(nil)
	d.gitHubURL = "http://" + gitHub.Listener.Addr().String()
	server := sandbox.New(d.world, sandbox.Config{URL: d.gitHubURL})
	gitHub.Config.Handler = server
	gitHub.Start()
	t.Cleanup(gitHub.Close)
	d.public = fmt.Sprintf("https://%s:%d", deployedHost, d.port)
	d.world.Apps.SetCallbackURLs(d.public + "/auth/github/callback")
	p := start(t, map[string]string{
		"NEPTUN_ADDR": fmt.Sprint("127.0.0.1:", d.upstream), "NEPTUN_URL": d.public, "NEPTUN_TRUSTED_PROXIES": "127.0.0.1",
		"DATABASE_URL": dbtest.SQLite(t), "GITHUB_URL": d.gitHubURL, "GITHUB_CLIENT_ID": server.App().ClientID, "GITHUB_CLIENT_SECRET": server.App().ClientSecret,
		"GITHUB_PRIVATE_KEY": server.App().PrivateKeyPEM,
	})
	d.stop = func() { p.end(t) }
	return d
}

// selfSigned creates a certificate for the host, and writes it and its key to files.
func selfSigned(t *testing.T, folder string) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{deployedHost}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	must(t, err)
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	must(t, err)
	certificate, key = filepath.Join(folder, "certificate.pem"), filepath.Join(folder, "key.pem")
	must(t, os.WriteFile(certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644))
	must(t, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: encoded}), 0o644))
	return certificate, key
}

// runProxy runs a proxy until the test ends.
func (d *deployed) runProxy(t *testing.T, environment []string, program string, args ...string) {
	t.Helper()
	// The test's context would kill nginx before its cleanup, and leave the workers.
	command := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
	command.Env = append(os.Environ(), environment...)
	output, err := os.Create(filepath.Join(d.folder, "output"))
	must(t, err)
	command.Stdout, command.Stderr = output, output
	must(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
		if content, err := os.ReadFile(output.Name()); t.Failed() && err == nil {
			t.Logf("%s: %s", program, content)
		}
	})
	dbtest.WaitForPort(t, d.port)
}

// use signs in through the proxy and follows an event stream.
func (d *deployed) use(t *testing.T) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }, Transport: &http.Transport{
		Proxy: nil, TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
		DialContext: func(_ context.Context, network, _ string) (net.Conn, error) {
			return net.Dial(network, fmt.Sprint("127.0.0.1:", d.port))
		},
	}}
	if answer := get(t, client, d.public+"/login"); answer.StatusCode != http.StatusOK {
		t.Fatalf("/login through the proxy: %d to %s", answer.StatusCode, answer.Header.Get("Location"))
	}
	logIn(t, client, d.public, "marin")
	installations(t, client, d.public, 3)
	stream, err := client.Get(d.public + "/events?topic=installations")
	must(t, err)
	defer stream.Body.Close()
	lines := bufio.NewScanner(stream.Body)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: {") {
			break
		}
	}
	if err := lines.Err(); err != nil || !strings.Contains(lines.Text(), "installations") {
		t.Errorf("the stream's first event is %q (%v)", lines.Text(), err)
	}
	var sessions []struct{ IP string }
	must(t, json.NewDecoder(get(t, client, d.public+"/api/users/me/sessions").Body).Decode(&sessions))
	if len(sessions) != 1 || sessions[0].IP != "127.0.0.1" {
		t.Errorf("sessions: %+v", sessions)
	}
	d.stop()
}

func TestO13BehindNginx(t *testing.T) {
	program := dbtest.Program(t, "nginx")
	d := deploy(t)
	content, err := os.ReadFile("deploy/nginx.conf")
	must(t, err)
	site := strings.NewReplacer(
		"server 127.0.0.1:8080;", fmt.Sprintf("server 127.0.0.1:%d;", d.upstream),
		"listen 443 ssl;", fmt.Sprintf("listen 127.0.0.1:%d ssl;", d.port),
		"/etc/ssl/neptun.example.com.pem", d.certificate, "/etc/ssl/neptun.example.com.key", d.key,
		"$host;", fmt.Sprintf("$host:%d;", d.port), // for a port other than 443
	).Replace(string(content))
	must(t, os.WriteFile(filepath.Join(d.folder, "site.conf"), []byte(site), 0o644))
	main := filepath.Join(d.folder, "nginx.conf")
	must(t, os.WriteFile(main, fmt.Appendf(nil, "daemon off; pid %[1]s/pid; error_log %[1]s/error.log;\nevents {}\nhttp {\n access_log off;\n"+
		" client_body_temp_path %[1]s/body; proxy_temp_path %[1]s/proxy; fastcgi_temp_path %[1]s/f; uwsgi_temp_path %[1]s/u; scgi_temp_path %[1]s/s;\n include %[1]s/site.conf;\n}\n", d.folder), 0o644))
	d.runProxy(t, nil, program, "-c", main, "-e", filepath.Join(d.folder, "error.log"))
	d.use(t)
}

func TestO13BehindCaddy(t *testing.T) {
	program := dbtest.Program(t, "caddy")
	d := deploy(t)
	content, err := os.ReadFile("deploy/Caddyfile")
	must(t, err)
	file := filepath.Join(d.folder, "Caddyfile")
	site := "{\n admin off\n auto_https disable_redirects\n}\n" + strings.Replace(string(content), "{\n\treverse_proxy", fmt.Sprintf("{\n\ttls %s %s\n\treverse_proxy", d.certificate, d.key), 1)
	must(t, os.WriteFile(file, []byte(site), 0o644))
	d.runProxy(t, []string{
		fmt.Sprintf("NEPTUN_HOST=%s:%d", deployedHost, d.port), fmt.Sprint("NEPTUN_UPSTREAM=127.0.0.1:", d.upstream),
		"HOME=" + d.folder, "XDG_DATA_HOME=" + d.folder, "XDG_CONFIG_HOME=" + d.folder,
	}, program, "run", "--adapter", "caddyfile", "--config", file)
	d.use(t)
}

var settingNames = regexp.MustCompile(`\b(NEPTUN|GITHUB)_[A-Z_]+`)

// TestO13FilesNameOnlySettingsThatExist reads what operators copy.
func TestO13FilesNameOnlySettingsThatExist(t *testing.T) {
	known := strings.Join(append(variables(), "NEPTUN_HOST", "NEPTUN_UPSTREAM"), " ") + " "
	for _, file := range []string{"Dockerfile", "compose.yaml", "deploy/neptun.service", "deploy/nginx.conf", "deploy/Caddyfile"} {
		content, err := os.ReadFile(file)
		must(t, err)
		for _, name := range settingNames.FindAllString(string(content), -1) {
			if !strings.Contains(known, name+" ") {
				t.Errorf("%s names %s, which is no setting", file, name)
			}
		}
	}
}

// TestO13FilesAgreeWithTheProgram reads what operators copy: commands, times, exit
// codes and addresses in it are the program's.
func TestO13FilesAgreeWithTheProgram(t *testing.T) {
	find := func(file, pattern string) string {
		t.Helper()
		content, err := os.ReadFile(file)
		must(t, err)
		found := regexp.MustCompile(pattern).FindStringSubmatch(string(content))
		if found == nil {
			t.Fatalf("%s has no %s", file, pattern)
		}
		return found[1]
	}
	longer := func(what, text string, than time.Duration) {
		t.Helper()
		if d, err := time.ParseDuration(text); err != nil || d <= than {
			t.Errorf("%s is %s, want more than %v (%v)", what, text, than, err)
		}
	}
	longer("the health check's timeout", find("Dockerfile", `HEALTHCHECK .*--timeout=(\S+)`), healthTimeout)
	longer("stop_grace_period", find("compose.yaml", `stop_grace_period: (\S+)`), stopWithin)
	longer("TimeoutStopSec", find("deploy/neptun.service", `TimeoutStopSec=(\d+)`)+"s", stopWithin)
	check := find("Dockerfile", `HEALTHCHECK .* CMD \["/neptun", "(\w+)"\]`)
	if !slices.ContainsFunc(commands, func(c command) bool { return c.name == check }) {
		t.Errorf("the health check is neptun %s, which is no command", check)
	}
	if code := find("deploy/neptun.service", `RestartPreventExitStatus=(\d+)`); code != strconv.Itoa(exitConfiguration) {
		t.Errorf("the unit doesn't restart after exit code %s", code)
	}
	if image, module := find("Dockerfile", `FROM golang:(\S+)`), find("go.mod", `(?m)^go (\d+\.\d+)`); image != module {
		t.Errorf("the image is built with Go %s, the module needs %s", image, module)
	}
	if volume, file := find("Dockerfile", `VOLUME (\S+)`), find("Dockerfile", `DATABASE_URL=sqlite:(\S+)`); filepath.Dir(file) != volume {
		t.Errorf("the database %s isn't on the volume %s", file, volume)
	}
	port := ":" + find("Dockerfile", `EXPOSE (\d+)`)
	for file, pattern := range map[string]string{"Dockerfile": `NEPTUN_ADDR=(\S+)`, "compose.yaml": `NEPTUN_ADDR: "(\S+)"`} {
		if addr := find(file, pattern); addr != port {
			t.Errorf("in %s Neptun listens at %s, want %s", file, addr, port)
		}
	}
	if upstream := find("compose.yaml", `NEPTUN_UPSTREAM: (\S+)`); upstream != "neptun"+port {
		t.Errorf("Caddy requests %s", upstream)
	}
}

// TestO17EverySettingAndMetricIsDocumented reads docs/operations.md.
func TestO17EverySettingAndMetricIsDocumented(t *testing.T) {
	content, err := os.ReadFile("docs/operations.md")
	must(t, err)
	docs := string(content)
	for _, name := range variables() {
		if name != "DEMO_DATABASE_URL" && name != "SANDBOX_ADDR" && !strings.Contains(docs, "`"+name+"`") {
			t.Errorf("docs/operations.md lacks %s", name)
		}
	}
	known := strings.Join(variables(), " ") + " "
	for _, name := range settingNames.FindAllString(docs, -1) {
		if !strings.Contains(known, name+" ") && name != "NEPTUN_" {
			t.Errorf("docs/operations.md has %s, which isn't a setting", name)
		}
	}
	measured := scrape(t, dbtest.SQLite(t))
	for _, name := range regexp.MustCompile(`(?m)^# TYPE (neptun_[a-z_]+)`).FindAllStringSubmatch(measured, -1) {
		if !strings.Contains(docs, "`"+name[1]) && !strings.Contains(docs, "`…"+strings.TrimPrefix(name[1], "neptun_database_connections")) {
			t.Errorf("docs/operations.md lacks %s", name[1])
		}
	}
	for _, c := range commands {
		if c.name != "" && c.name != "demo" && !strings.Contains(docs, "`neptun "+c.name) {
			t.Errorf("docs/operations.md lacks neptun %s", c.name)
		}
	}
}
