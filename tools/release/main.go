// Command release builds Neptun for every platform into dist/, with a list of
// what is in each binary (an SBOM in CycloneDX's format) and checksums. The same
// commit and Go version give the same bytes, wherever they are built.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"sort"
	"strings"
)

func main() {
	version := flag.String("version", "", "the release, such as v1.2.3; empty for the commit")
	platforms := flag.String("platforms", "linux/amd64,linux/arm64,darwin/amd64,darwin/arm64,windows/amd64,windows/arm64", "what to build for")
	dist := flag.String("dist", "dist", "the folder to write to")
	flag.Parse()
	if err := release(*version, strings.Split(*platforms, ","), *dist); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func release(version string, platforms []string, dist string) error {
	if err := os.RemoveAll(dist); err != nil {
		return err
	}
	if err := os.MkdirAll(dist, 0o755); err != nil {
		return err
	}
	for _, platform := range platforms {
		system, architecture, _ := strings.Cut(platform, "/")
		name := filepath.Join(dist, "neptun_"+system+"_"+architecture)
		if system == "windows" {
			name += ".exe"
		}
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -buildid= -X main.releaseVersion="+version, "-o", name, ".")
		build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture, "GOFLAGS=-mod=readonly", "GOAMD64=v1")
		build.Stdout, build.Stderr = os.Stdout, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build for %s: %w", platform, err)
		}
		if err := writeSBOM(name, version); err != nil {
			return err
		}
	}
	return writeChecksums(dist)
}

// bom is as much of CycloneDX as there is to say
// (https://cyclonedx.org/docs/1.5/json/).
type bom struct {
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type       string     `json:"type"`
	Name       string     `json:"name"`
	Version    string     `json:"version,omitempty"`
	PackageURL string     `json:"purl,omitempty"`
	Properties []property `json:"properties,omitempty"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// writeSBOM lists the modules that the linker wrote into a binary.
func writeSBOM(binary, version string) error {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return err
	}
	list := bom{Format: "CycloneDX", SpecVersion: "1.5", Version: 1}
	list.Metadata.Component = component{Type: "application", Name: "neptun", Version: version}
	for _, setting := range info.Settings {
		if strings.HasPrefix(setting.Key, "vcs.") || strings.HasPrefix(setting.Key, "GO") {
			list.Metadata.Component.Properties = append(list.Metadata.Component.Properties, property{"go:" + setting.Key, setting.Value})
		}
	}
	list.Components = append(list.Components, component{Type: "library", Name: "std", Version: info.GoVersion, PackageURL: "pkg:golang/std@" + strings.TrimPrefix(info.GoVersion, "go")})
	for _, module := range info.Deps {
		list.Components = append(list.Components, library(module))
	}
	content, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(strings.TrimSuffix(binary, ".exe")+".cdx.json", append(content, '\n'), 0o644)
}

func library(module *debug.Module) component {
	for module.Replace != nil {
		module = module.Replace
	}
	return component{
		Type: "library", Name: module.Path, Version: module.Version, PackageURL: "pkg:golang/" + module.Path + "@" + module.Version,
		Properties: []property{{"go:sum", module.Sum}},
	}
}

// writeChecksums writes what `sha256sum --check` reads.
func writeChecksums(dist string) error {
	names, err := filepath.Glob(filepath.Join(dist, "*"))
	if err != nil {
		return err
	}
	sort.Strings(names)
	var sums strings.Builder
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		fmt.Fprintf(&sums, "%s  %s\n", hex.EncodeToString(sum[:]), filepath.Base(name))
	}
	fmt.Print(sums.String())
	return os.WriteFile(filepath.Join(dist, "SHA256SUMS"), []byte(sums.String()), 0o644)
}
