package hostfuncs_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
	"github.com/vitrine-run/vitrine/hostfuncs"
)

func TestClocksStandStillDuringACall(t *testing.T) {
	c := &manualClock{time.Unix(1700000000, 123_456_789)}
	code := abi.CodeDenied
	asked := 0
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{permit: func(n *abi.Need) abi.Code {
		if n.Capability != abi.CapClock || n.Name != "clock:fine" || !n.Optional {
			t.Errorf("it asks for %+v", n)
		}
		asked++
		return code
	}}, Now: c.now})
	p.env.Begin()
	p.expect(1700000000_123_000_000, "clock.now")
	p.expect(0, "clock.monotonic")
	c.Time = c.Add(2500 * time.Microsecond)
	p.expect(0, "clock.monotonic")
	p.expect(1700000000_123_000_000, "clock.now")
	if p.env.Refused() != "" || asked != 4 {
		t.Errorf("refused %q, asked %d times", p.env.Refused(), asked)
	}
	p.env.Begin() // the next call
	p.expect(2_000_000, "clock.monotonic")
	p.expect(1700000000_125_000_000, "clock.now")
	code = abi.CodeOK // it is given the fine clock meanwhile
	c.Time = c.Add(250 * time.Microsecond)
	p.expect(2_700_000, "clock.monotonic")
	p.expect(1700000000_126_200_000, "clock.now")
	code = abi.CodeDenied // and it is taken away
	p.expect(2_700_000, "clock.monotonic")
	p.expect(1700000000_125_000_000, "clock.now")
}

func TestRandomIsBoundedPerCall(t *testing.T) {
	source := bytes.NewReader(bytes.Repeat([]byte{7}, 64))
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Random: source, Limits: hostfuncs.Limits{RandomBytes: 16}})
	p.expect(int64(abi.CodeLimit), "random.fill", 0, 17)
	p.expect(0, "random.fill", 1, 10)
	if got := p.get(0, 12); !bytes.Equal(got, append(append([]byte{0}, bytes.Repeat([]byte{7}, 10)...), 0)) {
		t.Errorf("memory holds %x", got)
	}
	p.expect(int64(abi.CodeLimit), "random.fill", 0, 7)
	p.expect(0, "random.fill", 0, 6)
	p.env.Begin()
	p.expect(0, "random.fill", 0, 16)
}

func TestRandomThatFails(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Random: failingReader{}})
	p.expect(int64(abi.CodeInternal), "random.fill", 0, 1)
}

func TestLog(t *testing.T) {
	long := strings.Repeat("x", 2000)
	for name, c := range map[string]struct {
		level uint64
		entry any
		code  abi.Code
		want  string
	}{
		"message":      {1, []any{"hi"}, 0, `level=INFO msg="plugin log" plugin=p message=hi`},
		"debug":        {0, []any{"hi"}, 0, `level=DEBUG msg="plugin log" plugin=p message=hi`},
		"error":        {3, []any{"hi"}, 0, `level=ERROR msg="plugin log" plugin=p message=hi`},
		"fields":       {2, []any{"hi", map[string]any{"n": 1, "b": true, "f": 1.5, "s": "t"}}, 0, `level=WARN msg="plugin log" plugin=p message=hi fields.b=true fields.f=1.5 fields.n=1 fields.s=t`},
		"nested":       {1, []any{"hi", map[string]any{"a": []any{1, "x\ny"}}}, 0, `level=INFO msg="plugin log" plugin=p message=hi fields.a="[1 x\\ny]"`},
		"forged line":  {1, []any{"hi\r\nlevel=ERROR msg=\"host down\""}, 0, `level=INFO msg="plugin log" plugin=p message="hi\\r\\nlevel=ERROR msg=\"host down\""`},
		"escape codes": {1, []any{"\x1b[2J\u202e"}, 0, `level=INFO msg="plugin log" plugin=p message=\x1b[2J\u202e`},
		"forged field": {1, []any{"hi", map[string]any{"a=1\nb": 1}}, 0, `level=INFO msg="plugin log" plugin=p message=hi "fields.a=1\\nb"=1`},
		"long":         {1, []any{long}, 0, `level=INFO msg="plugin log" plugin=p message=` + long[:1021] + `...`},
		"too long":     {1, []any{strings.Repeat("x", 4096)}, abi.CodeLimit, ""},
		"bad level":    {4, []any{"hi"}, abi.CodeInvalid, ""},
		"no array":     {1, "hi", abi.CodeInvalid, ""},
		"no message":   {1, []any{}, abi.CodeInvalid, ""},
		"number":       {1, []any{1}, abi.CodeInvalid, ""},
		"bad fields":   {1, []any{"hi", 1}, abi.CodeInvalid, ""},
		"too many":     {1, []any{"hi", map[string]any{}, 1}, abi.CodeInvalid, ""},
	} {
		t.Run(name, func(t *testing.T) {
			logger, lines := textLog()
			p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Logger: logger, Plugin: "p"})
			b, err := cbor.Marshal(c.entry)
			if err != nil {
				t.Fatal(err)
			}
			ptr, n := p.put(0, b)
			p.expect(int64(c.code), "log.write", c.level, ptr, n)
			if got := strings.TrimSuffix(lines.String(), "\n"); got != c.want {
				t.Errorf("log has\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestLogRefusesWhatIsNotCBOR(t *testing.T) {
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}})
	ptr, n := p.put(0, []byte{0x82, 0x9f, 0xff})
	p.expect(int64(abi.CodeInvalid), "log.write", 1, ptr, n)
}

func TestLogFieldsAreFew(t *testing.T) {
	logger, lines := textLog()
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Logger: logger})
	fields := map[string]any{}
	for c := 'a'; c < 'a'+20; c++ {
		fields[string(c)] = 1
	}
	b, _ := cbor.Marshal([]any{"hi", fields})
	ptr, n := p.put(0, b)
	p.expect(0, "log.write", 1, ptr, n)
	if got := lines.String(); !strings.Contains(got, "fields.p=1 fields.more=4\n") || strings.Contains(got, "fields.q=") {
		t.Errorf("log has %s", got)
	}
}

func TestLogIsBoundedInNumber(t *testing.T) {
	logger, lines := textLog()
	c := &manualClock{time.Unix(1700000000, 0)}
	p := newProbe(t, &hostfuncs.Options{Gate: &gate{}, Logger: logger, Now: c.now, Limits: hostfuncs.Limits{LogBurst: 3, LogRate: 2}})
	ptr, n := p.put(0, []byte{0x81, 0x61, 'x'})
	for range 3 {
		p.expect(0, "log.write", 1, ptr, n)
	}
	for range 1000 {
		p.expect(int64(abi.CodeLimit), "log.write", 1, ptr, n)
	}
	c.Time = c.Add(500 * time.Millisecond)
	p.expect(0, "log.write", 1, ptr, n)
	p.expect(int64(abi.CodeLimit), "log.write", 1, ptr, n)
	if got := strings.Count(lines.String(), "\n"); got != 4 {
		t.Errorf("%d records, want 4", got)
	}
	if !strings.HasSuffix(lines.String(), "message=x lost=1000\n") {
		t.Errorf("the last record does not say how many were lost: %s", lines)
	}
}

// still is a clock that does not move.
func still() time.Time { return time.Unix(1700000000, 0) }

func TestReportIsCountedToo(t *testing.T) {
	logger, lines := textLog()
	env := hostfuncs.NewEnv(&hostfuncs.Options{Logger: logger, Plugin: "p", Now: still, Limits: hostfuncs.Limits{LogBurst: 1}})
	for range 2 {
		env.Report("sandbox: tree refused", errors.New("key \"a\nb\" is doubled"))
	}
	want := `level=WARN msg="sandbox: tree refused" plugin=p error="key \"a\\nb\" is doubled"` + "\n"
	if lines.String() != want {
		t.Errorf("log has\n%s\nwant\n%s", lines, want)
	}
}

func say(t *testing.T, w io.Writer, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if n, err := w.Write([]byte(s)); n != len(s) || err != nil {
			t.Fatalf("Write = %d, %v", n, err)
		}
	}
}

func TestOutputGoesToTheLog(t *testing.T) {
	logger, lines := textLog()
	env := hostfuncs.NewEnv(&hostfuncs.Options{Logger: logger, Plugin: "p", Now: still, Limits: hostfuncs.Limits{LogRecord: 8, LogBurst: 4}})
	out, errs := env.Output("stdout"), env.Output("stderr")
	env.Begin()
	say(t, errs, "pa", "nic\n\n \n", "a\x1blong line that is cut\n", "rest")
	say(t, out, "between\n")
	if lines.String() != "" {
		t.Errorf("during the call the log has %s", lines)
	}
	env.End()
	env.Begin()
	say(t, errs, "one too many\n")
	env.End()
	want := `level=INFO msg="plugin log" plugin=p message=panic fields.stream=stderr
level=INFO msg="plugin log" plugin=p message="a\\x1blong l" fields.stream=stderr
level=INFO msg="plugin log" plugin=p message=between fields.stream=stdout
level=INFO msg="plugin log" plugin=p message=rest fields.stream=stderr
`
	if lines.String() != want {
		t.Errorf("log has\n%s\nwant\n%s", lines, want)
	}
}

func TestOutputIsBoundedPerCall(t *testing.T) {
	logger, lines := textLog()
	env := hostfuncs.NewEnv(&hostfuncs.Options{Logger: logger, Limits: hostfuncs.Limits{OutputLines: 2}})
	w := env.Output("stdout")
	for range 2 {
		env.Begin()
		say(t, w, strings.Repeat("x\n", 1000))
		env.End()
	}
	want := `level=INFO msg="plugin log" message=x fields.stream=stdout
level=INFO msg="plugin log" message=x fields.stream=stdout
level=INFO msg="plugin log" message=x fields.stream=stdout lost=998
level=INFO msg="plugin log" message=x fields.stream=stdout
`
	if lines.String() != want {
		t.Errorf("log has\n%s\nwant\n%s", lines, want)
	}
}

func TestLastWords(t *testing.T) {
	var many []string
	for i := range 80 {
		many = append(many, fmt.Sprintf("line %d", i))
	}
	for name, c := range map[string]struct{ said, want string }{
		"nothing":  {"", ""},
		"blank":    {"\n \n\n", ""},
		"one":      {"panic: no\n", "panic: no"},
		"open":     {"panic: no", "panic: no"},
		"two":      {"a\nb\n", `a\nb`},
		"escapes":  {"a\x1b[2J\r\n\xff\u202e\n", `a\x1b[2J\r\n\xff\u202e`},
		"many":     {strings.Join(many, "\n"), `line 0\nline 1\nline 2\nline 3\nline 4\nline 5\nline 6\nline 7\n...\nline 76\nline 77\nline 78\nline 79`},
		"twelve":   {strings.Join(many[:12], "\n"), strings.Join(many[:12], `\n`)},
		"a flood":  {strings.Repeat("x", 1<<20), strings.Repeat("x", 157) + "..."},
		"no lines": {strings.Repeat("\x00\n", 1<<16), strings.Repeat(`\x00\n`, 8) + `...\n` + strings.Repeat(`\x00\n`, 3) + `\x00`},
	} {
		t.Run(name, func(t *testing.T) {
			logger, lines := textLog()
			env := hostfuncs.NewEnv(&hostfuncs.Options{Logger: logger, Limits: hostfuncs.Limits{OutputLines: 8}})
			w := env.Output("stderr")
			env.Begin()
			say(t, w, c.said)
			if got := env.LastWords(); got != c.want {
				t.Errorf("got  %.3000s\nwant %s", got, c.want)
			}
			env.Begin()
			env.End()
			if got := env.LastWords(); got != "" || lines.String() != "" {
				t.Errorf("afterwards there are %q, and the log has %s", got, lines)
			}
		})
	}
}
