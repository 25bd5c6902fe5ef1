package main

import (
	"fmt"
	"io"
	"os"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/sandbox"
)

type checkUpgradeCmd struct {
	Old  string `arg:"" help:"The version that runs: a plugin's folder, or its manifest."`
	New  string `arg:"" help:"The version to come."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

func (checkUpgradeCmd) Help() string {
	return `Example: vitrine check-upgrade plugins/orders-1.0 plugins/orders-1.1

Says whether the rights of the new version are narrower, equal or wider, by what
they mean, and what a person would be asked. The exit code is 0 if nobody need
consent, 4 if the rights are wider, 5 for a manifest that is no good.`
}

func (c *checkUpgradeCmd) Run(e *env) error {
	from, err := openManifest(c.Old)
	if err != nil {
		return err
	}
	to, err := openManifest(c.New)
	if err != nil {
		return err
	}
	u, err := sandbox.Compare(from, to)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	if c.JSON {
		err = e.print(u)
	} else {
		err = printUpgrade(e.stdout, u)
	}
	if err == nil && u.Width == sandbox.Wider {
		err = &exitError{code: exitDenied, hint: "somebody has to consent before " + u.To + " runs"}
	}
	return err
}

func printUpgrade(w io.Writer, u *sandbox.Upgrade) error {
	fmt.Fprintf(w, "%s %s to %s: %s\n", u.ID, u.From, u.To, u.Width)
	for _, c := range u.Added {
		fmt.Fprintf(w, "  + %s\n", c.Right)
	}
	for _, c := range u.Removed {
		fmt.Fprintf(w, "  - %s\n", c.Right)
	}
	if abi.CompareVersions(u.To, u.From) <= 0 {
		fmt.Fprintf(w, "%s is not newer than %s\n", u.To, u.From)
	}
	for i, question := range u.Asked {
		if i == 0 {
			fmt.Fprintln(w, "A person would be asked:")
		}
		fmt.Fprintf(w, "  %s\n", question)
	}
	return nil
}

// openManifest reads the manifest in a folder, or a file that is one.
func openManifest(path string) (*abi.Manifest, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err, hint: "name a plugin's folder, or its " + abi.ManifestName}
	}
	if stat.IsDir() {
		return readManifest(path)
	}
	b, err := readFile(path, abi.MaxManifest)
	if err != nil {
		return nil, &exitError{code: exitUsage, err: err}
	}
	return parseManifest(path, b)
}
