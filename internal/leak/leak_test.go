package leak_test

import (
	"testing"
	"time"

	"github.com/vitrine-run/vitrine/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// A goroutine that ends by itself, but late, is none that is left.
func TestLate(*testing.T) { go time.Sleep(2 * time.Second) }
