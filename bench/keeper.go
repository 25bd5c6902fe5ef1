package bench

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A Keeper writes figures into files while they are measured, so that a run that is cut has lost nothing. What comes is added to
// a file beside the one that was asked for, its name with ".part", which --from reads like any other; at the end of a case, also of one that
// was interrupted, it is put into its place. A nil Keeper keeps nothing. It is for one goroutine.
//
// Where variants were chosen, or a case was cut, the kept file's other variants stay: a case may be measured in several runs.
type Keeper struct {
	Machine Machine
	File    string // all figures, in place of what was there; may be empty
	Dir     string // each case in a file of its name; may be empty

	all   Results
	now   []Row // of the case under way
	parts map[string]*os.File
	err   error // the first
}

// row keeps a figure at once.
func (k *Keeper) row(r *Row) {
	if k == nil {
		return
	}
	k.now = append(k.now, *r)
	for _, name := range []string{k.File, k.caseFile(r.Case)} {
		if err := k.add(name, r); err != nil && k.err == nil {
			k.err = err
		}
	}
}

// caseFile is where a case is kept, if it is.
func (k *Keeper) caseFile(name string) string {
	if k.Dir == "" {
		return ""
	}
	return filepath.Join(k.Dir, name+".jsonl")
}

// add adds a figure to the part of a file.
func (k *Keeper) add(name string, r *Row) error {
	if info, err := os.Stat(name); name == "" || err == nil && !info.Mode().IsRegular() { // a device has no part
		return nil
	}
	f := k.parts[name]
	if f == nil {
		var err error
		if f, err = os.Create(name + ".part"); err != nil {
			return err
		}
		if k.parts == nil {
			k.parts = map[string]*os.File{}
		}
		k.parts[name] = f
		m := k.Machine
		m.Cut = true // if nothing else is written
		if err := json.NewEncoder(f).Encode(head{&m}); err != nil {
			return err
		}
	}
	return json.NewEncoder(f).Encode(r)
}

// done keeps a case that has ended. asked are the variants that it has, cut whether it was interrupted.
func (k *Keeper) done(c *Case, o *Options, asked []string, cut bool) error {
	if k == nil {
		return nil
	}
	now := k.now
	k.now = nil
	k.all.Rows = append(k.all.Rows, now...)
	k.all.Machine, k.all.Machine.Cut = k.Machine, k.all.Machine.Cut || cut
	err := k.err
	k.err = nil
	if len(now) == 0 {
		return err
	}
	if k.File != "" {
		err = errors.Join(err, k.put(k.File, &k.all, cut))
	}
	if k.Dir == "" {
		return err
	}
	if c.Name != filepath.Base(c.Name) || c.Name == ".." {
		return errors.Join(err, fmt.Errorf("case %q is not the name of a file", c.Name))
	}
	name, results := k.caseFile(c.Name), &Results{Machine: k.Machine, Rows: now}
	results.Machine.Cut = cut
	switch before, read := readFile(name); {
	case read != nil:
	case cut || len(o.Variants) > 0:
		results = merge(c, before, results, asked)
	default:
		results.Rows = withExact(c, o, before.Rows, now)
	}
	return errors.Join(err, k.put(name, results, true))
}

// ErrQuickOverFull says that a quick run would take the place of what was measured in full.
var ErrQuickOverFull = errors.New("bench: a quick run is not kept over one that was measured in full")

// accepts refuses what would be kept over something better: rows of a quick run over those of a full one.
func (k *Keeper) accepts(cases []Case, o *Options) error {
	if k == nil {
		return nil
	}
	k.Machine.Quick = o.Quick
	if !o.Quick || k.Dir == "" {
		return nil
	}
	quick := Results{Machine: k.Machine}
	for i := range cases {
		if err := quick.replaces(k.caseFile(cases[i].Name)); err != nil {
			return err
		}
	}
	return nil
}

// replaces is nil where results may take the place of what a file has.
func (r *Results) replaces(file string) error {
	if !r.Machine.Quick {
		return nil
	}
	if before, err := readFile(file); err == nil && len(before.Rows) > 0 && !before.Machine.Quick {
		return fmt.Errorf("%w: %s stays as it is; use --out FILE, or another folder", ErrQuickOverFull, file)
	}
	return nil
}

// exact says whether a figure is counted once, such as bytes on the wire: nothing that is timed, or that chance has a part in.
func (r *Row) exact() bool {
	return r.N == 1 && r.Spread == 0 && slices.Contains([]string{"B", "", "units"}, r.Unit)
}

// withExact adds to the rows of a run those of systems that it could not measure, where they are counted and not timed: such bytes
// are the same on any day. Of others it says that they are gone, for what is timed is compared in one run.
func withExact(c *Case, o *Options, before, now []Row) []Row {
	var gone []string
	kept := slices.Clone(now)
	for _, r := range before {
		if r.System == others || slices.ContainsFunc(now, func(n Row) bool { return n.System == r.System }) {
			continue
		}
		if r.exact() {
			kept = append(kept, r)
		} else if !slices.Contains(gone, r.System) {
			gone = append(gone, r.System)
		}
	}
	if len(gone) > 0 && o.Log != nil {
		fmt.Fprintf(o.Log, "%s: what was kept of %s is gone: this run has not measured it\n", c.Name, strings.Join(gone, ", "))
	}
	return kept
}

// put writes a file whole. Its part goes at the end of a case of its own, and of the run.
func (k *Keeper) put(name string, r *Results, end bool) error {
	if err := WriteFile(name, r.Write); err != nil || !end {
		return err
	}
	return k.drop(name)
}

func (k *Keeper) drop(name string) error {
	f := k.parts[name]
	if f == nil {
		return nil
	}
	delete(k.parts, name)
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// Close ends the run: what is in parts has its place by now.
func (k *Keeper) Close() error { return k.drop(k.File) }

// merge puts figures of some variants into those that were kept of a case, and sums it up again.
func merge(c *Case, before, now *Results, asked []string) *Results {
	measured := map[string]bool{}
	for i := range now.Rows {
		measured[now.Rows[i].Variant] = true
	}
	all := &Results{Machine: before.Machine}
	all.Machine.join(&now.Machine)
	last := map[[4]string]Row{} // what is said of all variants
	var order [][4]string
	say := func(r Row) {
		old, seen := last[r.key()]
		if !seen {
			order = append(order, r.key())
		}
		if r.System == others {
			r.Value = max(r.Value, old.Value)
		}
		last[r.key()] = r
	}
	for i, r := range slices.Concat(before.Rows, now.Rows) {
		switch {
		case isTogether(r.Variant):
			say(r)
		case i >= len(before.Rows) || !measured[r.Variant]:
			all.Rows = append(all.Rows, r)
		}
	}
	if c.Together != nil {
		for _, r := range c.Together(all.Rows) {
			say(r)
		}
	}
	missing := slices.ContainsFunc(asked, func(v string) bool {
		return !slices.ContainsFunc(all.Rows, func(r Row) bool { return r.Variant == v })
	})
	all.Machine.Cut = now.Machine.Cut || before.Machine.Cut && missing
	for _, key := range order {
		all.Rows = append(all.Rows, last[key])
	}
	return all
}
