package abi_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/abi/cbor"
)

func FuzzParseJSON(f *testing.F) {
	for _, text := range []string{
		`{"c":"x"}`, `[1,-2.5e3,true,null,"\u00fc\ud83d\ude00"]`, `{"a":{"b":[{}]}}`, `{"c":1,"c":2}`, `"\ud800"`, `1e400`, `18446744073709551616`, `-0`, `0.1`, ``, ` 7 `,
		`{"__proto__":{}}`, strings.Repeat("[", 20) + strings.Repeat("]", 20), "{\"a\":\"\xff\"}", "\"\x00\"", `[1,]`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := abi.ParseJSON(in)
		if err != nil {
			if v != nil || !errors.Is(err, abi.ErrMalformed) || len(err.Error()) > 2048 {
				t.Fatalf("got %v, %v", v, err)
			}
			return
		}
		// What is accepted, encoding/json reads the same way, and a plugin gets it as it was said.
		var peer any
		if err := json.Unmarshal(in, &peer); err != nil {
			t.Fatalf("encoding/json refuses it: %v", err)
		}
		b, err := cbor.Marshal(v)
		if err != nil {
			t.Fatalf("%#v is no value of CBOR: %v", v, err)
		}
		back, err := cbor.Unmarshal(b)
		if err != nil || !reflect.DeepEqual(asJSON(t, back), peer) {
			t.Fatalf("%#v became %#v, %v, and encoding/json says %#v", v, back, err, peer)
		}
	})
}

// asJSON is a value as encoding/json has it.
func asJSON(t *testing.T, v any) (out any) {
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}
