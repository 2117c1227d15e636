package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
)

// buildInfo identifies a build of Neptun.
type buildInfo struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Time     string `json:"time,omitempty"`     // of the commit
	Modified bool   `json:"modified,omitempty"` // built with uncommitted changes
	Go       string `json:"go"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
}

// version prints this build's version.
func (p invocation) version(_ context.Context, _ []string, asJSON bool) error {
	info := readBuildInfo()
	if asJSON {
		return json.NewEncoder(p.stdout).Encode(info)
	}
	_, err := fmt.Fprintln(p.stdout, "neptun", info.Version)
	return err
}

// releaseVersion is set by the linker for a release.
var releaseVersion string

func readBuildInfo() buildInfo {
	info := buildInfo{Version: version(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if read, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range read.Settings {
			switch setting.Key {
			case "vcs.revision":
				info.Revision = setting.Value
			case "vcs.time":
				info.Time = setting.Value
			case "vcs.modified":
				info.Modified = setting.Value == "true"
			}
		}
	}
	return info
}

// version is the release or the module's version or, for a build from a
// checkout, the commit.
func version() string {
	if releaseVersion != "" {
		return releaseVersion
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return "development"
}

// build identifies a build, so that no ETag is used with code other than the one that wrote
// the bytes. The file's size and time distinguish builds of one commit.
func build() string {
	name, err := os.Executable()
	if err != nil {
		return version()
	}
	file, err := os.Stat(name)
	if err != nil {
		return version()
	}
	return fmt.Sprint(version(), " ", file.Size(), " ", file.ModTime().UnixNano())
}
