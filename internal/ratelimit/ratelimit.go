// Package ratelimit counts how many requests clients make, and says when one has made too many. Who a client is, and what
// is done about it, is for others to say.
package ratelimit

import (
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

// Window is how long requests are counted together. It begins with a client's first request, so that not all clients
// begin anew at the same time.
const Window = windowSeconds * time.Second

const windowSeconds = 60

// MaxLimit is how many requests a limit may let through at most.
const MaxLimit = 1_000_000_000

// MaxClients is how many clients are counted at a time. Of more, those are forgotten that ask least, and begin anew.
const MaxClients = 1 << 16

// Limiter lets each client make so many requests in a window. It may be used by many at once.
//
// The window is fixed. A bucket that fills up steadily would let through the same, but the time until it is full is not the
// time after which it is worth trying again, and only one of them fits into the header that tells it.
type Limiter[K comparable] struct {
	limit   uint32
	clients *otter.Cache[K, *atomic.Uint64] // what count packs
}

// New makes a limiter.
func New[K comparable](limit int) *Limiter[K] {
	return &Limiter[K]{
		limit:   uint32(limit), //nolint:gosec // at most MaxLimit
		clients: otter.Must(&otter.Options[K, *atomic.Uint64]{MaximumSize: MaxClients}),
	}
}

// Standing is what a client has left.
type Standing struct {
	Remaining int           // requests
	Reset     time.Duration // until there are as many as ever, in whole seconds
}

// Take counts a request of a client, and reports whether it is one that may be made.
func (l *Limiter[K]) Take(client K, now time.Time) (Standing, bool) {
	packed, known := l.clients.GetIfPresent(client)
	if !known {
		packed, _ = l.clients.SetIfAbsent(client, new(atomic.Uint64))
	}
	second := uint32(now.Unix()) //nolint:gosec // until 2106
	for {
		old := packed.Load()
		c := unpack(old).at(second)
		if c.requests >= l.limit {
			return l.standing(c, second), false
		}
		c.requests++
		if packed.CompareAndSwap(old, c.pack()) {
			return l.standing(c, second), true
		}
	}
}

// Look tells what a client has left, and counts nothing.
func (l *Limiter[K]) Look(client K, now time.Time) Standing {
	second := uint32(now.Unix()) //nolint:gosec // until 2106
	c := count{begin: second}
	if packed, known := l.clients.GetIfPresent(client); known {
		c = unpack(packed.Load()).at(second)
	}
	return l.standing(c, second)
}

func (l *Limiter[K]) standing(c count, second uint32) Standing {
	return Standing{int(l.limit - c.requests), time.Duration(windowSeconds-(second-c.begin)) * time.Second}
}

// count is how many requests a client made in the window that began in a second. It is kept in one word, so that both
// change at once without a lock.
type count struct{ begin, requests uint32 }

func (c count) pack() uint64 { return uint64(c.begin)<<32 | uint64(c.requests) }

func unpack(packed uint64) count {
	return count{uint32(packed >> 32), uint32(packed & (1<<32 - 1))}
}

// at is what counts in a second: nothing where the window is over, or the clock was set back to before it.
func (c count) at(second uint32) count {
	if second-c.begin >= windowSeconds { // below zero it is a large number
		return count{begin: second}
	}
	return c
}
