package program

import (
	"crypto/sha256"
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/bits"

	"github.com/vitrine-run/vitrine/bench/metering/gokernels"
	"github.com/vitrine-run/vitrine/bench/metering/goprograms"
)

// natives are the jobs in Go, as a part of the host: what isolation is paid from. Those in C are written again here as
// one writes Go, where the standard library has the same with the standard library's; those in Go are the same source.
func natives() map[string]func(uint32) uint32 {
	all := map[string]func(uint32) uint32{
		"fib": fibs, "tak": taks, "sieve": sieve, "matmul": matmul, "mandelbrot": mandelbrot, "nbody": nbody,
		"spectral": spectral, "crc32": crc, "quicksort": quicksort, "heapsort": heapsort, "gimli": gimlis, "sha256": sha,
	}
	for name, f := range gokernels.All() {
		all[name] = signed(f)
	}
	for name, f := range goprograms.All() {
		all[name] = signed(f)
	}
	return all
}

func signed(f func(int32) int32) func(uint32) uint32 {
	return func(n uint32) uint32 { return uint32(f(int32(n))) }
}

func fib(n uint32) uint32 {
	if n < 2 {
		return n
	}
	return fib(n-1) + fib(n-2)
}

func fibs(n uint32) (sum uint32) {
	for i := range n {
		sum += fib(20 + i%3)
	}
	return sum
}

func tak(x, y, z int32) int32 {
	if y >= x {
		return z
	}
	return tak(tak(x-1, y, z), tak(y-1, z, x), tak(z-1, x, y))
}

func taks(n uint32) (sum uint32) {
	for i := range n {
		sum += uint32(tak(12+int32(i%3), 8, 2))
	}
	return sum
}

func sieve(n uint32) (count uint32) {
	composite := make([]bool, 200_000)
	for range n {
		clear(composite)
		for i := 2; i < len(composite); i++ {
			if composite[i] {
				continue
			}
			count++
			for j := 2 * i; j < len(composite); j += i {
				composite[j] = true
			}
		}
	}
	return count
}

// Conversions to float64 keep processors that can from multiplying and adding in one step, which rounds otherwise.

func matmul(n uint32) uint32 {
	var a, b, c [96][96]float64
	for i := range a {
		for j := range a[i] {
			a[i][j], b[i][j] = float64(i+j), float64(i-j)
		}
	}
	for range n {
		for i := range c {
			for j := range c[i] {
				s := 0.0
				for k := range b {
					s += float64(a[i][k] * b[k][j])
				}
				c[i][j] = s
			}
		}
	}
	return uint32(int64(c[17][19]))
}

func mandelbrot(n uint32) (sum uint32) {
	for range n {
		for y := range 96 {
			for x := range 96 {
				cr, ci, zr, zi := float64(x)/48-1.5, float64(y)/48-1, 0.0, 0.0
				i := 0
				for ; i < 50 && float64(zr*zr)+float64(zi*zi) < 4; i++ {
					zr, zi = float64(zr*zr)-float64(zi*zi)+cr, float64(2*zr*zi)+ci
				}
				sum += uint32(i)
			}
		}
	}
	return sum
}

func nbody(n uint32) uint32 {
	p := [5][3]float64{{0, 0, 0}, {4.84, -1.16, -0.10}, {8.34, 4.12, -0.4}, {12.89, -15.11, -0.22}, {15.37, -25.9, 0.17}}
	v := [5][3]float64{{0, 0, 0}, {0.6, 2.8, -0.02}, {-1.01, 1.8, 0.008}, {1.08, 0.86, -0.01}, {0.97, 0.59, -0.03}}
	m := [5]float64{39.47, 0.037, 0.011, 0.0017, 0.002}
	for range n * 1000 {
		for i := range p {
			for j := i + 1; j < len(p); j++ {
				var d [3]float64
				q := 0.0
				for k := range d {
					d[k] = p[i][k] - p[j][k]
					q += float64(d[k] * d[k])
				}
				mag := 0.001 / (q * math.Sqrt(q))
				for k := range d {
					v[i][k] -= float64(d[k] * m[j] * mag)
					v[j][k] += float64(d[k] * m[i] * mag)
				}
			}
		}
		for i := range p {
			for k := range p[i] {
				p[i][k] += float64(0.001 * v[i][k])
			}
		}
	}
	return uint32(int32(p[0][0] * 1e6))
}

func spectral(n uint32) uint32 {
	elem := func(i, j int) float64 { return 1 / float64((i+j)*(i+j+1)/2+i+1) }
	mul := func(x, y *[100]float64, transposed bool) {
		for i := range y {
			s := 0.0
			for j := range x {
				if transposed {
					s += float64(elem(j, i) * x[j])
				} else {
					s += float64(elem(i, j) * x[j])
				}
			}
			y[i] = s
		}
	}
	var u, v, t [100]float64
	for i := range u {
		u[i] = 1
	}
	for range n {
		mul(&u, &t, false)
		mul(&t, &v, true)
		mul(&v, &t, false)
		mul(&t, &u, true)
		for i := range u {
			u[i] /= 1.6
		}
	}
	if sum := u[7] * 1e6; sum >= 0 && sum < 1<<32 {
		return uint32(sum)
	}
	return 0 // after a thousand rounds, in C
}

func crc(n uint32) uint32 {
	buf := make([]byte, 65536)
	for i := range buf {
		buf[i] = byte(i * 31)
	}
	sum := uint32(0)
	for range n {
		sum = crc32.Update(sum, crc32.IEEETable, buf)
	}
	return sum
}

// sha is the state after the blocks, without the padding that a digest ends with: the standard library's hash gives it away
// when it is asked to be continued later.
func sha(n uint32) uint32 {
	buf := make([]byte, 65536)
	for i := range buf {
		buf[i] = byte(i * 7)
	}
	h := sha256.New()
	for range n {
		h.Write(buf)
	}
	state, err := h.(interface{ AppendBinary([]byte) ([]byte, error) }).AppendBinary(nil)
	if err != nil {
		return 0
	}
	return binary.BigEndian.Uint32(state[4:])
}

// next are the same numbers everywhere.
func next(s *uint32) uint32 {
	x := *s
	x ^= x << 13
	x ^= x >> 17
	x ^= x << 5
	*s = x
	return x
}

func sortRange(a []int32, lo, hi int) {
	for lo < hi {
		x, i, j := a[(lo+hi)/2], lo, hi
		for i <= j {
			for a[i] < x {
				i++
			}
			for a[j] > x {
				j--
			}
			if i <= j {
				a[i], a[j] = a[j], a[i]
				i++
				j--
			}
		}
		sortRange(a, lo, j)
		lo = i
	}
}

func quicksort(n uint32) (sum uint32) {
	a, s := make([]int32, 20_000), uint32(1)
	for range n {
		for i := range a {
			a[i] = int32(next(&s))
		}
		sortRange(a, 0, len(a)-1)
		sum += uint32(a[10_000])
	}
	return sum
}

func sift(a []int32, i int, less func(x, y int32) bool) {
	for {
		c := 2*i + 1
		if c >= len(a) {
			return
		}
		if c+1 < len(a) && less(a[c], a[c+1]) {
			c++
		}
		if !less(a[i], a[c]) {
			return
		}
		a[i], a[c] = a[c], a[i]
		i = c
	}
}

func heapsort(n uint32) (sum uint32) {
	how := [2]func(x, y int32) bool{func(x, y int32) bool { return x < y }, func(x, y int32) bool { return x > y }}
	a, s := make([]int32, 10_000), uint32(1)
	for r := range n {
		less := how[r&1]
		for i := range a {
			a[i] = int32(next(&s))
		}
		for i := 4999; i >= 0; i-- {
			sift(a, i, less)
		}
		for i := len(a) - 1; i > 0; i-- {
			a[0], a[i] = a[i], a[0]
			sift(a[:i], 0, less)
		}
		sum += uint32(a[5000])
	}
	return sum
}

func gimli(s *[12]uint32) {
	for r := uint32(24); r > 0; r-- {
		for c := range 4 {
			x, y, z := bits.RotateLeft32(s[c], 24), bits.RotateLeft32(s[4+c], 9), s[8+c]
			s[8+c], s[4+c], s[c] = x^z<<1^(y&z)<<2, y^x^(x|z)<<1, z^y^(x&y)<<3
		}
		switch r & 3 {
		case 0:
			s[0], s[1], s[2], s[3] = s[1]^0x9e377900^r, s[0], s[3], s[2]
		case 2:
			s[0], s[2], s[1], s[3] = s[2], s[0], s[3], s[1]
		}
	}
}

func gimlis(n uint32) uint32 {
	var s [12]uint32
	for range n * 1000 {
		gimli(&s)
	}
	return s[0]
}
