package postgres_test

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/cartwright-dev/cartwright/server/internal/pgtest"
)

// A connection is given up half a minute after its server has gone without a word.
func TestConnect_DeadServer(t *testing.T) {
	t.Parallel()
	const userTimeout = 18 // TCP_USER_TIMEOUT
	conn, err := connect(t, pgtest.Shared(t).Database(t)).Writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = conn.Raw(func(driver any) error {
		socket, err := driver.(interface{ Conn() *pgx.Conn }).Conn().PgConn().Conn().(*net.TCPConn).SyscallConn()
		if err != nil {
			return err
		}
		return socket.Control(func(fd uintptr) {
			for name, option := range map[string]struct{ level, option, want int }{
				"SO_KEEPALIVE":     {syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1},
				"TCP_KEEPIDLE":     {syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, 15},
				"TCP_KEEPINTVL":    {syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, 5},
				"TCP_KEEPCNT":      {syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 3},
				"TCP_USER_TIMEOUT": {syscall.IPPROTO_TCP, userTimeout, 30_000},
			} {
				if got, err := syscall.GetsockoptInt(int(fd), option.level, option.option); err != nil || got != option.want {
					t.Errorf("%s is %d, %v; want %d", name, got, err, option.want)
				}
			}
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// A server on the same machine can be reached by its Unix socket.
func TestOpen_Socket(t *testing.T) {
	t.Parallel()
	cluster := pgtest.Shared(t)
	address := fmt.Sprintf("127.0.0.1:%d", cluster.Port)
	folder := fmt.Sprintf("&host=%s&port=%d", cluster.Exec(t, "SHOW unix_socket_directories"), cluster.Port)
	s := open(t, strings.Replace(cluster.Database(t), address, "", 1)+folder)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}
