package bridge

// Renew says that another version of the plugin takes over: what it shows next is sent whole and begins a
// new epoch, and of what was painted before nothing is left. Events that come from the epoch before go to
// the nodes that continue those they were made on, as after any snapshot.
func (m *Mount) Renew() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return
	}
	m.surfaces = surfaces{most: m.surfaces.most}
	m.snap, m.matched = true, false
}
