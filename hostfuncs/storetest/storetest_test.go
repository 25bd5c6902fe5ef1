package storetest_test

import (
	"testing"

	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/hostfuncs/storetest"
)

func TestMemoryStore(t *testing.T) {
	storetest.Run(t, func(*testing.T) hostfuncs.Store { return &hostfuncs.MemoryStore{} })
}
