package meter

// prepaid says which functions do not charge for themselves, and what their callers are charged for a call of
// each: all that it may cost at most, what it calls included. A profile takes it from the caller.
func (w *rewriter) prepaid() []uint32 {
	if !w.profile {
		return nil
	}
	prices := make([]uint32, len(w.funcs))
	for i := range w.funcs {
		if f := &w.funcs[i]; !f.checked {
			prices[i] = f.cost
		}
	}
	return prices
}
