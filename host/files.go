package host

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/vitrine-run/vitrine/shell"
)

// file is a file of the shell.
type file struct {
	body      []byte
	zipped    []byte // the same with gzip
	mediaType string
	hash      string
}

// shellFiles reads the files of the shell.
func shellFiles() (map[string]*file, error) {
	files := map[string]*file{}
	dist := shell.Files()
	err := fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(dist, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(b)
		zipped, err := zip(b)
		files[name] = &file{b, zipped, mediaTypeOf(name), hex.EncodeToString(sum[:8])}
		return err
	})
	if err == nil && files["vitrine.js"] == nil {
		err = fmt.Errorf("shell: vitrine.js: %w", fs.ErrNotExist)
	}
	return files, err
}

func zip(b []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(b)
	}
	if err == nil {
		err = w.Close()
	}
	return out.Bytes(), err
}

// mediaTypeOf does not ask the system, whose tables differ from machine to machine.
func mediaTypeOf(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".json", ".map":
		return "application/json"
	case ".svg":
		return "image/svg+xml"
	case ".txt":
		return "text/plain; charset=utf-8"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// serveFile answers GET /vitrine/vitrine.js and its like. With the file's hash as ?v= the answer holds
// for ever, else a browser asks each time and mostly hears that nothing has changed.
func (h *Host) serveFile(w http.ResponseWriter, r *http.Request, f *file) {
	seal(w.Header())
	w.Header().Set("ETag", `W/"`+f.hash+`"`) // weak: gzip has other bytes
	w.Header().Set("Vary", "Accept-Encoding")
	if r.URL.Query().Get("v") == f.hash {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
		_, _ = h.people.greet(w, r) // the socket that the shell opens next needs a session
	}
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+f.hash+`"`) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", f.mediaType)
	body := f.body
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		w.Header().Set("Content-Encoding", "gzip")
		body = f.zipped
	}
	_, _ = w.Write(body) // who asked may have gone
}

// acceptsGzip reads an Accept-Encoding as browsers write it: one with a weight of its own for gzip
// gets the file as it is.
func acceptsGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		if strings.TrimSpace(item) == "gzip" {
			return true
		}
	}
	return false
}
