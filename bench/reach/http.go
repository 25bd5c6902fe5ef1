package reach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/bench"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

// requests asks a server in this process: plugins through their capability, and as many goroutines with
// net/http's client, in turns.
func requests(_ context.Context, r *bench.Run) error {
	for _, size := range []int{1 << 10, 64 << 10} {
		for _, clients := range []int{1, 8} {
			if err := httpOf(r, size, clients); err != nil {
				return err
			}
		}
	}
	return nil
}

func httpOf(r *bench.Run, size, clients int) error {
	body := bytes.Repeat([]byte("body"), size/4)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) }))
	defer server.Close()
	const most = 1 << 30
	client := hostfuncs.NewHTTPClient(&hostfuncs.HTTPOptions{
		Resolver: here{}, InsecureAllowNetworks: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Limits: hostfuncs.HTTPLimits{Rate: most, Burst: most},
	})
	defer client.Close()
	host := "api.example.com" + server.URL[strings.LastIndexByte(server.URL, ':'):]
	request, err := cbor.Marshal(map[string]any{"url": "http://" + host + "/"})
	if err != nil {
		return err
	}
	boxes := make([]*box, clients)
	for i := range boxes {
		if boxes[i], err = newBox(&hostfuncs.Services{HTTP: client}, host, abi.CapHTTP); err != nil {
			return err
		}
		defer boxes[i].close()
	}
	theirs := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer theirs.CloseIdleConnections()
	each := max(callsOf(r)/200/clients, 1)
	variant := fmt.Sprintf("%dKB x%d", size>>10, clients)
	if err := sameBody(r, variant, boxes[0], request, theirs, server.URL, body); err != nil {
		return err
	}
	ask := func(i int) error { _, err := boxes[i].run("ask", each, request); return err }
	plain := func(int) error { return plain(theirs, server.URL, each) }
	ratios, rates, err := turns(r, clients, each, ask, plain)
	if err != nil {
		return err
	}
	r.Samples("net/http", variant, "throughput", bench.Share, ratios)
	r.Samples(bench.Ours, variant, "requests", "1/s", rates)
	return nil
}

// sameBody says whether both get what the server sends.
func sameBody(r *bench.Run, variant string, b *box, request []byte, theirs *http.Client, url string, body []byte) error {
	answer, err := b.Call(context.Background(), "ask", append([]byte{1, 0, 0, 0}, request...))
	if err != nil {
		return err
	}
	if i := bytes.Index(answer, body); i >= 0 { // among the status and the headers
		answer = answer[i : i+len(body)]
	}
	resp, err := theirs.Get(url)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // what was read is read
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	return errors.Join(r.Verify(bench.Ours, variant, answer, body), r.Verify("net/http", variant, got, body))
}

// turns answers, round by round, the throughput of ours by that of theirs, and ours a second. Who begins
// changes; the first round is not counted.
func turns(r *bench.Run, clients, each int, ours, theirs func(int) error) (ratios, rates []float64, err error) {
	for round := range r.RoundsOf() + 1 {
		var took [2]time.Duration
		for turn := range 2 {
			which := (round + turn) % 2
			if took[which], err = together(clients, [](func(int) error){ours, theirs}[which]); err != nil {
				return nil, nil, err
			}
		}
		ratios = append(ratios, float64(took[1])/float64(took[0]))
		rates = append(rates, float64(clients*each)/took[0].Seconds())
	}
	return ratios[1:], rates[1:], nil
}

// together answers how long it takes until all are done.
func together(n int, do func(int) error) (time.Duration, error) {
	errs := make([]error, n)
	var all sync.WaitGroup
	began := time.Now()
	for i := range n {
		all.Go(func() { errs[i] = do(i) })
	}
	all.Wait()
	return time.Since(began), errors.Join(errs...)
}

// here resolves every name to this machine.
type here struct{}

func (here) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
}

// plain is what a program does without a plugin.
func plain(client *http.Client, url string, n int) error {
	var body bytes.Buffer // used again, as ours is: io.ReadAll would spend as much on growing as on 64 KB from the network
	for range n {
		resp, err := client.Get(url)
		if err != nil {
			return err
		}
		body.Reset()
		_, err = body.ReadFrom(resp.Body)
		_ = resp.Body.Close() // what was read is read
		if err != nil {
			return err
		}
	}
	return nil
}
