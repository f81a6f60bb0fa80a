package postgres

import (
	"net"
	"time"
)

// A server that is gone without a word is noticed after about 30 seconds: 15 without an answer and 3 probes 5 seconds apart.
// What was sent and not acknowledged is given as long (dial_linux.go).
const (
	deadAfter     = 30 * time.Second
	probeIdle     = 15 * time.Second
	probeInterval = 5 * time.Second
	probeCount    = 3
)

func dialer() *net.Dialer {
	return &net.Dialer{
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: probeIdle, Interval: probeInterval, Count: probeCount},
		Control:         limitUnanswered,
	}
}
