package servertest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing/iotest"
	"time"
)

// loaded is when the program began, outside of any bubble.
var loaded = time.Now() //nolint:forbidigo // to tell a bubble's time by

// inBubble reports whether it is called in a bubble of testing/synctest: there it is the year 2000, long before the program
// began.
func inBubble() bool {
	return time.Now().Round(0).Before(loaded.AddDate(-1, 0, 0)) //nolint:forbidigo // as above
}

// bubbleURL is that of a stub in a bubble. Nothing can listen at port 0: who goes there without the stub's transport finds no
// other server.
const bubbleURL = "http://127.0.0.1:0"

// listenInBubble serves over connections in memory.
func (s *Stub) listenInBubble() {
	listener := &pipeListener{dialled: make(chan net.Conn), closed: make(chan struct{})}
	listening := &http.Server{Handler: withControl(s.server)} //nolint:gosec // no stranger reaches it
	transport := &bubbleTransport{&http.Transport{DialContext: listener.dial, MaxIdleConnsPerHost: 100}}
	go func() { _ = listening.Serve(listener) }() // until Close
	s.t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = listening.Close() // of what is in memory
	})
	s.URL, s.transport = bubbleURL, transport
}

// bubbleTransport reads bodies before it sends them. A server in memory answers at once, often before http.Transport has let go
// of the body that it sends: the retries of azcore, which rewind that very body, would then be a data race that no network has.
type bubbleTransport struct{ *http.Transport }

// RoundTrip implements http.RoundTripper.
func (t *bubbleTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body == nil || r.Body == http.NoBody {
		return t.Transport.RoundTrip(r)
	}
	body, err := io.ReadAll(r.Body)
	_ = r.Body.Close() // all is read, or nothing more is to be had
	read := r.WithContext(r.Context())
	read.Body = io.NopCloser(bytes.NewReader(body))
	if err != nil { // in the middle: what there is was sent, then the connection breaks
		read.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), iotest.ErrReader(err)))
	}
	return t.Transport.RoundTrip(read)
}

// pipeListener accepts connections in memory. Waiting for one, and on one, is durable as testing/synctest means it.
type pipeListener struct {
	dialled chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

// dial makes a connection, whatever the address.
func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case l.dialled <- far:
		return near, nil
	case <-l.closed:
		return nil, fmt.Errorf("the stub of a test that is over: %w", net.ErrClosed)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept implements net.Listener.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.dialled:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }

// bubbleClock is the time of the bubble.
type bubbleClock struct{}

func (bubbleClock) read() time.Time         { return time.Now() } //nolint:forbidigo // which a bubble makes its own
func (bubbleClock) advance(d time.Duration) { time.Sleep(d) }
