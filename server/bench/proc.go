package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// tick is the unit in which Linux tells processor times to programs, on every machine that Go runs on.
const tick = time.Second / 100

// parseCPU reads the processor time, user's and system's, of all threads of a process from its /proc/PID/stat.
func parseCPU(stat string) (time.Duration, error) {
	end := strings.LastIndexByte(stat, ')') // the name of the program may have anything in it
	if end < 0 {
		return 0, fmt.Errorf("%q has no name of a program", stat)
	}
	fields := strings.Fields(stat[end+1:]) // from the third on
	const user, system = 14 - 3, 15 - 3
	if len(fields) <= system {
		return 0, fmt.Errorf("%q has too few fields", stat)
	}
	u, err1 := strconv.ParseInt(fields[user], 10, 64)
	s, err2 := strconv.ParseInt(fields[system], 10, 64)
	return time.Duration(u+s) * tick, errors.Join(err1, err2)
}

// parseMemory reads a line such as VmHWM of /proc/PID/status, in MB.
func parseMemory(status, name string) (float64, error) {
	for line := range strings.Lines(status) {
		value, ok := strings.CutPrefix(line, name+":")
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		return float64(n) / 1024, err
	}
	return 0, fmt.Errorf("there is no %s", name)
}

// cpu is the processor time that the server has had so far.
func (s *process) cpu() (time.Duration, error) {
	data, err := os.ReadFile(s.proc("stat"))
	if err != nil {
		return 0, fmt.Errorf("the benchmark reads /proc, which Linux has: %w", err)
	}
	return parseCPU(string(data))
}

// memory is what the server has of the machine's now (VmRSS), or had at most (VmHWM), in MB.
func (s *process) memory(name string) (float64, error) {
	data, err := os.ReadFile(s.proc("status"))
	if err != nil {
		return 0, err
	}
	return parseMemory(string(data), name)
}

// forgetPeak has VmHWM begin anew.
func (s *process) forgetPeak() error { return os.WriteFile(s.proc("clear_refs"), []byte("5"), 0) }

func (s *process) proc(file string) string {
	return fmt.Sprintf("/proc/%d/%s", s.cmd.Process.Pid, file)
}
