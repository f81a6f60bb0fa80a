package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cartwright-dev/cartwright/server"
)

// standIn builds nothing, and writes for which platform it was to.
func standIn(_ context.Context, platform, path string) error {
	return os.WriteFile(path, []byte("for "+platform), 0o600)
}

// unpack gives what an archive has, with its mode, by name.
func unpack(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	files := make(map[string]string)
	note := func(name string, mode os.FileMode, r io.Reader) {
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = fmt.Sprintf("%o %s", mode.Perm(), text)
	}
	if strings.HasSuffix(path, ".zip") {
		archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			note(f.Name, f.Mode(), r)
		}
		return files
	}
	unzipped, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(unzipped)
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		note(header.Name, header.FileInfo().Mode(), archive)
	}
}

// There is an archive for each platform, with the binary for it, and the sums are those of all.
func TestRun(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", ".."))
	license, err1 := os.ReadFile("LICENSE")
	readme, err2 := os.ReadFile("README.md")
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "dist")
	for range 2 { // the second time over the first
		if err := run(t.Context(), platforms, out, standIn, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	var sums strings.Builder
	for _, name := range []string{
		"linux_amd64.tar.gz", "linux_arm64.tar.gz", "darwin_amd64.tar.gz", "darwin_arm64.tar.gz", "windows_amd64.zip", "windows_arm64.zip",
	} {
		path := filepath.Join(out, "cartwright_"+server.Version+"_"+name)
		platform, _, _ := strings.Cut(strings.Replace(name, "_", "/", 1), ".")
		binary := "cartwright"
		if strings.HasPrefix(platform, "windows") {
			binary = "cartwright.exe"
		}
		want := map[string]string{binary: "755 for " + platform, "LICENSE": "644 " + string(license), "README.md": "644 " + string(readme)}
		if diff := cmp.Diff(want, unpack(t, path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(data), filepath.Base(path))
	}
	written, err := os.ReadFile(filepath.Join(out, "SHA256SUMS"))
	if diff := cmp.Diff(sums.String(), string(written)); diff != "" || err != nil {
		t.Errorf("the sums, %v (-want +got):\n%s", err, diff)
	}
	if files, err := os.ReadDir(out); err != nil || len(files) != len(platforms)+1 {
		t.Errorf("the folder has %v, %v", files, err)
	}

	again := filepath.Join(t.TempDir(), "dist")
	if err := run(t.Context(), platforms, again, standIn, io.Discard); err != nil {
		t.Fatal(err)
	}
	if second, err := os.ReadFile(filepath.Join(again, "SHA256SUMS")); err != nil || !bytes.Equal(second, written) {
		t.Errorf("a second build is another: %v\n%s", err, second)
	}
}

// Where one platform fails there are no sums, which would be those of too few.
func TestRun_Fails(t *testing.T) {
	t.Chdir(filepath.Join("..", "..", ".."))
	broken := errors.New("it does not compile")
	for platform, want := range map[string]string{"windows/arm64": "windows/arm64: it does not compile", "linux": "linux: it is no GOOS/GOARCH"} {
		out := t.TempDir()
		if err := os.WriteFile(filepath.Join(out, "SHA256SUMS"), []byte("of an earlier build"), 0o600); err != nil {
			t.Fatal(err)
		}
		err := run(t.Context(), []string{"linux/amd64", platform}, out, func(ctx context.Context, p, path string) error {
			if p == "windows/arm64" {
				return broken
			}
			return standIn(ctx, p, path)
		}, io.Discard)
		if err == nil || err.Error() != want {
			t.Errorf("run gave %v, want %q", err, want)
		}
		if _, err := os.Stat(filepath.Join(out, "SHA256SUMS")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("there are sums: %v", err)
		}
	}
}
