// Command deploy checks the Dockerfile as `docker build --check` does, and compose.yaml as
// `docker compose config` does, without Docker and without asking a registry. It runs in
// this folder, for the repository's root.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/opencontainers/go-digest"
)

func main() {
	ctx, root := context.Background(), filepath.Join("..", "..")
	findings, err := checkDockerfile(ctx, filepath.Join(root, "Dockerfile"))
	if err == nil {
		err = checkCompose(ctx, filepath.Join(root, "compose.yaml"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	if err != nil || findings > 0 {
		os.Exit(1)
	}
}

// checkDockerfile parses a Dockerfile, plans its build, and prints what BuildKit warns of.
func checkDockerfile(ctx context.Context, file string) (findings int, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	_, err = dockerfile2llb.Dockerfile2LLB(ctx, content, dockerfile2llb.ConvertOpt{
		MetaResolver: unknownImages{},
		AllStages:    true,
		Warn: func(rule, _, url, message string, at []parser.Range) {
			findings++
			for _, lines := range at {
				fmt.Fprintf(os.Stderr, "%s:%d: %s: %s (%s)\n", file, lines.Start.Line, rule, message, url)
			}
		},
	})
	if err != nil {
		return findings, fmt.Errorf("%s: %w", file, err)
	}
	return findings, nil
}

// unknownImages says of every base image that it configures nothing.
type unknownImages struct{}

func (unknownImages) ResolveImageConfig(_ context.Context, name string, _ sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	return name, "", []byte("{}"), nil
}

// checkCompose validates a Compose file by the specification's schema, with the variables
// that it requires.
func checkCompose(ctx context.Context, file string) error {
	options, err := cli.NewProjectOptions([]string{file}, cli.WithEnv([]string{"NEPTUN_HOST=neptun.example.com", "NEPTUN_SECRET=secret", "POSTGRES_PASSWORD=password"}))
	if err != nil {
		return err
	}
	_, err = options.LoadProject(ctx)
	return err
}
