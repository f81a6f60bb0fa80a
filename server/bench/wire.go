package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// customer is whose carts are made. One is enough: carts of one customer don't wait for each other.
const customer = "d6bf25b7-e0a8-4f2d-a31b-97b55cfc774d"

// request is what is sent, and the status that its answer must have.
type request struct {
	method, path, body string
	status             int
}

// appendTo writes the request as HTTP has it. Each has a request id of its own, as those of the clients of Partner Center do:
// made of n, so that it costs nothing.
func (r request) appendTo(out []byte, n uint64) []byte {
	out = append(out, r.method...)
	out = append(out, ' ')
	out = append(out, r.path...)
	out = append(out, " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nAuthorization: Bearer any\r\nMS-RequestId: "...)
	out = appendID(out, n)
	out = append(out, "\r\nMS-CorrelationId: "...)
	out = appendID(out, ^n)
	if r.body != "" {
		out = append(out, "\r\nContent-Type: application/json"...)
	}
	if r.method != "GET" {
		out = append(out, "\r\nContent-Length: "...)
		out = strconv.AppendInt(out, int64(len(r.body)), 10)
	}
	out = append(out, "\r\n\r\n"...)
	return append(out, r.body...)
}

// appendID writes a GUID that has n in it.
func appendID(out []byte, n uint64) []byte {
	const digits = "0123456789abcdef"
	out = append(out, "b0000000-"...)
	for i := 15; i >= 0; i-- {
		if i == 11 || i == 7 {
			out = append(out, '-')
		}
		if i == 3 {
			out = append(out, "-00000000"...)
		}
		out = append(out, digits[n>>(4*i)&15])
	}
	return out
}

// connection is one kept-alive connection, without the cost of a client that can do more.
type connection struct {
	net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte // of the last answer, its beginning
	size int64  // of that body
}

// keptBody is how much of a body is kept, in bytes.
const keptBody = 64 << 10

func dial(ctx context.Context, address string) (*connection, error) {
	c, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{Conn: c, in: bufio.NewReaderSize(c, 16<<10)}, nil
}

// within bounds all that is done from now on.
func (c *connection) within(limit time.Duration) error { return c.SetDeadline(time.Now().Add(limit)) }

// do sends a request and reads its answer, whose status must be the one that is expected: what measures errors is worth
// nothing.
func (c *connection) do(r request, n uint64) error {
	c.out = r.appendTo(c.out[:0], n)
	if _, err := c.Write(c.out); err != nil {
		return fmt.Errorf("%s %s: %w", r.method, r.path, err)
	}
	status, err := c.answer()
	if err != nil {
		return fmt.Errorf("%s %s: read the answer: %w", r.method, r.path, err)
	}
	if status != r.status {
		return fmt.Errorf("%s %s answers %d, want %d\n%s", r.method, r.path, status, r.status, c.body)
	}
	return nil
}

// answer reads an answer, with Content-Length or in chunks.
func (c *connection) answer() (status int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < len("HTTP/1.1 200") {
		return 0, fmt.Errorf("%q is no status line", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("%q is no status line", line)
	}
	length, chunked, err := c.header()
	if err != nil {
		return 0, err
	}
	c.body, c.size = c.body[:0], 0
	if !chunked {
		return status, c.read(length)
	}
	return status, c.chunks()
}

// header reads the lines up to the body, and gives its length.
func (c *connection) header() (length int64, chunked bool, err error) {
	length = -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		if line = bytes.TrimRight(line, "\r\n"); len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.ParseInt(string(value), 10, 64); err != nil {
				return 0, false, err
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.EqualFold(value, []byte("chunked"))
		}
	}
	if length < 0 && !chunked {
		return 0, false, errors.New("it has neither a length nor chunks")
	}
	return length, chunked, nil
}

func (c *connection) chunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimRight(line, "\r\n")), 16, 64)
		if err != nil {
			return err
		}
		if err := c.read(size); err != nil {
			return err
		}
		if _, err := c.in.Discard(len("\r\n")); err != nil || size == 0 {
			return err
		}
	}
}

// read reads a part of a body, and keeps it as long as there is room.
func (c *connection) read(n int64) error {
	c.size += n
	keep := min(n, int64(keptBody-len(c.body)))
	begin := len(c.body)
	c.body = append(c.body, make([]byte, keep)...)
	if _, err := io.ReadFull(c.in, c.body[begin:]); err != nil {
		return err
	}
	_, err := c.in.Discard(int(n - keep))
	return err
}
