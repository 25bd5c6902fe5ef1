package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"
)

// Results are the figures of one run, and where they were found.
type Results struct {
	Machine Machine
	Rows    []Row
}

// Machine is where and when figures were found.
type Machine struct {
	Date     time.Time         `json:"date"`
	CPU      string            `json:"cpu"`
	Cores    int               `json:"cores"` // that Go may use
	Memory   int64             `json:"memory"`
	System   string            `json:"system"` // operating system, version and architecture
	Load     float64           `json:"load"`   // of the last minute when the run began; -1 if it cannot be known
	Versions map[string]string `json:"versions"`
	Command  string            `json:"command"`
}

// head is the first line of a file of results. Rows alone, as --json prints them, are one as well.
type head struct {
	Machine *Machine `json:"machine"`
}

// The bounds of a file of results, which may be anybody's.
const (
	maxLine = 1 << 20
	maxRows = 100_000
	maxName = 200
)

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

// Read reads what Write has written, or what `vitrine bench --json` has printed. The error names the line.
func Read(r io.Reader) (*Results, error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), maxLine)
	results := &Results{}
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		if err := results.add(line); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return results, lines.Err()
}

func (r *Results) add(line []byte) error {
	var v struct {
		head
		Row
	}
	if err := json.Unmarshal(line, &v); err != nil {
		return err
	}
	switch {
	case v.Machine != nil:
		r.Machine = *v.Machine
		return nil
	case v.Case == "" || v.System == "" || v.Metric == "":
		return fmt.Errorf("a figure needs a case, a system and a metric")
	case len(v.Case)+len(v.System)+len(v.Variant)+len(v.Metric)+len(v.Unit) > maxName:
		return fmt.Errorf("its names are longer than %d bytes", maxName)
	case math.IsNaN(v.Value) || math.IsInf(v.Value, 0):
		return fmt.Errorf("%v is not a figure", v.Value)
	case len(r.Rows) == maxRows:
		return fmt.Errorf("there are more than %d figures", maxRows)
	}
	r.Rows = append(r.Rows, v.Row)
	return nil
}
