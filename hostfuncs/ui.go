package hostfuncs

import (
	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
)

// uiRender is vitrine:ui.render, which shows a tree in place of the one that was shown.
//
// Parameters: the address and the length of an op stream (abi.TreeWriter). Result: CodeOK;
// CodeInvalid if the bytes are not in memory or not a tree, then what was shown stays; CodeLimit if
// too much was shown in this call; CodeUnavailable if nobody looks; CodeDenied. The bytes are the
// guest's again as soon as the function returns.
//
//	address 16, length 10: a text that says "hello!"
//	[.. 01 01 03 01 06 h e l l o ! 00 ..]
//	    open   prop, 6 bytes       close
func uiRender(e *Env, c *runtime.Caller, args []uint64) int64 { return e.show(c, args, UI.Render) }

// uiPaint is vitrine:ui.paint, which puts pixels on a surface, the backing store of a canvas.
//
// Parameters: the address and the length of a header and the pixels behind it (abi.Paint). Result:
// as for uiRender.
//
//	address 16, length 20: surface 0 of 2x2 pixels, all of it, RGB
//	[.. 00 02 02 00 00 02 02 01 | rr gg bb  rr gg bb  rr gg bb  rr gg bb ..]
//	    n  w  h  x  y  w  h  format
func uiPaint(e *Env, c *runtime.Caller, args []uint64) int64 { return e.show(c, args, UI.Paint) }

// uiEffect is vitrine:ui.effect, which has the page do something once: give a node the focus, say something, open
// a window, copy, offer a file.
//
// Parameters: the address and the length of a request (abi.EffectRequest). Result: CodeOK; CodeDenied if the person
// has not done anything just now that it could follow from; CodeLimit if it is one too many; CodeUnsupported if this
// host cannot; CodeInvalid and CodeUnavailable as for uiRender. It happens after what the call renders is shown.
//
//	address 16, length 8: a toast, tone good, "Saved"
//	[.. 04 01 05 S a v e d ..]
func uiEffect(e *Env, c *runtime.Caller, args []uint64) int64 {
	return e.show(c, args, func(ui UI, b []byte) abi.Code {
		if able, ok := ui.(Effector); ok {
			return able.Effect(b)
		}
		return abi.CodeUnsupported
	})
}

func (e *Env) show(c *runtime.Caller, args []uint64, by func(UI, []byte) abi.Code) int64 {
	b, ok := view(c, args)
	switch {
	case !ok:
		return int64(abi.CodeInvalid)
	case e.ui == nil:
		return int64(abi.CodeUnavailable)
	}
	return int64(by(e.ui, b))
}
