//go:build !(linux && (amd64 || arm64))

package memory

import "iter"

// store keeps a copy: memories are copied from it.
func (img *Image) store(runs iter.Seq2[uint64, []byte]) error {
	img.gather(runs)
	return nil
}

// Close gives the image back. No memory has it any more.
func (img *Image) Close() { img.view = nil }

func (img *Image) mapOver([]byte) error { panic("memory: an image without a file was mapped") }

func (img *Image) undo([]byte, uint64) (uint64, error) {
	panic("memory: an image without a file was mapped")
}

func written([]byte, func(from, to uint64)) (bool, error) { return false, nil }

// discard makes memory read as zero again.
func discard(part []byte, guarded bool) error {
	clear(part)
	if guarded {
		return forbid(part)
	}
	return nil
}
