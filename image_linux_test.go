package main

import (
	"debug/elf"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"neptun/db/dbtest"
)

// O13: the image that the Dockerfile builds has the program, an empty /data, and nothing
// else. Without a container engine, a folder is used instead.
func TestO13TheProgramServesFromAnEmptyFolder(t *testing.T) {
	image := t.TempDir()
	must(t, os.Chmod(filepath.Dir(image), 0o755))
	must(t, os.Chmod(image, 0o755))
	writeStatic(t, filepath.Join(image, "neptun"))
	must(t, os.Mkdir(filepath.Join(image, "data"), 0o700))
	within := &syscall.SysProcAttr{Chroot: image}
	if os.Geteuid() == 0 {
		const nobody = 65532 // as the Dockerfile's USER
		must(t, os.Chown(filepath.Join(image, "data"), nobody, nobody))
		within.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
	} else {
		within.Cloneflags = syscall.CLONE_NEWUSER
		within.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
		within.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getegid(), Size: 1}}
	}
	probe := &exec.Cmd{Path: "/neptun", Args: []string{"neptun", "version"}, Env: []string{mainEnv + "=1"}, Dir: "/", SysProcAttr: within}
	if output, err := probe.CombinedOutput(); os.IsPermission(err) {
		dbtest.Skip(t, "user namespaces aren't allowed here: run it as root")
	} else if err != nil {
		t.Fatalf("in an empty folder: %v: %s", err, output)
	}
	p := spawnAs(t, &exec.Cmd{Path: "/neptun", Args: []string{"neptun"}, Dir: "/", SysProcAttr: within}, complete(t, map[string]string{"DATABASE_URL": "sqlite:/data/neptun.db"}))
	for _, path := range []string{"/healthz", "/readyz", "/login"} {
		if answer := get(t, browser(t), p.address+path); answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", path, answer.StatusCode)
		}
	}
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
