package api

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/comuneprato/service-catalogue/internal/identity"
)

// How many requests of a costly sort are worked on at once.
const (
	maxHistory     = 4 // made of the database for each request
	maxValidations = 4 // long documents take many milliseconds of the processor
	maxExports     = 4 // for as long as their clients read
	maxOwnExports  = 2 // of one client
	maxBulks       = 2 // of one key: hundreds of publications each
	maxUploads     = 4 // of one key: of imports, which take as long as their clients

	// Of one key, or one address where no key is needed: a body of 1 MiB takes up to 30 MiB of memory while it is checked,
	// and as long to come as its client.
	maxWrites = 16

	// Of one client: an answer is in memory, as often as somebody asks for another one, until its client has read it.
	maxLongAnswers = 16
)

// longAnswer is how many bytes an answer has that takes turns.
const longAnswer = 256 << 10

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

// ownTurns are turns of each of many, such as keys or clients, so that none takes those of others.
type ownTurns[K comparable] struct {
	atOnce int
	mu     sync.Mutex
	of     map[K]*sharedTurns // of those who work or wait
}

type sharedTurns struct {
	turns
	users int
}

func newOwnTurns[K comparable](atOnce int) *ownTurns[K] {
	return &ownTurns[K]{atOnce: atOnce, of: map[K]*sharedTurns{}}
}

// take does something costly when it is the turn of who asks, as turns.take does.
func (t *ownTurns[K]) take(c echo.Context, who K, do func(ctx context.Context) error) error {
	defer t.leave(who)
	return t.enter(who).take(c, do)
}

// wait waits for a turn of who asks. Unless there is an error, end must be called.
func (t *ownTurns[K]) wait(ctx context.Context, who K) (end func(), err error) {
	own := t.enter(who)
	if err := own.wait(ctx); err != nil {
		t.leave(who)
		return nil, err
	}
	return func() {
		own.end()
		t.leave(who)
	}, nil
}

// inTurn lets each client have only so many requests worked on at once that are no reads. It comes before their bodies are read.
func (s *server) inTurn(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		who := clientAt(c.RealIP())
		if caller, known := c.Get(callerKey).(identity.Caller); known {
			who = client{key: caller.Prefix}
		}
		end, err := s.writers.wait(c.Request().Context(), who)
		if err != nil {
			return err
		}
		defer end()
		return next(c)
	}
}

// enter keeps the turns of who asks until it leaves.
func (t *ownTurns[K]) enter(who K) turns {
	t.mu.Lock()
	defer t.mu.Unlock()
	own, ok := t.of[who]
	if !ok {
		own = &sharedTurns{turns: newTurns(t.atOnce)}
		t.of[who] = own
	}
	own.users++
	return own.turns
}

func (t *ownTurns[K]) leave(who K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if own := t.of[who]; own.users > 1 {
		own.users--
	} else {
		delete(t.of, who)
	}
}
