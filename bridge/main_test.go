package bridge_test

import (
	"testing"

	"github.com/vitrine-run/vitrine/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }
