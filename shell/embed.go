// Package shell is the browser side of Vitrine: the custom element <vitrine-plugin>, which mounts a
// plugin at a place of a page, shows the tree that the plugin renders and sends back what the person
// does. It is written in TypeScript (src/) and built to one ES module without dependencies, which is
// committed, so that a fresh clone serves it without Node:
//
//	<script type="module" src="/vitrine/vitrine.js"></script>
//	<vitrine-plugin place="orders"></vitrine-plugin>
//
// The module finds its socket, tickets, assets and uploads beside itself, whatever path it is served
// under. It works under a Content-Security-Policy of default-src 'none' with script-src, style-src,
// img-src and connect-src 'self', and with require-trusted-types-for 'script'.
package shell

import (
	"embed"
	"io/fs"
	"strings"
)

//go:embed dist
var dist embed.FS

// Files returns the files that a browser loads, with vitrine.js at the root. They never change while
// the process runs.
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic("shell: " + err.Error()) // only a misspelt constant leads here
	}
	return files
}

// Looks is how each component stands in a page, by its number: the table of src/looks.ts, as a page loads it.
func Looks() []string {
	b, err := dist.ReadFile("dist/catalog.txt")
	if err != nil {
		panic("shell: " + err.Error()) // it was not built
	}
	return strings.Split(string(b), "\n")[3:] // behind the hash, the values of enums and the components
}
