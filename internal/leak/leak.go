// Package leak runs the tests of a package, and fails where one of their goroutines is still there afterwards:
//
//	func TestMain(m *testing.M) { leak.Main(m) }
package leak

import (
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// most is how long goroutines may take that are about to end. goleak by itself waits for half a second, which a machine that
// is busy may stand still.
const most = time.Minute

// Main is the whole of a TestMain: it does not return. Last it calls what is to be done after the tests.
func Main(m *testing.M, after ...func()) {
	goleak.VerifyTestMain(patient{m}, goleak.Cleanup(func(code int) {
		for _, f := range after {
			f()
		}
		os.Exit(code)
	}))
}

// patient are tests after which goroutines have time to end.
type patient struct{ *testing.M }

func (p patient) Run() int {
	code := p.M.Run()
	for end := time.Now().Add(most); code == 0 && goleak.Find() != nil && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	return code
}
