package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/cartwright-dev/cartwright/server/internal/lacking"
)

// The whole program, as briefly as it goes: each server answers as it is expected to, and the report has their figures.
func TestRun(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		lacking.Skip(t, "the benchmark reads /proc, which Linux has")
	}
	var printed, progress bytes.Buffer
	dir := t.TempDir()
	out := filepath.Join(dir, "RESULTS.md")
	var ops []string
	for _, op := range (bodies{}).operations() {
		ops = append(ops, op.name)
	}
	args := []string{
		"-stores", "memory", "-ops", strings.Join(ops, ","), "-connections", "2", "-rounds", "1", "-seconds", "0.05",
		"-load", "-profile", "-dir", dir, "-out", out,
	}
	if err := run(t.Context(), args, &printed, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	for _, op := range ops {
		for _, target := range []string{floor, inMemory} {
			if !regexp.MustCompile(`(?m)^\| ` + op + ` \| ` + target + ` \| [0-9.]+ \| `).MatchString(printed.String()) {
				t.Errorf("there are no figures of %s, %s in\n%s", op, target, printed.String())
			}
		}
	}
	if !regexp.MustCompile(`(?m)^\| together \| [0-9.]+ \| [0-9.]+ \|$`).MatchString(printed.String()) {
		t.Errorf("there is no profile in\n%s", printed.String())
	}
	if written, err := os.ReadFile(out); err != nil || string(written) != printed.String() {
		t.Errorf("the file differs from what was printed, %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "cartwright-bench-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("it leaves %q, %v", left, err)
	}
}
