package api

import "github.com/maypok86/otter/v2"

// memo remembers what was read from headers and queries, for those that clients send most often.
type memo[K comparable, V any] struct{ kept *otter.Cache[K, V] }

// Bounds of a memo.
const (
	memoSize = 4096 // keys
	memoKey  = 512  // bytes of each
)

func newMemo[K comparable, V any]() memo[K, V] {
	return memo[K, V]{otter.Must(&otter.Options[K, V]{MaximumSize: memoSize})}
}

// of returns what is remembered of a key.
func (m memo[K, V]) of(key K) (V, bool) { return m.kept.GetIfPresent(key) }

// keep remembers what was made of a key of some size.
func (m memo[K, V]) keep(key K, size int, v V) {
	if size <= memoKey {
		m.kept.Set(key, v)
	}
}

// ofHeader is what is made of a header.
func ofHeader[V any](m memo[string, V], header string, make func(string) V) V {
	v, known := m.of(header)
	if !known {
		v = make(header)
		m.keep(header, len(header), v)
	}
	return v
}
