package plugin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// A Profile is the fuel of one call by function.
type Profile struct {
	Fuel  uint64             // of the call; what the functions used themselves is exactly that
	Funcs []runtime.FuncFuel // those that were called, the one that used most itself first
	Err   error              // what ended the call, if it did not end well: a limit, a trap
}

// Profile calls the function once, on an instance of its own which counts, and says where the fuel went. What its
// start used is not in it. A call that a limit or a trap ends has a profile as well, with the reason in Err; the
// error is that there was no call.
func (p *Plugin) Profile(ctx context.Context) (*Profile, error) {
	c, err := p.in(ctx, "", true)
	if err != nil {
		return nil, err
	}
	defer c.close()
	in, err := c.make(ctx)
	if err != nil {
		return nil, err
	}
	defer in.Close(context.Background()) // nothing runs in it
	fuel, before := in.Stats().Fuel, in.Profile()
	_, err = p.call(ctx, in)
	if err == nil || isEnd(err) {
		return &Profile{in.Stats().Fuel - fuel, since(in.Profile(), before), err}, nil
	}
	return nil, err
}

// isEnd tells whether a call came to an end that is its own.
func isEnd(err error) bool {
	var (
		fault   *runtime.Fault
		guest   *runtime.GuestError
		exit    *runtime.ExitError
		foreign *extism.Error
	)
	return errors.As(err, &fault) || errors.As(err, &guest) || errors.As(err, &exit) || errors.As(err, &foreign)
}

// since takes what was used before from what is used now.
func since(now, before []runtime.FuncFuel) []runtime.FuncFuel {
	used := map[uint32]runtime.FuncFuel{}
	for _, f := range before {
		used[f.Index] = f
	}
	var list []runtime.FuncFuel
	for _, f := range now {
		b := used[f.Index]
		f.Calls, f.Self, f.Total = f.Calls-b.Calls, f.Self-b.Self, f.Total-b.Total
		if f.Calls > 0 || f.Self > 0 {
			f.Name = Readable(f.Name)
			list = append(list, f)
		}
	}
	slices.SortStableFunc(list, func(a, b runtime.FuncFuel) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total), strings.Compare(a.Name, b.Name))
	})
	return list
}

// Nameless tells whether the module does not name most of its functions, so that they are numbers here.
func (p *Profile) Nameless() bool {
	n := 0
	for _, f := range p.Funcs {
		if f.Name == fmt.Sprintf("function %d", f.Index) {
			n++
		}
	}
	return 2*n > len(p.Funcs)
}

// FuelCase counts the fuel of one call by function: its variants are the plugin's functions, with what each used
// itself and with what it called; n is how often it was called. Functions of one name are told apart by a number. done is
// given the profile, before the case ends with what ended the call.
func (p *Plugin) FuelCase(done func(*Profile)) *bench.Case {
	return &bench.Case{Name: "fuel", Help: "fuel by function of your plugin", Unit: "units", Systems: []string{bench.Ours},
		Takes: 10 * time.Second, TakesQuick: 5 * time.Second,
		Measure: func(ctx context.Context, r *bench.Run) error {
			profile, err := p.Profile(ctx)
			if err != nil {
				return err
			}
			done(profile)
			if err := profile.print(r); err != nil {
				return err
			}
			return profile.Err
		}}
}

func (p *Profile) print(r *bench.Run) error {
	names := map[string]int{}
	for _, f := range p.Funcs {
		name := f.Name
		if names[name]++; names[name] > 1 {
			name += fmt.Sprintf(" #%d", names[name])
		}
		// The sum is what there is to be verified: each function's part of it is as right as the whole.
		if err := r.Verify(bench.Ours, name, p.sum(), fmt.Append(nil, p.Fuel)); err != nil {
			return err
		}
		row := bench.Row{System: bench.Ours, Variant: name, Unit: "units", N: int(min(f.Calls, 1<<53))}
		row.Metric, row.Value = "self", float64(f.Self)
		r.Print(row)
		row.Metric, row.Value = "total", float64(f.Total)
		r.Print(row)
	}
	return nil
}

// sum is what the functions used together, in decimal.
func (p *Profile) sum() []byte {
	var sum uint64
	for _, f := range p.Funcs {
		sum += f.Self
	}
	return fmt.Append(nil, sum)
}
