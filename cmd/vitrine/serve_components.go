package main

import (
	_ "embed"
	"io"
	"os"

	"github.com/vitrine-run/vitrine/abi"
)

// demoRegistered is what the demonstration's page has of its own.
//
//go:embed demo/components.json
var demoRegistered []byte

func demoComponents() *abi.HostComponents {
	c, err := abi.ParseHostComponents(demoRegistered)
	if err != nil {
		panic(err) // it is part of the program
	}
	return c
}

// register reads what a page has of its own; "" is nothing.
func (s *shelf) register(file string) error {
	if file == "" {
		return nil
	}
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // was only read from
	b, err := io.ReadAll(io.LimitReader(f, abi.MaxManifest+1))
	if err != nil {
		return err
	}
	s.shown, err = abi.ParseHostComponents(b)
	if err != nil {
		return &exitError{exitInvalid, inFile(file, err), ""}
	}
	return nil
}
