package main_test

import (
	"bytes"
	"io"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
)

// proxy stands between the program and a PostgreSQL server, and does what networks do.
type proxy struct {
	listener net.Listener
	server   string

	mu    sync.Mutex
	open  map[net.Conn]struct{}
	fault fault
	spare int           // how many writes are committed yet before a fault loses one
	ended chan struct{} // closed when the test ends
}

// fault is what a proxy does to connections.
type fault int

const (
	none         fault = iota
	refusing           // takes none, and breaks those there are
	stalling           // carries nothing more on connections where something is said, and breaks none of them
	losingCommit       // breaks off before the COMMIT of a write gets there
	losingAnswer       // breaks off when that got there, before its answer comes back
)

// newProxy makes a proxy to the server of a database, and the URL of the database through it.
func newProxy(t *testing.T, dsn string) (p *proxy, through string) {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = &proxy{listener: listener, server: u.Host, open: map[net.Conn]struct{}{}, ended: make(chan struct{})}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { p.carry(conn) })
		}
	})
	t.Cleanup(func() {
		close(p.ended)
		listener.Close()
		p.cut()
		serving.Wait()
	})
	u.Host = listener.Addr().String()
	return p, u.String()
}

// becomes makes the proxy have a fault from now on.
func (p *proxy) becomes(f fault) { p.becomesAfter(0, f) }

// becomesAfter makes the proxy have a fault that loses no write before so many are committed.
func (p *proxy) becomesAfter(writes int, f fault) {
	p.mu.Lock()
	p.fault, p.spare = f, writes
	p.mu.Unlock()
	if f == refusing {
		p.cut()
	}
}

// spares reports whether a write is to be committed whatever the fault.
func (p *proxy) spares() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.spare == 0 {
		return false
	}
	p.spare--
	return true
}

// cut breaks all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for conn := range p.open {
		conn.Close()
	}
}

func (p *proxy) now() fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.fault
}

// carry carries what both sides of a connection say, until one of them ends.
func (p *proxy) carry(client net.Conn) {
	defer client.Close()
	if p.now() == refusing {
		return
	}
	server, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.open[client], p.open[server] = struct{}{}, struct{}{}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.open, client)
		delete(p.open, server)
	}()
	var lost sync.Once
	var both sync.WaitGroup
	breakOff := func() { client.Close(); server.Close() }
	var committed atomic.Bool
	both.Go(func() {
		defer lost.Do(breakOff)
		writes := false
		p.pass(client, server, func(said []byte, f fault) bool {
			switch {
			case bytes.Contains(said, []byte("begin\x00")): // and not "begin … read only"
				writes = true
			case writes && bytes.Contains(said, []byte("commit\x00")):
				writes = false
				if p.spares() {
					return true
				}
				committed.Store(true)
				return f != losingCommit
			}
			return true
		})
	})
	both.Go(func() {
		defer lost.Do(breakOff)
		p.pass(server, client, func(_ []byte, f fault) bool { return !committed.Swap(false) || f != losingAnswer })
	})
	both.Wait()
}

// pass passes on what one side says, unless the fault forbids it.
func (p *proxy) pass(from io.Reader, to io.Writer, allowed func(said []byte, f fault) bool) {
	said := make([]byte, 64<<10)
	for {
		n, err := from.Read(said)
		if err != nil {
			return
		}
		f := p.now()
		if f == stalling {
			<-p.ended
		}
		if f == refusing || !allowed(said[:n], f) {
			return
		}
		if _, err := to.Write(said[:n]); err != nil {
			return
		}
	}
}
