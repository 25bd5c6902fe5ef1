package meter_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/runtime/meter"
)

// written is a digest of what Rewrite makes of the modules below, by version. Compiled code is kept by version, and what a
// guest uses is promised to be the same as long as the version is: what is written may not change without it.
var written = map[string]string{
	"meter/10": "7869f2c49d4c71fd7709ba350515e60bf46135bfe9c44e0b3538053fde66cb38",
}

// Modules with one of each thing that is written for.
const writtenFor = "abi deep dropped faults grow heavy host nops numbers shallow stops trap_anywhere " +
	"bombs/copy_down bombs/copy_up bombs/even_odd bombs/fib_loop bombs/fill_length bombs/init_loop bombs/labels bombs/loop_call_indirect " +
	"bombs/loop_exits bombs/loop_grow bombs/loop_locals bombs/loop_nested bombs/loop_params bombs/loop_results bombs/loop_simd " +
	"bombs/loop_table_copy bombs/loop_table_fill bombs/loop_table_grow bombs/loop_table_init bombs/recurse_frames bombs/recurse_params " +
	"bombs/pieces bombs/select bombs/start_fill bombs/returns bombs/tree bombs/tree_ifs bombs/tree_loops bombs/tree_straight"

func TestVersionSaysWhatIsWritten(t *testing.T) {
	digest := sha256.New()
	for _, name := range strings.Fields(writtenFor) {
		code, err := os.ReadFile("../testdata/" + name + ".wasm")
		if err != nil {
			t.Fatal(err)
		}
		r, err := rewriteWith(code, nil)
		if err != nil {
			t.Fatal(err)
		}
		digest.Write(r.Wasm)
	}
	if got := hex.EncodeToString(digest.Sum(nil)); written[meter.Version] != got {
		t.Errorf("%s is not what is written: if the modules are the same, it needs a new version; here %q", meter.Version, got)
	}
}
