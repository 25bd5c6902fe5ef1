package bridge

// Renew says that another version of the plugin takes over: of what was painted before nothing is left. What the
// new version shows next goes on where the old one's tree was, as any tree does after another: nodes that
// are continued keep the focus, what the person has typed, and the events that are on their way to them.
func (m *Mount) Renew() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.gone() {
		return
	}
	m.surfaces.blank()
	_ = m.weigh(m.surfaces.bytes) // it is no more than before
	m.wakeUp()
}
