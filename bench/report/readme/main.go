// Command readme puts the newest figures into the README: the table between two comments, from a folder of results.
//
//	go run ./bench/report/readme README.md bench/results
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bench/report"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "readme:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 2 {
		return fmt.Errorf("the arguments are README.md and the folder of results")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(args[1], "*.jsonl"))
	if err != nil {
		return err
	}
	results, err := bench.ReadFiles(files...)
	if err != nil {
		return err
	}
	table, err := report.Headline(results)
	if err != nil {
		return err
	}
	out, err := report.Replace(text, table)
	if err != nil {
		return err
	}
	return os.WriteFile(args[0], out, 0o644)
}
