// Package extism runs plugins that were made for Extism, under Vitrine's validator, meter and limits.
//
// Extism's plugins keep what they exchange with their host in a memory of blocks that is not
// theirs: they reach it by importing functions of "extism:host/env". This package is those
// functions, on the runtime's host functions and a [blocks] of its own; nothing of Extism's own
// SDK runs in the host.
//
//	plugin, err := extism.Compile(ctx, code, nil)
//	in, err := plugin.Instantiate(ctx, &extism.InstanceOptions{Config: map[string]string{"vowels": "aeiou"}})
//	out, err := in.Call(ctx, "count_vowels", []byte("hello"))   // {"count":2,"total":2,"vowels":"aeiou"}
//
// A host that calls a plugin for each request takes an instance out of a pool with [Plugin.Get], which is new for everyone
// who gets it, and gives it back with Close: microseconds, where a new one takes up to milliseconds.
//
// What Extism leaves to a plugin's own manifest is the host's to say here: files, HTTP, variables
// and configuration are there if the options name them. Extism's conventions are described in its
// proposals EIP-003 and EIP-007.
package extism
