package browsertest

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"neptun/db/dbtest"
	"neptun/handlers/handlerstest"
	"neptun/sandbox"

	"golang.org/x/net/websocket"
)

// firefoxEnv names the environment variable with the Firefox to test in.
const firefoxEnv = "NEPTUN_TEST_FIREFOX"

// screenshotsEnv names the environment variable with a directory for pictures of what
// tests see, which CI keeps.
const screenshotsEnv = "NEPTUN_TEST_SCREENSHOTS"

// firefox is a Firefox that is driven by WebDriver BiDi
// (https://www.w3.org/TR/webdriver-bidi/), with one tab.
type firefox struct {
	t       *testing.T
	socket  *websocket.Conn
	last    int
	context string // the tab
	url     string // of the server that paths are on
}

func startFirefox(t *testing.T, serverURL string) *firefox {
	t.Helper()
	path := os.Getenv(firefoxEnv)
	for _, name := range []string{"firefox-esr", "firefox"} {
		if path == "" {
			path, _ = exec.LookPath(name)
		}
	}
	if path == "" {
		dbtest.Skip(t, "install Firefox (Debian: apt-get install firefox-esr) or set "+firefoxEnv+" to run this in it")
	}
	const origin = "http://localhost"
	command := exec.Command(path, "--headless", "--no-remote", "--profile", t.TempDir(), "--remote-debugging-port", "0", "--remote-allow-origins", origin)
	command.Env = append(os.Environ(), "HOME="+t.TempDir(), "MOZ_CRASHREPORTER_DISABLE=1")
	output, err := command.StderrPipe()
	handlerstest.Must(t, err)
	handlerstest.Must(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	var address string
	lines := bufio.NewScanner(output)
	for address == "" && lines.Scan() {
		_, address, _ = strings.Cut(lines.Text(), "WebDriver BiDi listening on ")
	}
	if address == "" {
		t.Fatal("Firefox offers no WebDriver BiDi")
	}
	go func() {
		for lines.Scan() { // so that the browser never waits for its reader
		}
	}()
	socket, err := websocket.Dial(address+"/session", "", origin)
	handlerstest.Must(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	f := &firefox{t: t, socket: socket, url: serverURL}
	f.call("session.new", map[string]any{"capabilities": map[string]any{}}, nil)
	var tree struct {
		Contexts []struct{ Context string }
	}
	f.call("browsingContext.getTree", map[string]any{}, &tree)
	f.context = tree.Contexts[0].Context
	return f
}

// call sends a command and reads its result.
func (f *firefox) call(method string, params map[string]any, result any) {
	f.t.Helper()
	f.last++
	handlerstest.Must(f.t, f.socket.SetDeadline(time.Now().Add(dbtest.Timeout)))
	handlerstest.Must(f.t, websocket.JSON.Send(f.socket, map[string]any{"id": f.last, "method": method, "params": params}))
	for {
		var message struct {
			ID             int
			Type           string
			Error, Message string
			Result         json.RawMessage
		}
		handlerstest.Must(f.t, websocket.JSON.Receive(f.socket, &message))
		if message.ID != f.last {
			continue // an event
		}
		if message.Type != "success" {
			f.t.Fatalf("%s: %s: %s", method, message.Error, message.Message)
		}
		if result != nil {
			handlerstest.Must(f.t, json.Unmarshal(message.Result, result))
		}
		return
	}
}

func (f *firefox) goTo(path string) {
	f.t.Helper()
	f.call("browsingContext.navigate", map[string]any{"context": f.context, "url": f.url + path, "wait": "complete"}, nil)
}

// evaluate returns the value of an expression as JSON; empty while a page is replaced.
func (f *firefox) evaluate(expression string) string {
	f.t.Helper()
	var result struct {
		Result struct{ Value string }
	}
	f.call("script.evaluate", map[string]any{
		"expression": "JSON.stringify(" + expression + ")", "target": map[string]any{"context": f.context}, "awaitPromise": true,
	}, &result)
	return result.Result.Value
}

// until waits for an expression to become true, even while the page changes.
func (f *firefox) until(expression string) {
	f.t.Helper()
	for end := time.Now().Add(dbtest.Timeout); time.Now().Before(end); time.Sleep(30 * time.Millisecond) {
		if f.evaluate("!!("+expression+")") == "true" {
			return
		}
	}
	f.t.Fatalf("timed out waiting for: %s\nat %s", expression, f.evaluate(`location.href + " " + document.body.innerText.slice(0, 600)`))
}

// click clicks with the mouse in the middle of what a selector finds first.
func (f *firefox) click(selector string) {
	f.t.Helper()
	f.until(fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q)`, selector))
	var at struct{ X, Y float64 }
	handlerstest.Must(f.t, json.Unmarshal([]byte(f.evaluate(fmt.Sprintf(`(() => {
		const found = document.querySelector(%q);
		found.scrollIntoView({ block: "center", behavior: "instant" });
		const box = found.getClientRects()[0];
		return { X: Math.round(box.x + box.width / 2), Y: Math.round(box.y + box.height / 2) };
	})()`, selector))), &at))
	f.call("input.performActions", map[string]any{"context": f.context, "actions": []any{map[string]any{
		"type": "pointer", "id": "mouse", "actions": []any{
			map[string]any{"type": "pointerMove", "x": at.X, "y": at.Y},
			map[string]any{"type": "pointerDown", "button": 0},
			map[string]any{"type": "pointerUp", "button": 0},
		},
	}}}, nil)
}

// picture saves a screenshot if screenshotsEnv is set.
func (f *firefox) picture(name string) {
	f.t.Helper()
	dir := os.Getenv(screenshotsEnv)
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	f.call("browsingContext.captureScreenshot", map[string]any{"context": f.context}, &shot)
	png, err := base64.StdEncoding.DecodeString(shot.Data)
	handlerstest.Must(f.t, err)
	handlerstest.Must(f.t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// TestR12FirefoxSignsInImportsAndLists does the main job in Firefox: sign in, import,
// list.
func TestR12FirefoxSignsInImportsAndLists(t *testing.T) {
	t.Parallel()
	s := handlerstest.Open(t, sandbox.DemoWorld())
	f := startFirefox(t, s.URL)
	f.goTo("/")
	f.click(".hero .btn")
	f.click(`button[name="login"][value="marin"]`)
	f.click(`button[name="authorize"][value="1"]`)
	f.until(`[...document.querySelectorAll(".bars a")].some((a) => a.textContent === "tidewater-labs")`)
	f.picture("firefox-overview")
	account := strings.Trim(f.evaluate(`[...document.querySelectorAll(".bars a")].find((a) => a.textContent === "tidewater-labs").getAttribute("href")`), `"`)
	f.until(`[...document.querySelectorAll(".bars .soft")].some((part) => part.textContent === "0 of 290 imported")`)
	f.click(fmt.Sprintf(".bars a[href=%q]", account))
	f.until(`document.querySelectorAll(".rows > tr").length === 50`)
	for row := 1; row <= 3; row++ {
		f.click(fmt.Sprintf(".rows > tr:nth-child(%d) .pick input", row))
	}
	f.until(`document.querySelector("#import-selected").textContent.includes("(3)")`)
	f.click("#import-selected")
	f.click("#confirm")
	f.until(`document.querySelector("#notices").textContent.includes("3 repositories imported.")`)
	f.picture("firefox-imported")
	f.click(`nav a[href="/imports"]`)
	f.until(`location.pathname === "/imports" && document.querySelectorAll(".rows > tr").length === 3`)
	f.picture("firefox-imports")
}
