package main

import (
	"context"
	"errors"
	"os"

	"github.com/vitrine-run/vitrine/host"
	"github.com/vitrine-run/vitrine/sandbox"
)

// folder is a plugin that was read from a folder, and is read again when the server is told to.
type folder struct {
	dir, place string
	granted    []string                    // by the command line
	close      func(context.Context) error // of the version that is shown
}

// open reads the plugin, and makes the version that it finds the one that is to be closed.
func (f *folder) open(ctx context.Context, s *shelf) (*sandbox.Plugin, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, err
	}
	plugin, end, err := s.start(ctx, root.FS(), nil)
	if err != nil {
		_ = root.Close() // was only read from
		return nil, pluginError(f.dir, err)
	}
	f.close = func(ctx context.Context) error { return errors.Join(end(ctx), root.Close()) }
	return plugin, nil
}

// reload puts what is in the folders now in the place of what is shown. A version that cannot be
// compiled or mounted changes nothing. What is shown goes over with its state where both versions can,
// and starts afresh where not.
func (s *shelf) reload(ctx context.Context, h *host.Host) {
	for _, f := range s.folders {
		logger := s.logger.With("folder", f.dir, "place", f.place)
		next := &folder{dir: f.dir}
		plugin, err := next.open(ctx, s)
		if err != nil {
			logger.Error("vitrine: keeps the old version", "error", err)
			continue
		}
		became, err := h.Replace(ctx, f.place, plugin, &host.ReplaceOptions{Remount: true})
		old := f.close
		if err != nil {
			old = next.close
			logger.Error("vitrine: keeps the old version", "error", err)
		} else {
			f.close = next.close
			s.mu.Lock()
			at := s.places[f.place]
			at.Plugin = plugin
			s.places[f.place] = at
			s.mu.Unlock()
			logger.Info("vitrine: another version", "version", plugin.Manifest().Version,
				"moved", became.Moved, "fresh", became.Fresh, "kept", became.Kept)
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		if err := old(end); err != nil {
			logger.Error("vitrine: the version that is not shown did not end", "error", err)
		}
		cancel()
	}
}
