// Package vitrine is what a plugin written in Go links.
package vitrine
