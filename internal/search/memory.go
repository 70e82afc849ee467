package search

import "sync"

// memory remembers what was found out about words, for people use the same ones. It may be used by many at once; the zero
// memory is empty.
type memory[K comparable, V any] struct {
	mu    sync.RWMutex
	known map[K]V
}

// A memory that is full forgets everything: what is asked for again is soon known again.
const maxKnown = 1 << 13

func (m *memory[K, V]) of(key K) (V, bool) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	v, ok := m.known[key]
	return v, ok
}

// keep remembers a value, and returns it.
func (m *memory[K, V]) keep(key K, v V) V {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil || len(m.known) >= maxKnown {
		m.known = map[K]V{}
	}
	m.known[key] = v
	return v
}
