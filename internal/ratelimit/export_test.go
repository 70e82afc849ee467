package ratelimit

// Clients is how many clients are counted, when those that are too many have been forgotten.
func (l *Limiter[K]) Clients() int {
	l.clients.CleanUp()
	return l.clients.EstimatedSize()
}
