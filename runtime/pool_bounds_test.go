package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/runtime"
)

// soon is how long those wait who wait in vain.
const soon = 500 * time.Millisecond

// roomFor is a pool with room for n instances of the guest "pool" in use and its snapshot, and a module of that.
func roomFor(t *testing.T, n uint64, opts runtime.PoolOptions, s *runtime.Scheduler) (*runtime.Pool, *runtime.Module) {
	t.Helper()
	pool := newPool(t, nil)
	in := get(t, compile(t, newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Pool: pool}), "pool", nil), nil)
	one := pool.Stats()
	opts.Bytes = (n*(one.Bytes-one.KeptBytes) + one.KeptBytes) * 8 / 7 // an eighth is for guests that grow
	opts.Bytes += 64
	in.Close(context.Background())
	pool = newPool(t, &opts)
	return pool, compile(t, newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Pool: pool, Scheduler: s}), "pool", nil)
}

func wantBusy(t *testing.T, err error, limit string) {
	t.Helper()
	var busy *runtime.BusyError
	if !errors.As(err, &busy) || busy.Limit != limit {
		t.Errorf("%v, want busy for %s", err, limit)
	}
}

// getLate waits for an instance for as long as it must, and tells how often it waited in vain.
func getLate(t *testing.T, m *runtime.Module) (in *runtime.Instance, vain uint64) {
	t.Helper()
	for busy := (*runtime.BusyError)(nil); ; vain++ {
		if in, err := m.Get(context.Background(), nil); err == nil {
			return in, vain
		} else if !errors.As(err, &busy) {
			t.Fatal(err)
		}
	}
}

// Instances in use count, and whoever waits longer than he may is told for what.
func TestPoolBoundsBytesInUse(t *testing.T) {
	ctx := context.Background()
	pool, m := roomFor(t, 3, runtime.PoolOptions{Wait: soon}, nil)
	var used []*runtime.Instance
	for range 3 {
		used = append(used, get(t, m, nil))
	}
	_, err := m.Get(ctx, nil)
	wantBusy(t, err, runtime.LimitPoolBytes)
	time.AfterFunc(soon/6, func() { used[0].Close(ctx) })
	var vain uint64
	used[0], vain = getLate(t, m)
	for _, in := range used {
		in.Close(ctx)
	}
	if s := pool.Stats(); s.InUse != 0 || s.Idle != 3 || s.Bytes != s.IdleBytes+s.KeptBytes || s.Refused != 1+vain {
		t.Errorf("%+v", s)
	}
	if err := m.Close(ctx); err != nil {
		t.Error(err)
	}
	if s := pool.Stats(); s.Bytes != 0 {
		t.Errorf("after the module was closed: %+v", s)
	}
}

// Memory counts when it grows. Instances that wait to be used go for it; when there are none, the guest is refused
// and may go on.
func TestPoolBoundsGrowth(t *testing.T) {
	ctx := context.Background()
	pool, m := roomFor(t, 4, runtime.PoolOptions{Wait: soon}, nil)
	a, b, c := get(t, m, nil), get(t, m, nil), get(t, m, nil)
	before := pool.Stats()
	ask(t, c, "dirty", 1)
	if s := pool.Stats(); s.Bytes != before.Bytes+2*65536 {
		t.Errorf("%+v, and before it grew %+v", s, before)
	}
	c.Close(ctx)
	_, err := a.Invoke(ctx, "hoard")
	f := wantFault(t, err, runtime.FaultMemory, runtime.LimitPoolBytes)
	if want := "wanted more memory than the pool has for all"; f == nil || len(f.Message) < len(want) || f.Message[:len(want)] != want {
		t.Errorf("%v", f)
	}
	if s := pool.Stats(); s.Discarded != 1 {
		t.Errorf("the one that waited to be used is still there: %+v", s)
	}
	if _, err := b.Invoke(ctx, "dirty", 2); err != nil { // what a had hoarded came back when it died
		t.Error(err)
	}
	a.Close(ctx)
	b.Close(ctx)
}

func TestPoolRefusesWhatNeverFits(t *testing.T) {
	opts := &runtime.Options{HostFuncs: hostFuncs(), Pool: newPool(t, &runtime.PoolOptions{Bytes: 1})}
	_, err := compile(t, newRuntime(t, opts), "pool", nil).Get(context.Background(), nil)
	var invalid *runtime.InvalidError
	if !errors.As(err, &invalid) || invalid.Limit != runtime.LimitPoolBytes {
		t.Error(err)
	}
}

// What is parked counts, is never thrown away, and comes back even when it fills the pool.
func TestPoolKeepsWhatIsParked(t *testing.T) {
	ctx := context.Background()
	pool, m := roomFor(t, 3, runtime.PoolOptions{Wait: soon}, nil)
	var parked []*runtime.Parked
	for n := range uint64(2) {
		in := get(t, m, nil)
		ask(t, in, "dirty", n+1)
		parked = append(parked, park(t, in))
	}
	if s := pool.Stats(); s.KeptBytes < 600<<10 || s.Idle != 0 {
		t.Errorf("%+v", s)
	}
	for n, p := range parked {
		in := resume(t, p)
		if _, err := m.Get(ctx, nil); err == nil {
			t.Error("somebody else has been let in")
		} else {
			wantBusy(t, err, runtime.LimitPoolBytes)
		}
		if got := ask(t, in, "number"); got != uint64(n)+1 {
			t.Errorf("number %d came back as %d", n+1, got)
		}
		p.Close()
		p.Close()
		in.Close(ctx)
		if _, err := p.Resume(ctx, nil); !errors.Is(err, runtime.ErrClosed) {
			t.Errorf("after Close: %v", err)
		}
	}
	if s := pool.Stats(); s.Bytes-s.IdleBytes > 65536*2 {
		t.Errorf("%+v", s)
	}
}

// Whoever waits gets what others can park: first what has been called longest ago, and nothing that is in a call.
func TestPoolAsksForWhatRests(t *testing.T) {
	ctx := context.Background()
	sched, err := runtime.NewScheduler(nil)
	if err != nil {
		t.Fatal(err)
	}
	_, m := roomFor(t, 3, runtime.PoolOptions{Wait: 5 * time.Minute}, sched)
	var ins [3]*runtime.Instance
	var mu sync.Mutex
	var asked []int
	parked := map[int]*runtime.Parked{}
	for i := range ins {
		ins[i] = get(t, m, &runtime.InstanceOptions{Wanted: func() {
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, i)
			go func() {
				if p, err := ins[i].Park(); err == nil {
					mu.Lock()
					defer mu.Unlock()
					parked[i] = p
				}
			}()
		}})
	}
	for _, i := range []int{2, 0, 1} {
		if _, err := ins[i].Invoke(ctx, "set_number", uint64(i)+10); err != nil {
			t.Fatal(err)
		}
	}
	spun := make(chan error)
	go func() {
		_, err := ins[2].Invoke(ctx, "spin")
		spun <- err
	}()
	for n, _ := sched.Load(); n == 0; n, _ = sched.Load() {
		time.Sleep(time.Millisecond)
	}
	in := get(t, m, nil)
	mu.Lock()
	if len(asked) == 0 || asked[0] != 0 {
		t.Errorf("asked %v", asked)
	}
	mu.Unlock()
	in.Close(ctx)
	ins[2].Close(ctx)
	<-spun
	until(t, "what was asked for is parked", func() bool {
		mu.Lock()
		defer mu.Unlock()
		return parked[0] != nil
	})
	mu.Lock()
	defer mu.Unlock()
	back := resume(t, parked[0])
	if got := ask(t, back, "number"); got != 10 {
		t.Errorf("%d came back", got)
	}
}

// The queue is bounded, and who floods it keeps out himself alone; what comes free goes to the one who has least.
func TestPoolQueueIsFair(t *testing.T) {
	ctx := context.Background()
	pool := newPool(t, &runtime.PoolOptions{Instances: 2, Queue: 8, Wait: 5 * time.Minute})
	m := compile(t, newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Pool: pool}), "pool", nil)
	flood := &runtime.InstanceOptions{Principal: "flood"}
	held := []*runtime.Instance{get(t, m, flood), get(t, m, flood)}
	var order []string
	var mu sync.Mutex
	var wg sync.WaitGroup
	var refused atomic.Int64
	wait := func(who string) {
		wg.Go(func() {
			in, err := m.Get(ctx, &runtime.InstanceOptions{Principal: who})
			if err != nil {
				wantBusy(t, err, runtime.LimitPoolQueue)
				if refused.Add(1); who != "flood" {
					t.Errorf("%s: %v", who, err)
				}
				return
			}
			mu.Lock()
			order = append(order, who)
			mu.Unlock()
			in.Close(ctx)
		})
	}
	for range 50 {
		wait("flood")
	}
	for refused.Load() < 42 {
		time.Sleep(time.Millisecond)
	}
	for i := range 3 {
		wait(fmt.Sprint("guest ", i))
	}
	for refused.Load() < 45 { // three of the flood made room
		time.Sleep(time.Millisecond)
	}
	held[0].Close(ctx)
	wg.Wait()
	held[1].Close(ctx)
	if len(order) != 8 || order[0] == "flood" || order[1] == "flood" || order[2] == "flood" {
		t.Errorf("%q", order)
	}
	if s := pool.Stats(); s.Refused != 45 || s.Waiting != 0 || s.InUse != 0 {
		t.Errorf("%+v", s)
	}
}

// Many modules and principals press into a pool that has room for a few of them. It never holds more than it may,
// nothing is lost, and nothing is left.
func TestPoolUnderPressure(t *testing.T) {
	ctx := context.Background()
	const bytes = 2 << 20
	pool := newPool(t, &runtime.PoolOptions{Instances: 6, Bytes: bytes, Queue: 40, Wait: 5 * time.Minute, Keep: 2 * time.Millisecond})
	rt := newRuntime(t, &runtime.Options{HostFuncs: hostFuncs(), Pool: pool})
	var modules []*runtime.Module
	for range 8 {
		modules = append(modules, compile(t, rt, "pool", nil))
	}
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	var wg sync.WaitGroup
	for who := range 12 {
		wg.Go(func() {
			for i := range rounds {
				if err := press(modules[(who*5+i)%len(modules)], who, i); err != nil {
					t.Errorf("%d, round %d: %v", who, i, err)
					return
				}
				if s := pool.Stats(); s.Bytes > bytes && s.InUse > 1 || s.InUse+s.Idle > 6 {
					t.Errorf("%+v", s)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, m := range modules {
		if err := m.Close(ctx); err != nil {
			t.Error(err)
		}
	}
	if s := pool.Stats(); s.InUse != 0 || s.Idle != 0 || s.Waiting != 0 || s.Bytes != 0 || s.KeptBytes != 0 {
		t.Errorf("%+v", s)
	}
}

// press has an instance that grows or is refused to, and one in four is parked with what it knows.
func press(m *runtime.Module, who, i int) error {
	ctx := context.Background()
	number := uint64(who)<<16 + uint64(i) + 1
	opts := &runtime.InstanceOptions{Principal: fmt.Sprint(who % 3)}
	in, err := m.Get(ctx, opts)
	if err != nil {
		return err
	}
	defer func() { in.Close(ctx) }()
	if i%5 == 4 {
		_, err := in.Invoke(ctx, "hoard")
		var f *runtime.Fault
		if !errors.As(err, &f) || f.Kind != runtime.FaultMemory {
			return err
		}
		return nil
	}
	if _, err := in.Invoke(ctx, "set_number", number); err != nil {
		return err
	}
	if i%4 == 0 {
		p, err := in.Park()
		if err != nil {
			return err
		}
		defer p.Close()
		next, err := p.Resume(ctx, opts)
		if err != nil {
			return err
		}
		in = next
	}
	got, err := in.Invoke(ctx, "number")
	if err == nil && got[0] != number {
		err = fmt.Errorf("%d became %d", number, got[0])
	}
	return err
}
