package report

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/vitrine-run/vitrine/bench"
)

// columns are those of the terminal that Brief writes for.
const columns = 80

// Brief writes what rows come to for a person at a terminal of 80 columns: the headlines, and the targets that were missed.
func Brief(w io.Writer, rows []bench.Row) error {
	var b strings.Builder
	if list := shorts(rows); len(list) > 0 {
		b.WriteString("\nin short\n")
		for _, s := range list {
			pair(&b, "  "+s.Words, s.Ours)
			var beside []string
			for _, other := range s.Beside {
				beside = append(beside, other.Name+" "+other.Value)
			}
			wrap(&b, "      ", beside)
		}
	}
	measured := 0
	said := map[outcome]*strings.Builder{within: {}, short: {}}
	of := map[outcome]int{}
	for _, v := range judge(rows) {
		if v.Outcome == unmeasured {
			continue
		}
		measured++
		of[v.Outcome]++
		if b := said[v.Outcome]; b != nil {
			pair(b, "  "+v.Words, v.seen()+", "+v.Target)
		}
	}
	if measured > 0 {
		fmt.Fprintf(&b, "\ntargets: %d of the %d that were measured are reached\n", of[reached], measured)
	}
	for _, o := range []outcome{within, short} {
		if of[o] > 0 {
			fmt.Fprintf(&b, "%s:\n%s", o, said[o])
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// pair writes words at the left and a figure at the right, on a line of its own where there is no room.
func pair(b *strings.Builder, words, figure string) {
	b.WriteString(words)
	room := columns - utf8.RuneCountInString(words) - utf8.RuneCountInString(figure)
	if room < 2 {
		b.WriteByte('\n')
		room = columns - utf8.RuneCountInString(figure)
	}
	fmt.Fprintf(b, "%s%s\n", strings.Repeat(" ", max(room, 0)), figure)
}

// wrap writes a list with semicolons, on lines that fit.
func wrap(b *strings.Builder, indent string, list []string) {
	at := 0
	for i, s := range list {
		if i < len(list)-1 {
			s += ";"
		}
		n := utf8.RuneCountInString(s)
		switch {
		case at == 0:
			b.WriteString(indent)
			at = len(indent)
		case at+1+n > columns:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(s)
		at += n
	}
	if at > 0 {
		b.WriteByte('\n')
	}
}
