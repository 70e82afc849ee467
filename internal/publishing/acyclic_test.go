package publishing_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/comuneprato/service-catalogue/internal/catalogue"
	"github.com/comuneprato/service-catalogue/internal/publishing"
)

func TestNoOfficeIsBelowItselfAndNoServiceIsRequiredForItself(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		below := func(parent string) []byte { return []byte(titled("Ufficio", `"parent":"`+parent+`"`)) }
		put := func(ref catalogue.Ref, document []byte, w publishing.Write) func() (publishing.Result, error) {
			return func() (publishing.Result, error) { return r.Put(t.Context(), ref, document, w) }
		}
		for _, key := range []string{"a", "b", "c"} {
			r.put(t, office("prato", key), titled("Ufficio"), public)
		}
		r.put(t, office("prato", "b"), string(below("prato/a")), public)
		r.put(t, office("prato", "c"), string(below("prato/b")), draft)

		r.refusedAt(t, put(office("prato", "a"), below("prato/a"), draft), "/parent cycle")
		r.refusedAt(t, put(office("prato", "a"), below("prato/b"), draft), "/parent cycle")
		err := r.refused(t, catalogue.ErrInvalid, put(office("prato", "a"), below("prato/c"), public))
		var invalid *catalogue.InvalidError
		if errors.As(err, &invalid); len(invalid.Findings) != 1 || invalid.Findings[0].Args[0] != "c → b → a" {
			t.Errorf("got findings %v, want the way back", invalid.Findings)
		}
		r.refusedAt(t, put(office("prato", "new"), below("prato/new"), draft), "/parent cycle")

		// A draft of somebody else is not seen, and what another field says is not followed.
		r.put(t, office("gida", "x"), titled("Depuratore", `"parent":"prato/a"`), draft)
		r.put(t, service("prato", "s2"), titled("Due"), draft)
		r.put(t, service("prato", "s"), titled("Uno", `"requiredServices":["prato/s2"],"relatedServices":["prato/s2"]`), draft)
		r.put(t, service("prato", "s2"), titled("Due", `"relatedServices":["prato/s"],"partOf":["prato/s"]`), draft)
		r.refusedAt(t, put(service("prato", "s2"), []byte(titled("Due", `"relatedServices":["prato/s"],"requiredServices":["prato/s"]`)), draft),
			"/requiredServices/0 cycle")
	})
}

func TestTwoWritersCannotCloseACycleTogether(t *testing.T) {
	run(t, func(t *testing.T, r room) {
		const rounds, ring = 10, 3
		for round := range rounds {
			key := func(i int) string { return fmt.Sprint(round, "-", i%ring) }
			for i := range ring {
				r.put(t, office("prato", key(i)), titled("Ufficio"), draft)
			}
			var all sync.WaitGroup
			errs := make([]error, ring)
			for i := range ring {
				all.Go(func() {
					_, errs[i] = r.Put(t.Context(), office("prato", key(i)), []byte(titled("Ufficio", `"parent":"prato/`+key(i+1)+`"`)), draft)
				})
			}
			all.Wait()
			refused := 0
			for _, err := range errs {
				if strings.Join(findingsOf(err), "") == "/parent cycle" {
					refused++
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if refused != 1 {
				t.Errorf("round %d: %d of %d were refused, want one: %v", round, refused, ring, errs)
			}
		}
	})
}
