package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A target is what is measured: the floor, a peer, or the stub on a store, where needed with more flags.
const (
	floor      = "floor"
	prism      = "Prism"
	inMemory   = "memory"
	onSQLite   = "sqlite"
	onPostgres = "postgres"

	checked = ", answers checked" // added to a store: the stub runs with --check-answers
)

// workshop builds and starts servers. All that they keep is in its folder, which is to be on a disk.
type workshop struct {
	root, dir string
	stub      string // program
	bodies    bodies
	cluster   *cluster // nil until it is needed
	prism     []string // program, empty until it is needed
}

// newWorkshop builds the programs from the module that the working folder is in. The stub is the given program, where one is.
func newWorkshop(ctx context.Context, stub, dir string) (w *workshop, err error) {
	where, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOMOD: %w", err)
	}
	w = &workshop{root: filepath.Dir(strings.TrimSpace(string(where))), stub: stub}
	if w.bodies, err = readBodies(w.root); err != nil {
		return nil, fmt.Errorf("read the documents' examples: %w", err)
	}
	if w.dir, err = os.MkdirTemp(dir, "cartwright-bench-*"); err != nil {
		return nil, err
	}
	if w.stub == "" {
		w.stub = filepath.Join(w.dir, "cartwright")
		err = w.build(ctx, w.stub, "./server/cmd/cartwright")
	} else {
		w.stub, err = filepath.Abs(w.stub)
	}
	if err == nil {
		err = w.build(ctx, w.floor(), "./server/bench/floor")
	}
	if err != nil {
		err = errors.Join(err, w.close())
	}
	return w, err
}

func (w *workshop) floor() string { return filepath.Join(w.dir, floor) }

// build builds as a release is built.
func (w *workshop) build(ctx context.Context, program, source string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", program, source)
	cmd.Dir, cmd.Env = w.root, append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", source, err, out)
	}
	return nil
}

// close ends the database and removes what was kept.
func (w *workshop) close() error {
	var err error
	if w.cluster != nil {
		err = w.cluster.test.end()
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

// folder makes a new folder.
func (w *workshop) folder() (string, error) { return os.MkdirTemp(w.dir, "run-*") }

// start starts a target with an empty store.
func (w *workshop) start(ctx context.Context, target string, flags ...string) (*process, error) {
	dir, err := w.folder()
	if err != nil {
		return nil, err
	}
	switch target {
	case floor:
		return start(ctx, target, dir, livez, func(address string) []string { return append(append([]string{w.floor()}, flags...), address) }, w.bodies.create())
	case prism:
		return w.startPrism(ctx, dir)
	}
	kind, isChecked := strings.CutSuffix(target, checked)
	where, err := w.store(kind, dir)
	if err != nil {
		return nil, err
	}
	if isChecked {
		flags = append(flags, "--check-answers")
	}
	return w.startStub(ctx, target, dir, where, flags...)
}

const livez = "/livez"

// startStub starts the stub with the settings that it has by itself, but for its store. It logs to a file, as in CI.
func (w *workshop) startStub(ctx context.Context, name, dir, where string, flags ...string) (*process, error) {
	return start(ctx, name, dir, livez, func(address string) []string {
		return append([]string{w.stub, "--addr", address, "--store", where}, flags...)
	}, w.bodies.create())
}

// store gives the name of an empty store, as --store has it.
func (w *workshop) store(kind, dir string) (where string, err error) {
	switch kind {
	case inMemory:
		return kind, nil
	case onSQLite:
		return "sqlite:" + filepath.Join(dir, "cartwright.db"), nil
	case onPostgres:
		if w.cluster == nil {
			if w.cluster, err = newCluster(); err != nil {
				return "", err
			}
		}
		return w.cluster.database()
	}
	return "", fmt.Errorf("%q is none of memory, sqlite and postgres", kind)
}
