package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httputil"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// connections is how many clients ask at the same time.
const connections = 16

// client asks on one connection that is kept alive. It does as little as a client can, so that the server's cost counts.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(ctx context.Context, address string) (*client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReaderSize(conn, 32<<10)}, nil
}

// get is a request without a body.
func get(buf []byte, path, headers string) []byte {
	buf = append(append(buf, "GET "...), path...)
	buf = append(buf, " HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\nAccept-Language: it\r\n"...)
	return append(append(buf, headers...), "\r\n"...)
}

// put is a request with a document.
func put(path, token string, body []byte) []byte {
	head := fmt.Sprintf("PUT %s HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n",
		path, token, len(body))
	return append([]byte(head), body...)
}

// do sends a request and reads the answer. Each line of the head goes to header, the body to the body, unless they are nil.
func (c *client) do(request []byte, header func(line []byte), body io.Writer) (status int, err error) {
	if _, err := c.conn.Write(request); err != nil {
		return 0, err
	}
	length := 0
	for first := true; ; first = false {
		line, err := c.r.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case first:
			if len(line) < 12 {
				return 0, fmt.Errorf("%q is no HTTP", line)
			}
			if status, err = strconv.Atoi(string(line[9:12])); err != nil {
				return 0, err
			}
			continue
		case len(line) == 0:
			return status, c.body(length, body)
		case bytes.HasPrefix(line, []byte("Content-Length: ")):
			if length, err = strconv.Atoi(string(line[len("Content-Length: "):])); err != nil {
				return 0, err
			}
		case bytes.HasPrefix(line, []byte("Transfer-Encoding: ")):
			length = chunked
		}
		if header != nil {
			header(line)
		}
	}
}

// chunked stands for the length of a body that is known only when it has been read.
const chunked = -1

// body reads a body.
func (c *client) body(length int, to io.Writer) (err error) {
	switch {
	case length == chunked:
		if to == nil {
			to = io.Discard
		}
		if _, err = io.Copy(to, httputil.NewChunkedReader(c.r)); err == nil {
			_, err = c.r.Discard(len("\r\n"))
		}
	case to == nil:
		_, err = c.r.Discard(length)
	default:
		_, err = io.CopyN(to, c.r, int64(length))
	}
	return err
}

// rate is how many requests a second the server at an address answers, with so many connections, each sending the next
// request when it has the answer to the last. The next request is made in the buffer that it is given.
func rate(ctx context.Context, address string, next func(client int, buf []byte) []byte, status int, atLeast time.Duration) (float64, error) {
	clients := make([]*client, connections)
	for i := range clients {
		c, err := dial(ctx, address)
		if err != nil {
			return 0, err
		}
		defer c.conn.Close()
		clients[i] = c
	}
	return rateOf(ctx, atLeast, func(i int, buf []byte) ([]byte, error) {
		buf = next(i, buf)
		switch got, err := clients[i].do(buf, nil, nil); {
		case err != nil:
			return buf, err
		case got != status:
			return buf, fmt.Errorf("got status %d, want %d, for %.200s", got, status, buf)
		}
		return buf, nil
	})
}

// rateOf is how often a second something is done by so many at once.
func rateOf(ctx context.Context, atLeast time.Duration, do func(i int, buf []byte) ([]byte, error)) (float64, error) {
	var done atomic.Int64
	var running sync.WaitGroup
	errs := make([]error, connections)
	start := time.Now()
	for i := range connections {
		running.Go(func() {
			var buf []byte
			for n := 0; n == 0 || time.Since(start) < atLeast && ctx.Err() == nil; n++ {
				if buf, errs[i] = do(i, buf[:0]); errs[i] != nil {
					return
				}
				done.Add(1)
			}
		})
	}
	running.Wait()
	took := time.Since(start)
	return float64(done.Load()) / took.Seconds(), errors.Join(append(errs, ctx.Err())...)
}
