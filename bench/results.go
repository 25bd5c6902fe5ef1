package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Results are the figures of one run, and where they were found.
type Results struct {
	Machine  Machine
	Machines map[string]Machine // of each case, where several runs were put together
	Rows     []Row
}

// Machine is where and when figures were found.
type Machine struct {
	Date     time.Time         `json:"date"`
	Until    *time.Time        `json:"until,omitempty"` // when the last of several runs began
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"` // that Go may use
	Memory   int64             `json:"memory"`
	System   string            `json:"system"` // operating system, version and architecture
	Load     float64           `json:"load"`   // of the last minute when the run began; -1 if it cannot be known
	Versions map[string]string `json:"versions"`
	Command  string            `json:"command"`
	Cut      bool              `json:"cut,omitempty"`   // whether a run was interrupted before it had all
	Quick    bool              `json:"quick,omitempty"` // few and short rounds, of fewer things: a first look
	// Nice and Autogroup are the niceness of the process and of its scheduling group (sched(7)): below 0 it had more of the processors than
	// others that wanted them.
	Nice      int `json:"nice,omitempty"`
	Autogroup int `json:"autogroup,omitempty"`
}

// head is the first line of a file of results. Rows alone, as --json prints them, are one as well.
type head struct {
	Machine *Machine `json:"machine"`
}

// Write writes the machine and then the rows, one JSON object a line.
func (r *Results) Write(w io.Writer) error {
	enc := json.NewEncoder(w)
	if err := enc.Encode(head{&r.Machine}); err != nil {
		return err
	}
	for i := range r.Rows {
		if err := enc.Encode(&r.Rows[i]); err != nil {
			return err
		}
	}
	return nil
}

// ReadFiles reads files of results, and those in folders, and puts them together. Figures of a later file take the place of
// the same figures of an earlier one; the machine is what the files have in common, and each case has its own. Files
// without a figure are an error.
func ReadFiles(names ...string) (*Results, error) {
	all := &Results{Machines: map[string]Machine{}}
	at := map[[4]string]int{}
	names, err := filesOf(names)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		r, err := readFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(r.Rows) == 0 {
			return nil, fmt.Errorf("%s: there are no figures in it", name)
		}
		all.Machine.join(&r.Machine)
		if len(names) > 1 && !r.Machine.Date.IsZero() {
			for i := range r.Rows {
				all.Machines[r.Rows[i].Case] = r.Machine
			}
		}
		for i := range r.Rows {
			key := r.Rows[i].key()
			if j, ok := at[key]; ok {
				all.Rows[j] = r.Rows[i]
				continue
			}
			at[key] = len(all.Rows)
			all.Rows = append(all.Rows, r.Rows[i])
		}
	}
	return all, nil
}

// filesOf are the files of a list, with those of results that are in its folders.
func filesOf(names []string) (list []string, err error) {
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil || !info.IsDir() {
			list = append(list, name) // which says itself that it is not there
			continue
		}
		entries, err := os.ReadDir(name)
		if err != nil {
			return nil, err
		}
		before := len(list)
		for _, e := range entries {
			if filepath.Ext(e.Name()) == ".jsonl" {
				list = append(list, filepath.Join(name, e.Name()))
			}
		}
		if len(list) == before {
			return nil, fmt.Errorf("%s: there is no file of results (.jsonl) in it", name)
		}
	}
	return list, nil
}

// join makes the machine of two runs. What they do not have in common is said of both, or not at all.
func (m *Machine) join(o *Machine) {
	switch {
	case o.Date.IsZero():
		return
	case m.Date.IsZero():
		*m = *o
		m.Versions = maps.Clone(o.Versions)
		return
	}
	first, last := m.Date, m.Date
	if m.Until != nil {
		last = *m.Until
	}
	for _, t := range []*time.Time{&o.Date, o.Until} {
		if t != nil && t.Before(first) {
			first = *t
		}
		if t != nil && t.After(last) {
			last = *t
		}
	}
	m.Date, m.Until = first, &last
	m.CPU, m.System = both(m.CPU, o.CPU), both(m.System, o.System)
	m.Cut, m.Quick = m.Cut || o.Cut, m.Quick || o.Quick
	m.Nice, m.Autogroup = min(m.Nice, o.Nice), min(m.Autogroup, o.Autogroup)
	m.Cores, m.Memory, m.Load = min(m.Cores, o.Cores), min(m.Memory, o.Memory), max(m.Load, o.Load)
	if m.Command != o.Command {
		m.Command = ""
	}
	for name, version := range o.Versions {
		if m.Versions == nil {
			m.Versions = map[string]string{}
		}
		m.Versions[name] = both(m.Versions[name], version)
	}
}

func both(a, b string) string {
	switch {
	case a == "" || strings.Contains(b, a):
		return b
	case strings.Contains(a, b):
		return a
	}
	return a + " and " + b
}

func readFile(name string) (*Results, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // was read only
	return Read(f)
}

// key is what makes two figures the same one.
func (r *Row) key() [4]string { return [4]string{r.Case, r.System, r.Variant, r.Metric} }

// machineOf is where and when a case was measured.
func (r *Results) machineOf(name string) Machine {
	if m, ok := r.Machines[name]; ok {
		return m
	}
	return r.Machine
}

// Quick are the cases of which there is no more than a first look.
func (r *Results) Quick() (list []string) {
	for i := range r.Rows {
		if name := r.Rows[i].Case; !slices.Contains(list, name) && r.machineOf(name).Quick {
			list = append(list, name)
		}
	}
	return list
}

// Priorities are the cases whose processes had another priority than others have, with which (Machine.Priority).
func (r *Results) Priorities() (list [][2]string) {
	seen := map[string]bool{}
	for i := range r.Rows {
		name := r.Rows[i].Case
		m := r.machineOf(name)
		if p := m.Priority(); p != "" && !seen[name] {
			list = append(list, [2]string{name, p})
		}
		seen[name] = true
	}
	return list
}

// Keep writes the results into a folder, each case into a file of its name, and leaves the files of other cases alone.
func (r *Results) Keep(dir string) error {
	byCase := map[string]*Results{}
	for _, row := range r.Rows {
		if byCase[row.Case] == nil {
			byCase[row.Case] = &Results{Machine: r.machineOf(row.Case)}
		}
		byCase[row.Case].Rows = append(byCase[row.Case].Rows, row)
	}
	for name, of := range byCase {
		if name != filepath.Base(name) || name == ".." {
			return fmt.Errorf("case %q is not the name of a file", name)
		}
		file := filepath.Join(dir, name+".jsonl")
		if err := of.replaces(file); err != nil {
			return err
		}
		var b bytes.Buffer
		if err := of.Write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}
