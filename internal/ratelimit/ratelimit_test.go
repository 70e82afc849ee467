package ratelimit_test

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comuneprato/service-catalogue/internal/ratelimit"
)

// monday is when tests begin.
var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// model counts as a person would: a list of when each client's requests were let through since its window began.
type model struct {
	limit   int
	windows map[string]window
}

type window struct {
	begin    time.Time
	requests int
}

func (m model) at(client string, now time.Time) window {
	w, known := m.windows[client]
	if age := now.Sub(w.begin); !known || age < 0 || age >= ratelimit.Window {
		return window{begin: now}
	}
	return w
}

func (m model) look(client string, now time.Time) ratelimit.Standing {
	w := m.at(client, now)
	return ratelimit.Standing{Remaining: m.limit - w.requests, Reset: ratelimit.Window - now.Sub(w.begin)}
}

func (m model) take(client string, now time.Time) (ratelimit.Standing, bool) {
	w := m.at(client, now)
	allowed := w.requests < m.limit
	if allowed {
		w.requests++
	}
	m.windows[client] = w
	return m.look(client, now), allowed
}

func TestTheLimiterCountsAsAPersonWould(t *testing.T) {
	for seed := range uint64(50) {
		chance := rand.New(rand.NewPCG(seed, 0))
		want := model{limit: 1 + chance.IntN(20), windows: map[string]window{}}
		limiter := ratelimit.New[string](want.limit)
		now := monday
		for step := range 500 {
			switch chance.IntN(10) {
			case 0:
				now = now.Add(time.Duration(chance.IntN(90)) * time.Second)
			case 1:
				now = now.Add(-time.Duration(chance.IntN(5)) * time.Second) // clocks are set back
			}
			client := fmt.Sprint("client ", chance.IntN(3))
			what := fmt.Sprintf("seed %d, step %d: %s at %s", seed, step, client, now.Format(time.TimeOnly))
			if chance.IntN(4) == 0 {
				if got, want := limiter.Look(client, now), want.look(client, now); got != want {
					t.Fatalf("%s has %+v, want %+v", what, got, want)
				}
				continue
			}
			got, allowed := limiter.Take(client, now)
			left, may := want.take(client, now)
			if got != left || allowed != may {
				t.Fatalf("%s: got %+v, allowed %t, want %+v, %t", what, got, allowed, left, may)
			}
		}
	}
}

func TestOfManyAtOnceExactlyTheLimitIsLetThrough(t *testing.T) {
	const limit, askers, each = 1000, 8, 500
	limiter := ratelimit.New[string](limit)
	var allowed atomic.Int64
	var asking sync.WaitGroup
	for range askers {
		asking.Go(func() {
			for range each {
				if _, may := limiter.Take("a", monday); may {
					allowed.Add(1)
				}
			}
		})
	}
	asking.Wait()
	if got := allowed.Load(); got != limit {
		t.Errorf("%d requests were let through, want %d", got, limit)
	}
}

func TestOfManyClientsSomeAreForgotten(t *testing.T) {
	limiter := ratelimit.New[netip.Addr](10)
	address := netip.MustParseAddr("2001:db8::")
	for range 4 * ratelimit.MaxClients {
		limiter.Take(address, monday)
		address = address.Next()
	}
	if got := limiter.Clients(); got > ratelimit.MaxClients {
		t.Errorf("%d clients are counted, want at most %d", got, ratelimit.MaxClients)
	}
}

func TestCountingCostsNoMemory(t *testing.T) {
	limiter := ratelimit.New[netip.Addr](1 << 30)
	address := netip.MustParseAddr("192.0.2.1")
	limiter.Take(address, monday)
	if got := testing.AllocsPerRun(1000, func() { limiter.Take(address, monday) }); got > 0 {
		t.Errorf("a request of a known client takes %v allocations, want none", got)
	}
}

func BenchmarkTake(b *testing.B) {
	limiter := ratelimit.New[netip.Addr](1 << 30)
	address := netip.MustParseAddr("192.0.2.1")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			limiter.Take(address, monday)
		}
	})
}
