// Package archtest holds the house rules that a test can hold: which package may import which, where
// foreign types may be seen, that every package says what it is for, and how long a file may grow.
// It has no code but its tests; the order is data in house_test.go, each edge with its reason.
package archtest
