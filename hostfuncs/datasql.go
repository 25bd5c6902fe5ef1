package hostfuncs

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
)

// SQLModel is a table as plugins see it. All names are the host's: none of a plugin's words becomes part of
// a statement.
type SQLModel struct {
	Table    string
	Key      string   // the column that tells instances apart, text
	Tenant   string   // the column that says whose a row is; "" if all rows are everybody's
	Columns  []string // those that can be read; the key is one of them
	Writable []string // those that can be set: not the tenant; the key is set once, by create
}

// SQLData is Data in tables of a database that takes $1 for a parameter, such as SQLite and PostgreSQL. It knows
// the abilities view, create, update and delete. It is safe for concurrent use. The database stays its owner's.
type SQLData struct {
	db     *sql.DB
	models map[string]SQLModel
}

var _ Data = (*SQLData)(nil)

// NewSQLData returns Data for models by name, or an error if one is not complete.
func NewSQLData(db *sql.DB, models map[string]SQLModel) (*SQLData, error) {
	for name, m := range models {
		if m.Table == "" || m.Key == "" || !slices.Contains(m.Columns, m.Key) {
			return nil, fmt.Errorf("hostfuncs: model[%s]: it needs a table, and a key that is one of its columns", name)
		}
		if err := m.fixed(); err != nil {
			return nil, fmt.Errorf("hostfuncs: model[%s]: %w", name, err)
		}
	}
	return &SQLData{db: db, models: maps.Clone(models)}, nil
}

// fixed is an error if a plugin could set what says which row one is and whose. Names in either case may be one column, as to SQLite.
func (m *SQLModel) fixed() error {
	if strings.EqualFold(m.Key, m.Tenant) {
		return fmt.Errorf("its tenant %q cannot also be its key", m.Tenant)
	}
	for _, name := range m.Writable {
		switch {
		case strings.EqualFold(name, m.Tenant):
			return fmt.Errorf("%q says whose a row is: take it out of Writable", name)
		case strings.EqualFold(name, m.Key) && name != m.Key:
			return fmt.Errorf("%q is the key %q, which keeps its value: take it out of Writable", name, m.Key)
		}
	}
	return nil
}

// Access implements Data.
func (d *SQLData) Access(ctx context.Context, who *Subject, q *DataQuery) (any, error) {
	m, ok := d.models[q.Model]
	if !ok || q.Key != "" && q.Key != m.Key {
		return nil, abi.CodeNotFound
	}
	s := &statement{model: &m, who: who}
	switch q.Ability {
	case "view":
		return d.view(ctx, s, q)
	case "create", "update":
		fields, ok := q.Value.(map[string]any)
		if !ok || q.Instance == "" {
			return nil, abi.CodeInvalid
		}
		return d.write(ctx, s, q, fields)
	case "delete":
		s.add("DELETE FROM " + ident(m.Table))
		s.where(q.Instance)
		return nil, d.one(ctx, s)
	}
	return nil, abi.CodeUnsupported
}

func (d *SQLData) view(ctx context.Context, s *statement, q *DataQuery) (any, error) {
	s.add("SELECT " + idents(s.model.Columns) + " FROM " + ident(s.model.Table))
	if q.Instance != "" {
		s.where(q.Instance)
	} else {
		s.add(" WHERE " + ident(s.model.Key) + " > " + s.arg(q.After))
		s.tenant()
		s.add(" ORDER BY " + ident(s.model.Key) + " LIMIT " + s.arg(q.Most))
	}
	records, err := d.rows(ctx, s)
	switch {
	case err != nil:
		return nil, err
	case q.Instance == "":
		return records, nil
	case len(records) == 0:
		return nil, abi.CodeNotFound
	}
	return records[0], nil
}

// write creates or updates a row and answers it as it is then.
func (d *SQLData) write(ctx context.Context, s *statement, q *DataQuery, fields map[string]any) (any, error) {
	if !keeps(q, s.model.Key, fields) {
		return nil, refuse(abi.CodeInvalid, "%+.40q cannot become another", s.model.Key)
	}
	names := slices.Sorted(maps.Keys(fields))
	names = slices.DeleteFunc(names, func(name string) bool { return name == s.model.Key }) // it is what it is
	for _, name := range names {
		if !slices.Contains(s.model.Writable, name) || !scalar(fields[name]) {
			return nil, refuse(abi.CodeInvalid, "%+.40q cannot be set", name)
		}
	}
	switch {
	case q.Ability == "create":
		s.insert(q.Instance, names, fields)
	case len(names) > 0:
		s.update(q.Instance, names, fields)
	default:
		return nil, refuse(abi.CodeInvalid, "there is nothing to change")
	}
	if err := d.one(ctx, s); err != nil {
		if q.Ability == "create" && err == abi.CodeNotFound {
			err = abi.CodeConflict
		}
		return nil, err
	}
	return d.view(ctx, &statement{model: s.model, who: s.who}, &DataQuery{Instance: q.Instance})
}

// one runs a statement that changes one row.
func (d *SQLData) one(ctx context.Context, s *statement) error {
	res, err := d.db.ExecContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err == nil && n == 0 {
		err = abi.CodeNotFound
	}
	return err
}

func (d *SQLData) rows(ctx context.Context, s *statement) (_ []any, err error) {
	rows, err := d.db.QueryContext(ctx, s.text.String(), s.args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out := []any{}
	for rows.Next() {
		values := make([]any, len(s.model.Columns))
		into := make([]any, len(values))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		record := make(map[string]any, len(values))
		for i, v := range values {
			if !scalar(v) {
				v = fmt.Sprint(v) // a time, in Go's words
			}
			record[s.model.Columns[i]] = v
		}
		out = append(out, record)
	}
	return out, rows.Err()
}

// scalar reports whether v is a value that a column and a plugin both can have.
func scalar(v any) bool {
	switch v.(type) {
	case nil, bool, int64, float64, string, []byte:
		return true
	}
	return false
}

// statement is one that grows.
type statement struct {
	model *SQLModel
	who   *Subject
	text  strings.Builder
	args  []any
}

func (s *statement) add(text string) { s.text.WriteString(text) }

// arg is the placeholder of a value.
func (s *statement) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

func (s *statement) where(instance string) {
	s.add(" WHERE " + ident(s.model.Key) + " = " + s.arg(instance))
	s.tenant()
}

func (s *statement) tenant() {
	if s.model.Tenant != "" {
		s.add(" AND " + ident(s.model.Tenant) + " = " + s.arg(s.who.Tenant))
	}
}

func (s *statement) insert(instance string, names []string, fields map[string]any) {
	columns, values := []string{s.model.Key}, []string{s.arg(instance)}
	if s.model.Tenant != "" {
		columns, values = append(columns, s.model.Tenant), append(values, s.arg(s.who.Tenant))
	}
	for _, name := range names {
		columns, values = append(columns, name), append(values, s.arg(fields[name]))
	}
	s.add("INSERT INTO " + ident(s.model.Table) + " (" + idents(columns) + ") VALUES (" + strings.Join(values, ", ") + ") ON CONFLICT DO NOTHING")
}

func (s *statement) update(instance string, names []string, fields map[string]any) {
	set := make([]string, len(names))
	for i, name := range names {
		set[i] = ident(name) + " = " + s.arg(fields[name])
	}
	s.add("UPDATE " + ident(s.model.Table) + " SET " + strings.Join(set, ", "))
	s.where(instance)
}

// ident quotes a name as SQL does.
func ident(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

func idents(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = ident(n)
	}
	return strings.Join(out, ", ")
}
