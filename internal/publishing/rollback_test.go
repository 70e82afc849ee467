package publishing_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

// writes are all that a caller can do to an entry, each on one that bring has brought to its state.
var writes = map[string]struct {
	publication catalogue.Publication
	write       func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error)
}{
	"put": {catalogue.Published, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Put(ctx, ref, []byte(titled("Altro", `"slug":"altro-`+ref.Key+`"`, `"places":["prato/piazza"]`, `"parent":"prato/base"`)), public)
	}},
	"patch": {catalogue.Withdrawn, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Patch(ctx, ref, []byte(`{"places":["prato/piazza"],"slug":"altro-`+ref.Key+`"}`), public)
	}},
	"publish": {catalogue.Never, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Transition(ctx, ref, publishing.Move{Transition: catalogue.Publish}, draft)
	}},
	"withdraw": {catalogue.Published, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Transition(ctx, ref, publishing.Move{Transition: catalogue.Withdraw, Reason: "Chiuso.", ReplacedBy: "prato/base"}, draft)
	}},
	"restore": {catalogue.Archived, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Transition(ctx, ref, publishing.Move{Transition: catalogue.Restore, Revision: 1}, draft)
	}},
	"confirm": {catalogue.Published, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Confirm(ctx, ref, draft)
	}},
	"bulk": {catalogue.Published, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		_, position, err := p.Bulk(ctx, publishing.BulkMove{
			Publisher: ref.Publisher, Move: publishing.Move{Transition: catalogue.Confirm}, Atomic: true,
			Items: []publishing.BulkEntry{{Kind: ref.Kind, Key: ref.Key}, {Kind: catalogue.KindPlace, Key: "piazza"}},
		})
		return publishing.Result{Position: position}, err
	}},
	"custody": {catalogue.Published, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.PutCustody(ctx, ref, catalogue.Custody{Owner: "Anagrafe"}, draft, false)
	}},
	"delete": {catalogue.Never, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Delete(ctx, ref, draft)
	}},
	"retire": {catalogue.Published, func(ctx context.Context, p *publishing.Publishing, ref catalogue.Ref) (publishing.Result, error) {
		return p.Delete(ctx, ref, draft)
	}},
}

func (r room) withTargets(t *testing.T) {
	t.Helper()
	r.put(t, place("prato", "piazza"), titled("Piazza"), public)
	r.put(t, office("prato", "base"), titled("Base"), public)
}

// A write that fails in the middle leaves nothing. It fails where it looks at the clock, each time one look later.
func TestAWriteThatFailsInTheMiddleLeavesNothing(t *testing.T) {
	failures := map[string]func(cancel context.CancelFunc){
		"cancelled": func(cancel context.CancelFunc) { cancel() },
		"panicking": func(context.CancelFunc) { panic("broken") },
	}
	run(t, func(t *testing.T, r room) {
		r.withTargets(t)
		for failure, fail := range failures {
			for name, w := range writes {
				ref := office("prato", failure+"-"+name)
				r.bring(t, ref, w.publication, catalogue.Editing)
				for look := 1; ; look++ {
					if look > 20 {
						t.Fatalf("%s never succeeds", name)
					}
					ctx, cancel := context.WithCancel(t.Context())
					looks := 0
					p := publishing.New(r.store, func() time.Time {
						if looks++; looks == look {
							fail(cancel)
						}
						return clock()
					})
					before := r.dump(t)
					err := recovered(func() error { _, err := w.write(ctx, p, ref); return err })
					cancel()
					if looks < look {
						if err != nil {
							t.Errorf("%s that nobody disturbs: %v", name, err)
						}
						if look == 1 {
							t.Errorf("%s never looks at the clock", name)
						}
						break
					}
					if err == nil {
						t.Errorf("%s %s at look %d succeeded", name, failure, look)
					}
					if failure == "cancelled" && !errors.Is(err, context.Canceled) {
						t.Errorf("%s cancelled at look %d: %v", name, look, err)
					}
					if diff := cmp.Diff(before, r.dump(t)); diff != "" {
						t.Fatalf("%s %s at look %d left something (-before +after):\n%s", name, failure, look, diff)
					}
				}
			}
		}
	})
}

func recovered(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

// A write whose caller gives up at any time happened as a whole or not at all; run's last check looks for halves.
func TestAWriteWhoseTimeIsUpHappensWholeOrNotAtAll(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		r.withTargets(t)
		for name, w := range writes {
			ref := office("prato", name)
			r.bring(t, ref, w.publication, catalogue.Editing)
			failed := 0
			for wait := time.Duration(0); ; wait += 150 * time.Microsecond {
				ctx, cancel := context.WithTimeout(t.Context(), wait)
				_, err := w.write(ctx, r.Publishing, ref)
				cancel()
				if err == nil || errors.Is(err, catalogue.ErrState) || errors.Is(err, catalogue.ErrNotFound) {
					break // done, or it was done though the caller gave up on it
				}
				failed++
			}
			if failed == 0 {
				t.Errorf("%s never ran out of time", name)
			}
			checkConsistent(t, r)
		}
	})
}
