package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/hostfuncs"
	"github.com/vitrine-run/vitrine/runtime/extism"
)

// engineExtism is the --engine of plugins made for Extism: their conventions, on the default engine.
const engineExtism = "extism"

// extismHint says how to grant such a plugin what it can be granted.
const extismHint = `allow it with --grant "GET https://api.example.com"`

// callExtism calls an export of a plugin made for Extism.
func (c *callCmd) callExtism(ctx context.Context, e *env, o *outcome) error {
	src, err := openSource(c.Module)
	if err != nil {
		return err
	}
	if src.folder != "" || len(c.Args) > 0 {
		return &exitError{code: exitUsage, err: errors.New("--engine extism takes a .wasm file and a function"),
			hint: "its input comes from --input FILE, its configuration from --config KEY=VALUE"}
	}
	if c.Func == "" || findFunc(src.info, c.Func) == nil {
		return &exitError{code: exitUsage, err: fmt.Errorf("which function of %s?", c.Module), hint: itHas(funcNames(src.info))}
	}
	input, err := c.input(e)
	if err != nil {
		return err
	}
	inst, err := c.instanceOptions(e, src, o)
	if err != nil {
		return err
	}
	permissions, err := httpPermissions(c.Grant)
	if err != nil {
		return err
	}
	o.grantless = len(permissions) == 0
	client := hostfuncs.NewHTTPClient(nil)
	defer client.Close()
	logger := slog.New(slog.NewTextHandler(e.stderr, nil))
	compiler, err := c.compiler("", e.stderr)
	if err != nil {
		return err
	}
	plugin, err := extism.Compile(ctx, src.code, &extism.Options{Limits: c.limits(), Logger: logger, Compiler: compiler,
		HTTP: hostfuncs.ExtismHTTP(client, commandLine, permitted(permissions))})
	if err != nil {
		return err
	}
	defer plugin.Close(context.WithoutCancel(ctx)) // nothing runs in it any more
	o.compile = plugin.CompileTime()
	began := time.Now()
	in, err := plugin.Instantiate(ctx, &extism.InstanceOptions{Principal: commandLine, Config: c.Config,
		Stdout: inst.Stdout, Stderr: inst.Stderr, Dirs: inst.Dirs, LiveClock: true})
	if err == nil {
		o.output, err = in.Call(ctx, c.Func, input)
		o.stats = in.Stats()
	}
	o.wall = time.Since(began)
	return err
}

// httpPermissions reads what --grant allows a plugin that has no manifest to declare it.
func httpPermissions(grants []string) ([]abi.Permission, error) {
	var permissions []abi.Permission
	for _, g := range grants {
		p, err := abi.ParsePermission(g)
		if err == nil && p.Capability != abi.CapHTTP {
			err = errors.New("a plugin made for Extism can be granted servers and nothing else")
		}
		if err != nil {
			return nil, &exitError{code: exitUsage, err: fmt.Errorf("--grant %s: %w", plain(g), err), hint: extismHint}
		}
		permissions = append(permissions, p)
	}
	return permissions, nil
}

// permitted asks the permissions one after the other.
func permitted(permissions []abi.Permission) func(*abi.Need) abi.Code {
	return func(n *abi.Need) abi.Code {
		for i := range permissions {
			if permissions[i].Allows(n) {
				return abi.CodeOK
			}
		}
		return abi.CodeDenied
	}
}
