package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
)

// How many requests of a costly sort are worked on at once.
const (
	maxHistory     = 4 // made of the database for each request
	maxValidations = 4 // long documents take many milliseconds of the processor
	maxExports     = 4 // for as long as their clients read
	maxOwnExports  = 2 // of one client
	maxBulks       = 2 // of one key: hundreds of publications each
	maxUploads     = 4 // of one key: of imports, which take as long as their clients
)

// Those whose turn has not come wait, but not many of them, and not for long.
const (
	maxWaiting = 64 // of each sort
	turnWait   = 2 * time.Second
)

var errOverloaded = errors.New("too many costly requests at once")

// turns lets only so many requests of a sort be worked on at once.
type turns struct{ working, waiting chan struct{} }

func newTurns(atOnce int) turns {
	return turns{make(chan struct{}, atOnce), make(chan struct{}, maxWaiting)}
}

// take does something costly when it is its turn, within the time of a request. It returns errOverloaded where that does
// not come.
func (t turns) take(c echo.Context, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), requestTime) // routes that mostly read from memory have none
	defer cancel()
	if err := t.wait(ctx); err != nil {
		return err
	}
	defer t.end()
	return do(ctx)
}

func (t turns) end() { <-t.working }

// wait waits for a turn, which must be ended.
func (t turns) wait(ctx context.Context) error {
	select {
	case t.working <- struct{}{}:
		return nil
	default:
	}
	select {
	case t.waiting <- struct{}{}:
		defer func() { <-t.waiting }()
	default:
		return errOverloaded
	}
	patience := time.NewTimer(turnWait)
	defer patience.Stop()
	select {
	case t.working <- struct{}{}:
		return nil
	case <-patience.C:
		return errOverloaded
	case <-ctx.Done():
		return ctx.Err()
	}
}

// keyTurns are turns of each key by itself, so that none takes those of others.
type keyTurns struct {
	atOnce int
	mu     sync.Mutex
	keys   map[string]turns // by prefix: as many as there are keys that worked
}

func newKeyTurns(atOnce int) *keyTurns { return &keyTurns{atOnce: atOnce, keys: map[string]turns{}} }

func (t *keyTurns) of(prefix string) turns {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.keys[prefix]
	if !ok {
		known = newTurns(t.atOnce)
		t.keys[prefix] = known
	}
	return known
}

// crowd lets each client have only so many of something at once.
type crowd struct {
	most int
	mu   sync.Mutex
	has  map[client]int // those that have any
}

func newCrowd(most int) *crowd { return &crowd{most: most, has: map[client]int{}} }

// enter reports whether a client may have one more, which must leave again.
func (c *crowd) enter(who client) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.has[who] >= c.most {
		return false
	}
	c.has[who]++
	return true
}

func (c *crowd) leave(who client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.has[who]--; c.has[who] == 0 {
		delete(c.has, who)
	}
}
