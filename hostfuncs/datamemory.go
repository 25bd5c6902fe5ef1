package hostfuncs

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/vitrine-run/vitrine/abi"
)

// MemoryData is Data that ends with the process: records are maps, told apart by a field of text, the key, within a
// tenant. It knows the abilities view, create, update and delete. The zero value is empty.
type MemoryData struct {
	// Changed is told what has been created, updated or deleted, for who wants to publish it. It may be nil and
	// must be set before the first use.
	Changed func(tenant, model, ability, key, instance string, record map[string]any)

	mu     sync.Mutex
	models map[string]map[string]map[string]any // by tenant and model, then by instance
}

var _ Data = (*MemoryData)(nil)

const maxMemoryRecords = 10_000 // of a model

// Put adds a record or replaces it. One of its fields, the key, has the instance.
func (m *MemoryData) Put(tenant, model, instance string, record map[string]any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.models == nil {
		m.models = map[string]map[string]map[string]any{}
	}
	space := (&Subject{Tenant: tenant, Install: model}).Key()
	if m.models[space] == nil {
		m.models[space] = map[string]map[string]any{}
	}
	m.models[space][instance] = maps.Clone(record)
}

// Access implements Data.
func (m *MemoryData) Access(_ context.Context, who *Subject, q *DataQuery) (any, error) {
	v, record, err := m.access(who, q)
	if err == nil && record != nil && m.Changed != nil {
		m.Changed(who.Tenant, q.Model, q.Ability, q.Key, q.Instance, record)
	}
	return v, err
}

// access answers the value and, if something has changed, the record.
func (m *MemoryData) access(who *Subject, q *DataQuery) (any, map[string]any, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	records := m.models[(&Subject{Tenant: who.Tenant, Install: q.Model}).Key()]
	if records == nil {
		return nil, nil, abi.CodeNotFound
	}
	if q.Ability == "view" && q.Instance == "" {
		return list(records, q), nil, nil
	}
	record, there := records[q.Instance]
	if there && record[q.Key] != q.Instance {
		return nil, nil, refuse(abi.CodeInvalid, "%+.40q does not tell instances of %s apart", q.Key, q.Model)
	}
	fields, isMap := q.Value.(map[string]any)
	switch q.Ability {
	case "view":
		if !there {
			return nil, nil, abi.CodeNotFound
		}
		return anyMap(record), nil, nil
	case "create":
		return create(records, q, fields, isMap)
	case "update":
		if !isMap || !keeps(q, q.Key, fields) || !changes(q.Key, fields) {
			return nil, nil, abi.CodeInvalid
		}
		if !there {
			return nil, nil, abi.CodeNotFound
		}
		record = maps.Clone(record) // whoever was given the old one keeps it
		maps.Copy(record, fields)
		records[q.Instance] = record
		return anyMap(record), record, nil
	case "delete":
		if !there {
			return nil, nil, abi.CodeNotFound
		}
		delete(records, q.Instance)
		return nil, record, nil
	}
	return nil, nil, abi.CodeUnsupported
}

func create(records map[string]map[string]any, q *DataQuery, fields map[string]any, isMap bool) (any, map[string]any, error) {
	switch {
	case !isMap || q.Instance == "" || !keeps(q, q.Key, fields):
		return nil, nil, abi.CodeInvalid
	case records[q.Instance] != nil:
		return nil, nil, abi.CodeConflict
	case len(records) >= maxMemoryRecords:
		return nil, nil, abi.CodeLimit
	}
	record := maps.Clone(fields)
	record[q.Key] = q.Instance
	records[q.Instance] = record
	return anyMap(record), record, nil
}

// list answers records in the order of their instances.
func list(records map[string]map[string]any, q *DataQuery) any {
	out := []any{}
	for _, id := range slices.Sorted(maps.Keys(records)) {
		if id > q.After && len(out) < q.Most {
			out = append(out, anyMap(records[id]))
		}
	}
	return out
}

// anyMap is a copy, so that the answer is not changed by what comes next.
func anyMap(m map[string]any) any { return any(maps.Clone(m)) }
