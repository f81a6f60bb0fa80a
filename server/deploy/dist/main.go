// Command dist builds the stub for people who have no Go: one archive for each platform, and SHA256SUMS of them.
//
//	go run ./server/deploy/dist [-out dist] [GOOS/GOARCH …]
//
// The same sources and the same Go give the same bytes, on whatever machine.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/cartwright-dev/cartwright/server"
)

// platforms are those that the stub is built for.
var platforms = []string{"linux/amd64", "linux/arm64", "darwin/amd64", "darwin/arm64", "windows/amd64", "windows/arm64"}

func main() {
	out := flag.String("out", "dist", "the folder to write to")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	chosen := platforms
	if flag.NArg() > 0 {
		chosen = flag.Args()
	}
	if err := run(ctx, chosen, *out, build, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "dist:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing to give back at the end of a process
	}
}

// builder builds the binary for a platform into a file.
type builder func(ctx context.Context, platform, path string) error

// run builds for each platform, packs what it gets, and writes the sums, which name exactly what was packed.
func run(ctx context.Context, platforms []string, out string, build builder, say io.Writer) error {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	sumsPath := filepath.Join(out, "SHA256SUMS")
	if err := os.Remove(sumsPath); err != nil && !errors.Is(err, fs.ErrNotExist) { // of an earlier build
		return err
	}
	var sums strings.Builder
	for _, platform := range platforms {
		name, err := pack(ctx, platform, out, build)
		if err != nil {
			return fmt.Errorf("%s: %w", platform, err)
		}
		data, err := os.ReadFile(filepath.Join(out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), name)
		if _, err := fmt.Fprintf(say, "%s %d bytes\n", filepath.Join(out, name), len(data)); err != nil {
			return err
		}
	}
	return os.WriteFile(sumsPath, []byte(sums.String()), 0o644)
}

// pack builds for a platform and puts the binary, the licence and the README into an archive, of which it gives the name.
func pack(ctx context.Context, platform, out string, build builder) (name string, err error) {
	system, architecture, ok := strings.Cut(platform, "/")
	if !ok {
		return "", errors.New("it is no GOOS/GOARCH")
	}
	dir, err := os.MkdirTemp("", "cartwright-dist-*")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is one of the system's temporary folders
	binary, extension, archive := "cartwright", ".tar.gz", tarGz
	if system == "windows" {
		binary, extension, archive = "cartwright.exe", ".zip", zipped
	}
	if err := build(ctx, platform, filepath.Join(dir, binary)); err != nil {
		return "", err
	}
	name = fmt.Sprintf("cartwright_%s_%s_%s%s", server.Version, system, architecture, extension)
	data, err := archive([]file{
		{binary, filepath.Join(dir, binary), 0o755},
		{"LICENSE", "LICENSE", 0o644},
		{"README.md", "README.md", 0o644},
	})
	if err != nil {
		return "", err
	}
	return name, os.WriteFile(filepath.Join(out, name), data, 0o644)
}

// build builds a static binary, without what only a debugger reads and without the paths of this machine.
func build(ctx context.Context, platform, path string) error {
	system, architecture, _ := strings.Cut(platform, "/")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "./server/cmd/cartwright")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+architecture)
	cmd.Stderr = os.Stderr
	return cmd.Run()
}
