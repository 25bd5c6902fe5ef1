package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32

// hostKey reads the key of this host, or makes one. It does not lie in the directory that it protects:
// whoever copies or restores that, or can write there, has no key.
func hostKey(path string) ([]byte, error) {
	key, err := readKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	if err := makeKey(path); err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	return readKey(path)
}

func readKey(path string) ([]byte, error) {
	if err := private(path, 0); err != nil {
		return nil, err
	}
	key, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("cache: %s has %d bytes, a key has %d: remove it to have a new one", path, len(key), keySize)
	}
	return key, nil
}

// makeKey makes a key appear whole, and leaves alone one that another process made in the meantime.
func makeKey(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // it has another name by then, or there was an error
	key := make([]byte, keySize)
	rand.Read(key)
	_, err = f.Write(key)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}
