package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/sandbox"
)

// source is what a command was pointed at: a .wasm file, or a plugin's folder.
type source struct {
	path     string        // as it was given
	file     string        // of the module
	folder   string        // "" for a file
	manifest *abi.Manifest // nil for a file
	code     []byte
	info     *runtime.Info
}

// maxModule is how many bytes of wasm a command reads.
const maxModule = 256 << 20

// openSource reads a file or a folder and what they declare, but checks no import.
func openSource(path string) (*source, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	s := &source{path: path}
	file := path
	if stat.IsDir() {
		s.folder = path
		if s.manifest, err = readManifest(path); err != nil {
			return nil, err
		}
		file = filepath.Join(path, filepath.FromSlash(s.manifest.Runtime.Wasm))
	}
	s.file = file
	if s.code, err = readFile(file, maxModule); err != nil {
		hint := ""
		if s.folder != "" && errors.Is(err, fs.ErrNotExist) {
			hint = "build it first: vitrine build " + path
		}
		return nil, &exitError{code: exitUsage, err: err, hint: hint}
	}
	if s.info, err = runtime.Inspect(s.code); err != nil {
		return nil, &exitError{code: exitInvalid, err: inWords(file, err)}
	}
	return s, nil
}

func readManifest(folder string) (*abi.Manifest, error) {
	file := filepath.Join(folder, abi.ManifestName)
	b, err := readFile(file, abi.MaxManifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, &exitError{code: exitUsage, err: err, hint: "a plugin's folder has a " + abi.ManifestName}
	}
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	return parseManifest(file, b)
}

// parseManifest reads the manifest that a file holds.
func parseManifest(file string, b []byte) (*abi.Manifest, error) {
	m, err := abi.ParseManifest(b)
	if err != nil {
		return nil, &exitError{code: exitInvalid, err: inFile(file, err)}
	}
	return m, nil
}

func readFile(name string, most int64) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close() // was only read from
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(b)) > most {
		return nil, fmt.Errorf("%s: more than %d bytes", name, most)
	}
	return b, nil
}

// checkImports holds the imports against the manifest. A file has none, and so declares
// nothing.
func (s *source) checkImports() error {
	manifest := s.manifest
	if manifest == nil {
		manifest = &abi.Manifest{}
	}
	err := sandbox.CheckImports(s.info, manifest)
	if err == nil {
		return nil
	}
	e := &exitError{code: exitInvalid, err: fmt.Errorf("%s: %w", s.path, err)}
	var refused *sandbox.ImportError
	if errors.As(err, &refused) {
		if known, ok := abi.FindImport(refused.Module, refused.Name); ok && known.Capability != "" && s.manifest == nil {
			e.err = fmt.Errorf("%s: import %s.%s: a file has no manifest that declares %q", s.path, refused.Module, refused.Name, known.Capability)
			e.hint = "call the plugin's folder, where its " + abi.ManifestName + " is"
		}
	}
	return e
}

func (s *source) sha256() string {
	sum := sha256.Sum256(s.code)
	return hex.EncodeToString(sum[:])
}
