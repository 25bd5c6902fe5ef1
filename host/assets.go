package host

import (
	"errors"
	"io/fs"
	"net/http"
	"path"
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
// plugin at one of the places lists. A version never changes, so a browser need not ask again.
func (h *Host) serveAsset(w http.ResponseWriter, r *http.Request) {
	if _, err := h.people.who(r); err != nil {
		refuse(w, http.StatusUnauthorized, "nobody is signed in")
		return
	}
	name := r.PathValue("name")
	mediaType := imageType(name)
	plugin := h.pluginOf(r.PathValue("plugin"), r.PathValue("version"))
	if plugin == nil || mediaType == "" {
		refuse(w, http.StatusNotFound, "there is no such image")
		return
	}
	b, err := plugin.Asset(name)
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
		w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
		_, _ = w.Write(b) // who asked may have gone
	}
}

// pluginOf finds a version of a plugin that is at a place, or that a mount still runs.
func (h *Host) pluginOf(id, version string) *sandbox.Plugin {
	is := func(p *sandbox.Plugin) bool {
		m := p.Manifest()
		return m.ID == id && m.Version == version
	}
	for _, at := range h.places {
		if p := at.plugin.Load(); is(p) {
			return p
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for m := range h.mounts {
		if p := m.plugin.Load(); p != nil && is(p) {
			return p
		}
	}
	return nil
}
