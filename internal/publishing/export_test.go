package publishing

// WithImportBounds is p with imports that are stored in chunks of some rows where they have more rows than that.
func (p *Publishing) WithImportBounds(together, chunk int) *Publishing {
	bounds := standardBounds
	bounds.together, bounds.chunk = together, chunk
	return &Publishing{store: p.store, clock: p.clock, bounds: bounds, listeners: map[*func()]struct{}{}}
}
