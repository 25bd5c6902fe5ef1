package abi

// Covers reports whether everything that q allows p allows as well, so that who consented to p need not
// be asked for q. Dependencies are told apart by name and key, not by what an install resolved.
func (p *Permission) Covers(q *Permission) bool {
	if p.Capability != q.Capability {
		return false
	}
	switch p.Capability {
	case CapAPI:
		return p.Method == q.Method && coversPath(p.Path, q.Path)
	case CapSSE:
		return p.Channel == q.Channel && (p.Key == "" || p.sameInstance(q))
	case CapHTTP:
		return p.Host == q.Host && p.Port == q.Port && p.Plain == q.Plain && containsAll(p.Methods, q.Methods) && containsAll(p.Secrets, q.Secrets)
	case CapData:
		return p.Model == q.Model && p.Ability == q.Ability && (p.Any || !p.NeedsInstance() || !q.Any && p.sameInstance(q))
	}
	return p.Name == q.Name
}

func (p *Permission) sameInstance(q *Permission) bool {
	return p.Dependency == q.Dependency && p.Key == q.Key && p.Instance == q.Instance
}

func containsAll(have, want []string) bool {
	for _, w := range want {
		found := false
		for _, h := range have {
			found = found || h == w
		}
		if !found {
			return false
		}
	}
	return true
}

// coversPath reports whether every path that matches q matches p.
func coversPath(p, q string) bool {
	for {
		a, restA, moreA := cutSegment(p)
		b, restB, moreB := cutSegment(q)
		switch {
		case a == "*":
			return b != ""
		case b == "*" || a != b && !(isParameter(a) && b != ""):
			return false
		case !moreA || !moreB:
			return moreA == moreB
		}
		p, q = restA, restB
	}
}
