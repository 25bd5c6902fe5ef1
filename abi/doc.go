// Package abi is the contract between a plugin, a host and a page: names, codes and bytes, and
// nothing that acts. It depends on the standard library alone and builds for wasip1, so that hosts
// and guests share one definition.
//
//   - Guest boundary (ABI.md): [Capabilities] and [Imports] say what a guest may import, [Result]
//     packs what its exports return, [Code] is what host functions answer.
//   - What is shown: a guest writes its tree with [TreeWriter]; [Tree] decodes and checks it
//     against the catalog ([Components]) and [TreeLimits]. Pixels travel as [Paint], lines and text
//     as a drawing ([CheckDrawing]).
//   - What goes to the browser (PROTOCOL.md): frames such as [Snap] and [Event], appended to
//     and parsed from bytes.
//   - What a package says of itself: [Manifest].
//
// A guest that shows one button writes this tree:
//
//	var w abi.TreeWriter
//	w.Open(abi.ComponentButton)
//	w.Text(0, "Clicked 3 times")  // property 0 of a button is its text
//	w.On(0, 7)                    // its event 0 (click) is the guest's handler 7
//	w.Close()
//	render(w.Bytes())             // 01 03  03 01 0f 436c69…  04 00 07  00
//
// Everything that decodes bytes here treats them as hostile: no count is believed before it fits the
// bytes that are left, an error means that nothing is returned, and what is accepted encodes to the
// same bytes again.
package abi
