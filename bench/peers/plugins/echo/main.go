// Command echo is the plugin of the system process, with nothing in it but what that needs: it answers what it reads from its
// standard input. With the argument lines it stays, and greets in one line for each that it reads.
package main

import (
	"bufio"
	"io"
	"os"
)

func main() {
	var err error
	if len(os.Args) > 1 && os.Args[1] == "lines" {
		err = greet()
	} else {
		_, err = io.Copy(os.Stdout, os.Stdin)
	}
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n") // the code says it as well
		os.Exit(1)
	}
}

func greet() error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if _, err := os.Stdout.WriteString("hello " + lines.Text() + "\n"); err != nil {
			return err
		}
	}
	return lines.Err()
}
