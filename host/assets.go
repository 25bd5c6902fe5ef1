package host

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/sandbox"
)

// imageType tells the media type of an image by its extension, "" for what is not shown. SVG is a
// document with scripts, and is not.
func imageType(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".gif":
		return "image/gif"
	case ".webp":
		return "image/webp"
	case ".avif":
		return "image/avif"
	}
	return ""
}

// looksLike reports whether b begins as an image of that type does.
func looksLike(b []byte, mediaType string) bool {
	if mediaType == "image/avif" { // the standard library does not know it: ISO BMFF, brand avif or avis
		return len(b) >= 12 && (string(b[4:12]) == "ftypavif" || string(b[4:12]) == "ftypavis")
	}
	return http.DetectContentType(b) == mediaType
}

// serveAsset answers GET /vitrine/assets/{plugin}/{version}/{name}: an image that the manifest of a
// plugin at one of the places lists. A version never changes, so a browser need not ask again; of one that was replaced,
// the image of what has taken its place is sent.
func (h *Host) serveAsset(w http.ResponseWriter, r *http.Request) {
	who, err := h.people.who(r)
	if err != nil {
		refuse(w, http.StatusUnauthorized, "nobody is signed in")
		return
	}
	name := r.PathValue("name")
	mediaType := imageType(name)
	if mediaType == "" {
		refuse(w, http.StatusNotFound, "there is no such image")
		return
	}
	b, exact, err := h.asset(who.ID, r.PathValue("plugin"), r.PathValue("version"), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		refuse(w, http.StatusNotFound, "there is no such image")
	case err != nil:
		h.logger.Warn("host: asset cannot be read", "error", err)
		refuse(w, http.StatusInternalServerError, "the image cannot be read")
	case !looksLike(b, mediaType):
		refuse(w, http.StatusUnsupportedMediaType, "the file is not the image that its name says")
	default:
		seal(w.Header())
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Cache-Control", "no-store")
		if exact {
			w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		}
		_, _ = w.Write(b) // who asked may have gone
	}
}

// asset reads an image; exact tells whether it is of the very version that was asked for.
func (h *Host) asset(principal, id, version, name string) (b []byte, exact bool, err error) {
	err = fs.ErrNotExist
	for _, p := range h.pluginsOf(principal, id, version) {
		if b, err = p.Asset(name); !errors.Is(err, fs.ErrNotExist) {
			return b, p.Manifest().Version == version, err
		}
	}
	return nil, false, err
}

// pluginsOf finds what may have an image of a version of a plugin, the likeliest first: what runs at a place or in a mount as
// that version, and what has taken its place. A page whose plugin was replaced while it was shown asks by the old version still;
// it gets what its own person's mounts run before what others' have kept.
func (h *Host) pluginsOf(principal, id, version string) (found []*sandbox.Plugin) {
	var ranks [5][]*sandbox.Plugin
	rank := func(p *sandbox.Plugin, at *place, same, after int) {
		if p == nil || p.Manifest().ID != id {
			return
		}
		if p.Manifest().Version == version {
			ranks[same] = append(ranks[same], p)
		} else if _, was := at.past.Load(version); was {
			ranks[after] = append(ranks[after], p)
		}
	}
	for _, at := range h.places {
		rank(at.plugin.Load(), at, 1, 4)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for m := range h.mounts {
		if m.party.principal == principal {
			rank(m.plugin.Load(), m.place, 0, 2)
		} else if p := m.plugin.Load(); p != nil && p.Manifest().Version == version {
			rank(p, m.place, 3, 3)
		}
	}
	for _, p := range slices.Concat(ranks[:]...) {
		if !slices.Contains(found, p) {
			found = append(found, p)
		}
	}
	return found
}
