// Command bridge measures the way between a plugin and a page: how many bytes changes take on the wire (bytes),
// how long it is from an event to the patch that answers it while 1,000 mounts are busy (event), what a mount that
// nobody uses costs (idle), and what a page that reads nothing does to the others (slow).
//
//	go run ./bench/bridge -only bytes
//	go run ./bench/bridge -json
//
// The server is a process of its own, real frames go over loopback. Plugins are Go code that renders a tree and has
// it decoded, as a sandbox does; no guest runs. Rows of bytes have the peer's figure beside them (-peers, with Node):
// Remote DOM doing the same to the same rows. The answer is a table, or with -json one object a line:
//
//	{"case":"bytes","system":"vitrine","variant":"swap","metric":"payload","value":14,"unit":"B","n":1,"spread":0}
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vitrine-run/vitrine/bench"
)

// A suite is one run of the program.
type suite struct {
	peers  bool
	mounts int           // that are busy
	idle   int           // that are not
	watch  time.Duration // how long events are made
	print  func(bench.Row)
}

func main() {
	if os.Getenv(serverRole) != "" {
		serve()
		return
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bridge:", err)
		os.Exit(1)
	}
}

func run() error {
	b := suite{mounts: 1000, idle: 10_000, watch: 30 * time.Second}
	quick := flag.Bool("quick", false, "fewer mounts, shorter")
	only := flag.String("only", "", "cases, comma-separated: bytes, event, idle, slow")
	lines := flag.Bool("json", false, "one JSON object a line")
	flag.BoolVar(&b.peers, "peers", false, "measure Remote DOM as well (npm ci in bench/bridge/remotedom first)")
	flag.Parse()
	if *quick {
		b.mounts, b.idle, b.watch = 100, 500, 3*time.Second
	}
	print, done := bench.Printer(os.Stdout, *lines)
	defer done()
	b.print = print
	for _, c := range []struct {
		name string
		run  func(*suite) error
	}{{"bytes", (*suite).bytes}, {"event", (*suite).event}, {"idle", (*suite).idles}, {"slow", (*suite).slow}} {
		if *only != "" && !strings.Contains(","+*only+",", ","+c.name+",") {
			continue
		}
		if err := c.run(&b); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
	}
	return nil
}
