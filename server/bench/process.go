package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"
)

// process is a server under load.
type process struct {
	name     string
	address  string // host:port
	cmd      *exec.Cmd
	log      string        // file that has what it prints
	ended    chan struct{} // closed when the process has
	requests atomic.Uint64 // so far, which their ids are made of
	first    first
}

// first is how a server begins.
type first struct {
	alive, created float64 // ms from its start to the answer of /livez, and to that of the first cart's creation
	idle           float64 // MB that it had after these
}

// startLimit is how long a server may take to its first answer.
const startLimit = time.Minute

// start runs a command, which is given the address to listen on, in a folder of its own, and waits for the first answers.
func start(ctx context.Context, name, dir, probe string, command func(address string) []string, create request) (*process, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	args := command(address)
	s := &process{name: name, address: address, log: filepath.Join(dir, "log"), ended: make(chan struct{})}
	log, err := os.Create(s.log)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	s.cmd = exec.CommandContext(ctx, args[0], args[1:]...)
	s.cmd.Dir, s.cmd.Stdout, s.cmd.Stderr = dir, log, log
	begun := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait() // how it ends is in its log
		close(s.ended)
	}()
	if err := s.firstAnswers(ctx, begun, probe, create); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w\n%s", name, err, s.tail()), s.stop())
	}
	return s, nil
}

// firstAnswers waits for a server and takes its time: to /livez, or whatever it is asked for, and to the first cart.
func (s *process) firstAnswers(ctx context.Context, begun time.Time, probe string, create request) error {
	c, err := s.reach(ctx, begun)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := c.within(startLimit); err != nil {
		return err
	}
	if probe != "" {
		if err := c.do(request{method: http.MethodGet, path: probe, status: http.StatusOK}, s.requests.Add(1)); err != nil {
			return err
		}
		s.first.alive = time.Since(begun).Seconds() * 1e3
	}
	if err := c.do(create, s.requests.Add(1)); err != nil {
		return err
	}
	s.first.created = time.Since(begun).Seconds() * 1e3
	s.first.idle, err = s.memory("VmRSS")
	return err
}

// reach waits until the server takes connections.
func (s *process) reach(ctx context.Context, begun time.Time) (*connection, error) {
	ticker := time.NewTicker(500 * time.Microsecond)
	defer ticker.Stop()
	for {
		c, err := dial(ctx, s.address)
		if err == nil {
			return c, nil
		}
		if time.Since(begun) > startLimit {
			return nil, fmt.Errorf("it takes no connections after %v: %w", startLimit, err)
		}
		select {
		case <-s.ended:
			return nil, errors.New("it has ended")
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-ticker.C:
		}
	}
}

// stop ends the process at once: nobody needs what it has kept.
func (s *process) stop() error {
	err := s.cmd.Process.Kill()
	<-s.ended
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// tail gives the end of what the server has printed.
func (s *process) tail() string {
	const length = 2000
	data, err := os.ReadFile(s.log)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-length):])
}

// freeAddress gives an address of the loopback on which nobody listens.
func freeAddress(ctx context.Context) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}
