// Package kvsqlite keeps what plugins keep in a file.
//
//	store, err := kvsqlite.Open("data/kv.sqlite")
//	services := &hostfuncs.Services{KV: store}
//
// The file has one row a value and one row a space with its sums, so that a quota costs no counting. Changes
// are in the write-ahead log, and so in the file after a crash, when Put has returned.
package kvsqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// Store is a hostfuncs.Store in an SQLite file. It is safe for concurrent use. Whoever opened it closes it.
type Store struct {
	write *sql.DB // one connection: SQLite has one writer
	read  *sql.DB
}

var _ hostfuncs.Store = (*Store)(nil)

// schema: keys and spaces are blobs, so that they are compared by their bytes.
const schema = `
CREATE TABLE IF NOT EXISTS spaces (
	space BLOB PRIMARY KEY, bytes INTEGER NOT NULL, keys INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entries (
	space BLOB NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL, PRIMARY KEY (space, key)
) WITHOUT ROWID;`

// Open opens a file, and makes it if it is not there, for its owner alone.
func Open(path string) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("kvsqlite: %w", err)
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("kvsqlite: %w", err)
	}
	s := &Store{}
	if s.write, err = connect(path, "immediate", 1); err == nil {
		if _, err = s.write.Exec(schema); err == nil {
			s.read, err = connect(path, "deferred", 4)
		}
	}
	if err != nil {
		_ = s.Close() // the first error is the answer
		return nil, fmt.Errorf("kvsqlite: %s: %w", path, err)
	}
	return s, nil
}

func connect(path, lock string, most int) (*sql.DB, error) {
	q := url.Values{
		"_pragma": {"journal_mode(wal)", "synchronous(normal)", "busy_timeout(5000)", "trusted_schema(off)"}, "_txlock": {lock},
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err == nil {
		db.SetMaxOpenConns(most)
	}
	return db, err
}

// Close closes the file. Nothing may be under way.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// Get implements hostfuncs.Store.
func (s *Store) Get(ctx context.Context, space, key string) ([]byte, error) {
	v, err := get(ctx, s.read, space, key)
	if err == nil && v == nil {
		err = abi.CodeNotFound
	}
	return v, err
}

// querier is a database or a transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// get answers nil for a key that is not there, and only for that.
func get(ctx context.Context, q querier, space, key string) ([]byte, error) {
	v := []byte{}
	err := q.QueryRowContext(ctx, "SELECT value FROM entries WHERE space = $1 AND key = $2", []byte(space), []byte(key)).Scan(&v)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, nil
	case err == nil && v == nil:
		v = []byte{}
	}
	return v, err
}

// Put implements hostfuncs.Store.
func (s *Store) Put(ctx context.Context, space, key string, c *hostfuncs.Change) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := put(ctx, tx, space, key, c); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

func put(ctx context.Context, tx *sql.Tx, space, key string, c *hostfuncs.Change) error {
	was, err := get(ctx, tx, space, key)
	switch {
	case err != nil:
		return err
	case c.Compare && ((was == nil) != (c.Was == nil) || !bytes.Equal(was, c.Was)):
		return abi.CodeConflict
	case was == nil && c.Value == nil:
		return nil
	}
	var sum, keys int64
	err = tx.QueryRowContext(ctx, "SELECT bytes, keys FROM spaces WHERE space = $1", []byte(space)).Scan(&sum, &keys)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	newSum, newKeys := sum, keys
	if was != nil {
		newSum, newKeys = newSum-int64(len(key)+len(was)), newKeys-1
	}
	statement, args := "DELETE FROM entries WHERE space = $1 AND key = $2", []any{[]byte(space), []byte(key)}
	if c.Value != nil {
		newSum, newKeys = newSum+int64(len(key)+len(c.Value)), newKeys+1
		if c.Quota.Exceeded(newSum, newKeys, sum, keys) {
			return abi.CodeLimit
		}
		statement, args = "INSERT OR REPLACE INTO entries (space, key, value) VALUES ($1, $2, $3)", append(args, c.Value)
	}
	if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
		return err
	}
	if newKeys == 0 {
		_, err = tx.ExecContext(ctx, "DELETE FROM spaces WHERE space = $1", []byte(space))
	} else {
		_, err = tx.ExecContext(ctx, "INSERT OR REPLACE INTO spaces (space, bytes, keys) VALUES ($1, $2, $3)", []byte(space), newSum, newKeys)
	}
	return err
}

// Keys implements hostfuncs.Store.
func (s *Store) Keys(ctx context.Context, space, prefix, after string, most int) (_ []string, err error) {
	const query = `SELECT key FROM entries WHERE space = $1 AND key > $2 AND key >= $3 AND substr(key, 1, $4) = $3
		ORDER BY key LIMIT $5`
	rows, err := s.read.QueryContext(ctx, query, []byte(space), []byte(after), []byte(prefix), len(prefix), most)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	var out []string
	for rows.Next() {
		var key []byte
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		out = append(out, string(key))
	}
	return out, rows.Err()
}
