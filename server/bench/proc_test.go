package main

import (
	"testing"
	"time"
)

func TestParseCPU(t *testing.T) {
	t.Parallel()
	const stat = "4711 (a (bad) name) S 1 4711 4711 0 -1 4194560 2161 0 0 0 123 45 0 0 20 0 9 0 5423 1234567 2345 18446744073709551615\n"
	if got, err := parseCPU(stat); got != 1680*time.Millisecond || err != nil {
		t.Errorf("it is %v, %v; want 1.68s", got, err)
	}
	for _, wrong := range []string{"", "4711 (x) S 1", "4711 (x) S 1 2 3 4 5 6 7 8 9 10 eleven 12", "4711 x S"} {
		if got, err := parseCPU(wrong); err == nil {
			t.Errorf("of %q it is %v", wrong, got)
		}
	}
}

func TestParseMemory(t *testing.T) {
	t.Parallel()
	const status = "Name:\tx\nVmPeak:\t 9999 kB\nVmHWM:\t   20480 kB\nVmRSS:\t   10240 kB\n"
	for name, want := range map[string]float64{"VmHWM": 20, "VmRSS": 10} {
		if got, err := parseMemory(status, name); got != want || err != nil {
			t.Errorf("%s is %v, %v; want %v", name, got, err, want)
		}
	}
	for name, status := range map[string]string{"VmHWM": "Name:\tx\n", "VmRSS": "VmRSS:\tmuch\n"} {
		if got, err := parseMemory(status, name); err == nil {
			t.Errorf("%s of %q is %v", name, status, got)
		}
	}
}
