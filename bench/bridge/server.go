package bridge

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/bridge"
)

const origin = "http://127.0.0.1"

// stats is what the server says of itself.
type stats struct {
	RSS          float64 // bytes
	Heap, Stacks uint64
	Clicks       int // that plugins have counted
	Goroutines   int
	Millis       []float64 // from the event's arrival to its patch, of each event since the last time
}

// serve is the server's process: it answers until its standard input ends.
func serve(context.Context, *bench.Run, []string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	o := &opener{}
	h, err := bridge.NewHandler(o, &bridge.HandlerOptions{
		Origins: []string{origin}, Principal: func(*http.Request) (string, error) { return "ada", nil },
		Sockets: 1 << 16, SocketsPerPrincipal: 1 << 16,
	})
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/socket", h)
	mux.HandleFunc("/stats", o.tell)
	fmt.Println("http://" + l.Addr().String())
	go func() {
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	return http.Serve(l, mux)
}

// opener opens counters; a ticket "flat out" is a plugin that renders all the time.
type opener struct {
	clicks atomic.Int64
	mu     sync.Mutex
	millis []float64
}

func (o *opener) Open(_ *http.Request, ticket string) (bridge.Session, error) {
	p := &counting{opener: o}
	p.mount = bridge.NewMount(p, &bridge.MountOptions{EventsPerSecond: 1e6})
	if ticket == "flat out" {
		p.flat = make(chan struct{})
		go p.render()
		return p.mount, nil
	}
	p.show()
	return &timed{Mount: p.mount, opener: o}, nil
}

// tell answers with the stats. Memory is settled first.
func (o *opener) tell(w http.ResponseWriter, r *http.Request) {
	var s stats
	if r.URL.Query().Get("settle") != "" {
		var err error
		if s.RSS, _, err = bench.Resident(); err != nil {
			http.Error(w, err.Error(), http.StatusNotImplemented)
			return
		}
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s.Heap, s.Stacks, s.Goroutines, s.Clicks = m.HeapInuse, m.StackInuse, runtime.NumGoroutine(), int(o.clicks.Load())
	o.mu.Lock()
	s.Millis, o.millis = o.millis, nil
	o.mu.Unlock()
	_ = json.NewEncoder(w).Encode(s)
}

// counting is a plugin that counts clicks among twenty texts, as Go code: it writes its tree and has it
// decoded, as a guest and a sandbox do.
type counting struct {
	opener *opener
	mount  *bridge.Mount
	flat   chan struct{}
	once   sync.Once

	mu     sync.Mutex
	count  int
	writer abi.TreeWriter
	tree   abi.Tree
}

func (p *counting) Event(take func() ([]byte, bool)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := take(); ok {
		p.count++
		p.opener.clicks.Add(1)
		p.showLocked()
	}
	p.mount.Idle()
}

func (p *counting) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.showLocked()
}

func (p *counting) showLocked() {
	w := &p.writer
	w.Reset()
	w.Open(abi.ComponentBox)
	w.Open(abi.ComponentButton)
	w.Text(0, fmt.Sprint("Count: ", p.count))
	w.On(0, 1)
	w.Close()
	for i := range 20 {
		w.Open(abi.ComponentText)
		w.Text(0, fmt.Sprint("line ", i*p.lines()))
		w.Close()
	}
	w.Close()
	if err := p.tree.Decode(w.Bytes(), nil); err != nil {
		panic(err)
	}
	p.mount.Tree(&p.tree)
}

// lines is what the other texts depend on: they change with the count of a plugin that renders flat out.
func (p *counting) lines() int {
	if p.flat != nil {
		return p.count
	}
	return 1
}

func (p *counting) render() {
	for {
		select {
		case <-p.flat:
			return
		default:
		}
		p.mu.Lock()
		p.count++
		p.showLocked()
		p.mu.Unlock()
		time.Sleep(100 * time.Microsecond) // a guest shares its processor
	}
}

func (p *counting) Visible(bool) {}
func (p *counting) Close() {
	p.once.Do(func() {
		if p.flat != nil {
			close(p.flat)
		}
	})
}

// timed is a session that measures how long a patch takes from its event on.
type timed struct {
	*bridge.Mount
	opener *opener
	mu     sync.Mutex
	at     time.Time
}

func (s *timed) Receive(frame []byte) error {
	if abi.TypeOf(frame) == abi.FrameEvent {
		s.mu.Lock()
		s.at = time.Now()
		s.mu.Unlock()
	}
	return s.Mount.Receive(frame)
}

func (s *timed) Next(b []byte) []byte {
	out := s.Mount.Next(b)
	if len(out) > len(b) && abi.TypeOf(out[len(b):]) == abi.FramePatch {
		s.mu.Lock()
		took := time.Since(s.at)
		s.mu.Unlock()
		s.opener.mu.Lock()
		s.opener.millis = append(s.opener.millis, float64(took)/1e6)
		s.opener.mu.Unlock()
	}
	return out
}
