package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/engine"
)

func TestCallEchoes(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "abi", nil), nil)
		for _, n := range []int{0, 1, 1 << 10, 64 << 10, 1 << 20} {
			want := bytes.Repeat([]byte{0xa5}, n)
			got, err := in.Call(context.Background(), "echo", want)
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("echo of %d bytes: %d bytes, %v", n, len(got), err)
			}
		}
		if peak := in.Stats().PeakMemory; peak != (1<<20)+2*runtime.PageSize {
			t.Errorf("peak memory %d", peak)
		}
	})
}

func TestCallAnswerIsTheCallersOwn(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "abi", nil), nil)
		first, err := in.Call(context.Background(), "count", nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.Call(context.Background(), "count", nil); err != nil {
			t.Fatal(err)
		}
		if first[0] != 1 {
			t.Error("an answer changed with the next call")
		}
	})
}

func TestCallGuestErrorKeepsTheInstance(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "abi", nil), nil)
		for _, c := range []struct {
			fn, message string
			code        abi.Code
		}{
			{"refuse", "no such order", abi.CodeNotFound},
			{"refuse_rudely", `\x1b[31m\u202e`, abi.CodeDenied},
			{"refuse_badly", "failed without saying why", abi.CodeInternal},
		} {
			_, err := in.Call(context.Background(), c.fn, nil)
			var ge *runtime.GuestError
			if !errors.As(err, &ge) || ge.Code != c.code || ge.Message != c.message || ge.Func != c.fn {
				t.Errorf("%s: %#v", c.fn, err)
			}
			if !errors.Is(err, c.code) {
				t.Errorf("%s: errors.Is does not find the code", c.fn)
			}
			if out, err := in.Call(context.Background(), "echo", []byte("x")); err != nil || string(out) != "x" {
				t.Errorf("after %s: %q, %v", c.fn, out, err)
			}
		}
	})
}

func TestCallOutputFaults(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "abi", &runtime.Limits{Output: 1000})
		for _, c := range []struct{ fn, limit, message string }{
			{"claim_huge", runtime.LimitOutput, "answer of 1073741824 bytes, the limit is 1000"},
			{"claim_outside", "", "answer of 64 bytes at 0xfffffff0 is not in memory"},
			{"claim_past_end", "", "answer of 7 bytes at 0xfffa is not in memory"},
			{"refuse_endlessly", runtime.LimitOutput, "answer of 4097 bytes, the limit is 4096"},
		} {
			in := instantiate(t, m, nil)
			_, err := in.Call(context.Background(), c.fn, nil)
			if f := wantFault(t, err, runtime.FaultOutput, c.limit); f.Message != c.message || f.Func != c.fn {
				t.Errorf("%s: %+v", c.fn, f)
			}
			if _, again := in.Call(context.Background(), "echo", nil); again != err {
				t.Errorf("after %s: %v, want the same fault", c.fn, again)
			}
		}
	})
}

func TestCallBadAllocator(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "badalloc", nil)
		_, err := instantiate(t, m, nil).Call(context.Background(), "echo", []byte("x"))
		if f := wantFault(t, err, runtime.FaultError, ""); !strings.Contains(f.Message, "0xfffffff0") {
			t.Error(f)
		}
	})
}

func TestCallInputOverMemory(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		m := compile(t, newRuntime(t, opts), "abi", &runtime.Limits{Memory: 1 << 20})
		_, err := instantiate(t, m, nil).Call(context.Background(), "echo", make([]byte, 2<<20))
		wantFault(t, err, runtime.FaultMemory, runtime.LimitMemory)
		// Less than the limit, but more than the guest can find room for.
		_, err = instantiate(t, m, nil).Call(context.Background(), "echo", make([]byte, 1<<20))
		wantFault(t, err, runtime.FaultMemory, runtime.LimitMemory)
	})
}

func TestCallNoSuchFunction(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "abi", nil), nil)
		for _, fn := range []string{"missing", "memory", "wrong_type", ""} {
			if _, err := in.Call(context.Background(), fn, nil); !errors.Is(err, runtime.ErrNoFunction) {
				t.Errorf("%q: %v", fn, err)
			}
		}
		if _, err := in.Call(context.Background(), "wrong_type", nil); !strings.Contains(err.Error(), "(i32) -> (i32), not (i32, i32) -> (i64)") {
			t.Errorf("both types should be named: %v", err)
		}
		if _, err := in.Call(context.Background(), "echo", []byte("x")); err != nil {
			t.Errorf("the instance should still serve: %v", err)
		}
	})
}

func TestInvoke(t *testing.T) {
	eachEngine(t, func(t *testing.T, opts *runtime.Options) {
		in := instantiate(t, compile(t, newRuntime(t, opts), "numbers", nil), nil)
		for _, c := range []struct {
			fn         string
			args, want []uint64
		}{
			{"add", []uint64{1<<32 - 1, 3}, []uint64{2}},
			{"add64", []uint64{1<<64 - 1, 3}, []uint64{2}},
			{"half", []uint64{math.Float64bits(3)}, []uint64{math.Float64bits(1.5)}},
			{"halff", []uint64{uint64(math.Float32bits(3))}, []uint64{uint64(math.Float32bits(1.5))}},
			{"swap", []uint64{1, 2}, []uint64{2, 1}},
			{"fib", []uint64{20}, []uint64{6765}},
		} {
			got, err := in.Invoke(context.Background(), c.fn, c.args...)
			if err != nil || !slices.Equal(got, c.want) {
				t.Errorf("%s(%v) = %v, %v; want %v", c.fn, c.args, got, err, c.want)
			}
		}
		for _, fn := range []string{"missing", "ref", "add"} {
			if _, err := in.Invoke(context.Background(), fn, 1); !errors.Is(err, runtime.ErrNoFunction) {
				t.Errorf("%s with one argument: %v", fn, err)
			}
		}
	})
}

// benchEngines runs a benchmark on what compiles to machine code.
func benchEngines(b *testing.B, bench func(b *testing.B, opts *runtime.Options)) {
	for _, name := range engine.Names() {
		if name != engine.Interpreter {
			b.Run(name, func(b *testing.B) {
				b.ReportAllocs()
				bench(b, &runtime.Options{Engine: name, HostFuncs: hostFuncs()})
			})
		}
	}
}

func BenchmarkCall(b *testing.B) {
	for _, size := range []int{0, 1 << 10, 64 << 10} {
		b.Run(fmt.Sprintf("%dB", size), func(b *testing.B) {
			benchEngines(b, func(b *testing.B, opts *runtime.Options) {
				in := instantiate(b, compile(b, newRuntime(b, opts), "abi", nil), nil)
				input := make([]byte, size)
				for b.Loop() {
					if _, err := in.Call(context.Background(), "echo", input); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

// A call in which the guest calls a host function 1,000 times.
func BenchmarkThousandHostCalls(b *testing.B) {
	benchEngines(b, func(b *testing.B, opts *runtime.Options) {
		in := instantiate(b, compile(b, newRuntime(b, opts), "host", nil), &runtime.InstanceOptions{State: &hostState{}})
		for b.Loop() {
			if _, err := in.Invoke(context.Background(), "many", 1000); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkInstantiate(b *testing.B) {
	for _, guest := range []string{"abi", "wasi"} {
		b.Run(guest, func(b *testing.B) {
			benchEngines(b, func(b *testing.B, opts *runtime.Options) {
				m := compile(b, newRuntime(b, opts), guest, nil)
				for b.Loop() {
					in := instantiate(b, m, nil)
					if err := in.Close(context.Background()); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}
