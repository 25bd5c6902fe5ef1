package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// The bounds of a file of results, which may be anybody's.
const (
	maxLine    = 1 << 20
	maxRows    = 100_000
	maxName    = 200
	maxText    = 1000 // of what is said of the machine
	maxNotes   = 100
	maxSamples = 50_000
	maxValue   = 1e21 // more than 2^64 units of fuel
	maxSpread  = 1e6
)

// Read reads what Write has written, or what `vitrine bench --json` has printed. Names that a terminal would obey and
// figures that nobody can have measured are refused. The error names the line.
func Read(r io.Reader) (*Results, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	results := &Results{}
	n := 1
	for ; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := results.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, fmt.Errorf("line %d is longer than %d bytes: this is no file of figures", n, maxLine)
	case err != nil:
		return nil, err
	}
	return results, nil
}

func (r *Results) add(line []byte) error {
	var v struct {
		head
		Row
		Value *float64 `json:"value"` // of the row: nothing is not zero
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return err
	}
	if v.Machine != nil {
		r.Machine = *v.Machine
		return r.Machine.check()
	}
	if len(r.Rows) == maxRows {
		return fmt.Errorf("there are more than %d figures", maxRows)
	}
	if v.Value != nil {
		v.Row.Value = *v.Value
	}
	if err := v.Row.check(); err != nil {
		return err
	}
	if v.Value == nil {
		return errors.New("a figure needs a value")
	}
	r.Rows = append(r.Rows, v.Row)
	return nil
}

func (r *Row) check() error {
	names := []string{r.Case, r.System, r.Variant, r.Metric, r.Unit}
	switch {
	case r.Case == "" || r.System == "" || r.Metric == "":
		return errors.New("a figure needs a case, a system and a metric")
	case len(strings.Join(names, "")) > maxName:
		return fmt.Errorf("its names are longer than %d bytes", maxName)
	case !isPrintable(names...):
		return fmt.Errorf("its names have characters that are not printed: %.100q", names)
	case math.Abs(r.Value) > maxValue: // NaN and Inf are no JSON
		return fmt.Errorf("%g is not a figure", r.Value)
	case r.negative():
		return fmt.Errorf("%s: a time is not below nothing", r.Metric)
	case r.Spread < 0 || r.Spread > maxSpread:
		return fmt.Errorf("%g is not a spread", r.Spread)
	case r.N < 0 || r.Processes < 0:
		return errors.New("it is made of fewer rounds than none")
	case len(r.Samples)+len(r.Quantiles) > maxSamples:
		return fmt.Errorf("it has more than %d rounds", maxSamples)
	case len(r.Notes) > maxNotes:
		return fmt.Errorf("it has more than %d notes", maxNotes)
	}
	for _, v := range append(append([]float64{}, r.Samples...), r.Quantiles...) {
		if math.Abs(v) > maxValue {
			return fmt.Errorf("%g is not a figure of a round", v)
		}
	}
	return checkTexts(r.Notes)
}

// negative says whether it has a time below zero. What one call takes more than another may be that.
func (r *Row) negative() bool {
	if !slices.Contains([]string{"ns", "us", "ms", "s"}, r.Unit) || r.Metric == "over" {
		return false
	}
	below := func(v float64) bool { return v < 0 }
	return below(r.Value) || slices.ContainsFunc(r.Samples, below) || slices.ContainsFunc(r.Quantiles, below)
}

func (m *Machine) check() error {
	texts := []string{m.CPU, m.System, m.Command}
	for name, version := range m.Versions {
		texts = append(texts, name, version)
	}
	if m.Cores < 0 || m.Memory < 0 || math.Abs(m.Load) > maxSpread {
		return errors.New("this is no machine: its cores, memory or load")
	}
	if max(m.Nice, m.Autogroup) > 19 || min(m.Nice, m.Autogroup) < -20 {
		return errors.New("this is no priority: nice is -20 to 19")
	}
	return checkTexts(texts)
}

func checkTexts(texts []string) error {
	for _, s := range texts {
		if len(s) > maxText {
			return fmt.Errorf("%.20q... is longer than %d bytes", s, maxText)
		}
		if !isPrintable(s) {
			return fmt.Errorf("%.100q has characters that are not printed", s)
		}
	}
	return nil
}

// isPrintable says whether texts are as printable would leave them.
func isPrintable(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(s string) bool { return printable(s) != s })
}
