package cache

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
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
	f, err := openKey(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // was only read from
	key, err := io.ReadAll(io.LimitReader(f, keySize+1))
	if err != nil {
		return nil, fmt.Errorf("cache: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("cache: %s does not have the %d bytes of a key: remove it to have a new one", path, keySize)
	}
	return key, nil
}

// openKey opens the file and then looks at what it has opened: what lies under the name may be another one by then.
func openKey(path string) (f *os.File, err error) {
	if f, err = openPlain(path); err != nil {
		if st, gone := os.Lstat(path); gone == nil {
			if refused := private(path, st, 0); refused != nil { // it says what to do
				return nil, refused
			}
		}
		return nil, fmt.Errorf("cache: %w", err)
	}
	st, err := f.Stat()
	if err == nil {
		err = private(path, st, 0)
	}
	if err != nil {
		_ = f.Close() // was not even read from
		return nil, err
	}
	return f, nil
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
