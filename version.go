package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

// version is the module's version or, for a build from a checkout, the commit.
func version() string {
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

// build tells one build from another, so that no ETag outlives the code that
// wrote the bytes. The file's size and time tell builds of one commit apart.
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
