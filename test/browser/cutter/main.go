// Command cutter is a network that fails: a TCP proxy that holds every byte back for a while and cuts websockets
// at random moments, also while they are being made. It is told what to do by lines on its standard input and ends with that:
//
//	to 127.0.0.1:8080    where it leads to
//	cut                  begins to cut
//	calm                 cuts no more
//
// Its standard output says "at http://127.0.0.1:PORT" and then "cut" for each cut.
package main

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	c := &cutter{}
	flag.DurationVar(&c.delay, "delay", 200*time.Millisecond, "how long bytes take, each way")
	flag.DurationVar(&c.most, "most", 2400*time.Millisecond, "how long a websocket lives at most")
	flag.Parse()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "cutter:", err)
		os.Exit(1)
	}
	fmt.Printf("at http://%s\n", l.Addr())
	go c.accept(l)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		c.mu.Lock()
		if to, ok := strings.CutPrefix(lines.Text(), "to "); ok {
			c.to = to
		} else {
			c.cutting = lines.Text() == "cut"
		}
		c.mu.Unlock()
	}
}

type cutter struct {
	delay, most time.Duration

	mu      sync.Mutex
	to      string
	cutting bool
}

func (c *cutter) accept(l net.Listener) {
	for {
		near, err := l.Accept()
		if err != nil {
			return
		}
		go c.join(near)
	}
}

// join carries bytes between a page and the server until one of them, or the network, has enough.
func (c *cutter) join(near net.Conn) {
	c.mu.Lock()
	to := c.to
	c.mu.Unlock()
	far, err := net.Dial("tcp", to)
	if err != nil {
		_ = near.Close()
		return
	}
	ended := make(chan struct{})
	var once sync.Once
	end := func() {
		once.Do(func() {
			_, _ = near.Close(), far.Close()
			close(ended)
		})
	}
	go c.carry(near, far, end, nil)
	c.carry(far, near, end, func(first []byte) {
		if bytes.HasPrefix(first, []byte("GET /vitrine/socket")) {
			go c.doom(ended, end)
		}
	})
}

// doom cuts a websocket some time, if cutting is on by then; it asks again until the websocket has ended.
func (c *cutter) doom(ended chan struct{}, end func()) {
	for {
		select {
		case <-ended:
			return
		case <-time.After(rand.N(c.most)):
		}
		c.mu.Lock()
		cutting := c.cutting
		c.mu.Unlock()
		if cutting {
			end()
			fmt.Println("cut")
			return
		}
	}
}

// A chunk is what arrives at its time.
type chunk struct {
	at    time.Time
	bytes []byte
}

// carry copies what comes, later and in order. first sees what comes first.
func (c *cutter) carry(to, from net.Conn, end func(), first func([]byte)) {
	late := make(chan chunk, 1<<10)
	go func() {
		defer end()
		for k := range late {
			time.Sleep(time.Until(k.at))
			if _, err := to.Write(k.bytes); err != nil {
				break
			}
		}
		for range late { // let the other side end
		}
	}()
	defer close(late)
	for {
		buf := make([]byte, 16<<10)
		n, err := from.Read(buf)
		if n > 0 {
			if first != nil {
				first(buf[:n])
				first = nil
			}
			late <- chunk{time.Now().Add(c.delay), buf[:n]}
		}
		if err != nil {
			return
		}
	}
}
