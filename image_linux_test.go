package main

import (
	"debug/elf"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"neptun/db/dbtest"
	"neptun/sandbox"
	"neptun/sandbox/sandboxtest"
)

// image is what the Dockerfile builds: the program, an empty /data, and nothing else.
// Without a container engine, a folder is used instead, which is read-only but for /data.
type image struct{ folder string }

func newImage(t *testing.T) image {
	t.Helper()
	i := image{t.TempDir()}
	must(t, os.Chmod(filepath.Dir(i.folder), 0o755))
	must(t, os.Chmod(i.folder, 0o755))
	writeStatic(t, filepath.Join(i.folder, "neptun"))
	must(t, os.Mkdir(filepath.Join(i.folder, "data"), 0o700))
	if os.Geteuid() == 0 {
		must(t, os.Chown(filepath.Join(i.folder, "data"), nobody, nobody))
	}
	for _, tool := range []string{"unshare", "mount"} {
		if _, err := exec.LookPath(tool); err != nil {
			dbtest.Skip(t, "install util-linux (unshare, mount) to run the program in an empty folder")
		}
	}
	if output, err := i.command(t, "version").CombinedOutput(); err != nil {
		if os.Geteuid() != 0 {
			dbtest.Skip(t, "namespaces of users aren't allowed here: run it as root")
		}
		t.Fatalf("in an empty folder: %v: %s", err, output)
	}
	return i
}

// nobody is the Dockerfile's USER.
const nobody = 65532

// command runs the program in the image, as nobody if the test has the right to.
func (i image) command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	unshare, user := []string{"--map-root-user"}, ""
	if os.Geteuid() == 0 {
		unshare, user = nil, fmt.Sprintf("--userspec=%d:%[1]d", nobody)
	}
	script := `PATH="$PATH:/usr/sbin"
		folder="$1"
		shift
		mount --bind "$folder" "$folder"
		mount --bind "$folder/data" "$folder/data"
		mount -o remount,bind,ro "$folder"
		exec chroot ` + user + ` "$folder" /neptun "$@"`
	command := exec.CommandContext(t.Context(), "unshare", slices.Concat(unshare, []string{"--mount", "sh", "-ec", script, "sh", i.folder}, args)...)
	command.Env = append(os.Environ(), mainEnv+"=1")
	return command
}

// O13: the image serves pages, and syncs a long list beside those of others.
func TestO13TheProgramServesFromAnEmptyFolder(t *testing.T) {
	const repositories, others = 1000, 30
	image := newImage(t)
	world := sandboxtest.LargeWorld(repositories)
	world.Accounts.AddUser(sandbox.User{Login: "newcomer"})
	world.Accounts.AddMember("atlas", "newcomer", sandbox.RoleMember)
	c := openCrash(t, world, "sqlite:"+filepath.Join(image.folder, "data", "neptun.db"))
	c.gitHub.Fault(nil)
	c.environment["DATABASE_URL"] = "sqlite:/data/neptun.db"
	p := spawnAs(t, image.command(t), c.environment)
	c.world.Apps.SetCallbackURLs(p.address + "/auth/github/callback")
	for _, path := range []string{"/healthz", "/readyz", "/login"} {
		if answer := get(t, c.client, p.address+path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
	health := image.command(t, "health")
	health.Env = append(health.Env, "NEPTUN_ADDR="+p.address[strings.LastIndex(p.address, ":"):])
	if output, err := health.CombinedOutput(); err != nil {
		t.Errorf("neptun health: %v: %s", err, output)
	}

	logIn(t, c.client, p.address, "ada")
	c.waitUntil("the first user is synced", c.synced)
	for i := range others {
		_, err := c.database.ExecContext(t.Context(), `INSERT INTO access (user_id, repository_id, account_id, permission, generation)
			SELECT 'other-' || $1, repository_id, account_id, permission, 0 FROM access WHERE user_id NOT LIKE 'other-%'`, i)
		must(t, err)
	}
	logIn(t, browser(t), p.address, "newcomer")
	c.waitUntil("another user is synced", func() bool {
		return len(c.numbers(`SELECT id FROM installation_records WHERE synced_at > 0 AND repository_count > 0`)) == 2
	})
	must(t, p.Process.Signal(os.Interrupt))
	if err := p.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v", err)
	}
}

// writeStatic writes the program without a libc: this test binary or, if it needs a dynamic
// linker, a build. That takes minutes unless `task check:build` ran before, as it does where
// no test may be skipped.
func writeStatic(t *testing.T, name string) {
	t.Helper()
	this := executable(t)
	file, err := elf.Open(this)
	must(t, err)
	defer file.Close()
	if slices.ContainsFunc(file.Progs, func(p *elf.Prog) bool { return p.Type == elf.PT_INTERP }) {
		if os.Getenv(dbtest.NoSkipEnv) == "" {
			t.Skip("these tests were built with cgo: run this one with CGO_ENABLED=0")
		}
		build := exec.CommandContext(t.Context(), "go", "build", "-o", name, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if output, err := build.CombinedOutput(); err != nil {
			t.Fatal(fmt.Errorf("build: %w: %s", err, output))
		}
		return
	}
	content, err := os.ReadFile(this)
	must(t, err)
	must(t, os.WriteFile(name, content, 0o755))
}
