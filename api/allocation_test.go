//go:build !race

package api_test

import "testing"

// The race detector makes pools forget, so that what they spare cannot be counted with it.
func TestACopyThatIsStillRightCostsNearlyNothing(t *testing.T) {
	for _, h := range hits(t) {
		if h.name != "view 304" {
			continue
		}
		ours := testing.AllocsPerRun(1000, func() { h.serve(h.ours) })
		bare := testing.AllocsPerRun(1000, func() { h.serve(h.bare) })
		if ours > bare+2 {
			t.Errorf("an answer 304 takes %v allocations, want at most 2 more than the %v of a server that does nothing", ours, bare)
		}
	}
}
