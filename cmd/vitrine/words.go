package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/vitrine-run/vitrine/abi"
	"github.com/vitrine-run/vitrine/runtime"
	"github.com/vitrine-run/vitrine/runtime/extism"
	"github.com/vitrine-run/vitrine/sandbox"
)

// plainError says an error in the words of who types commands: what failed and why, without the
// names of the packages that it came through.
type plainError struct {
	text string
	err  error
}

func (e *plainError) Error() string { return e.text }

func (e *plainError) Unwrap() error { return e.err }

// inWords makes the error of a call of module plain. Errors that are the command's own are already.
func inWords(module string, err error) error {
	var asked *exitError
	if err == nil || errors.As(err, &asked) {
		return err
	}
	var (
		denied  *sandbox.DeniedError
		guest   *runtime.GuestError
		fault   *runtime.Fault
		exit    *runtime.ExitError
		invalid *runtime.InvalidError
		foreign *extism.Error
		text    string
	)
	switch {
	case errors.As(err, &guest):
		text = plain(guest.Func) + ": " + guest.Message
	case errors.As(err, &foreign) && foreign.Message != "":
		text = plain(foreign.Func) + ": " + plain(foreign.Message)
	case errors.As(err, &foreign):
		text = fmt.Sprintf("%s: code %d", plain(foreign.Func), foreign.Code)
	case errors.As(err, &fault) && fault.Kind == runtime.FaultTrap:
		text = plain(fault.Func) + ": trap: " + fault.Message
	case errors.As(err, &fault):
		text = plain(fault.Func) + ": " + fault.Message
	case errors.As(err, &exit):
		text = fmt.Sprintf("%s: exit code %d", plain(exit.Func), exit.Code)
	case errors.As(err, &invalid):
		text = invalidText(module, invalid)
	default:
		return err
	}
	if errors.As(err, &denied) {
		text += fmt.Sprintf(" (it was denied %q)", string(denied.Capability))
	}
	return &plainError{text, err}
}

// loadWords makes the error of loading the plugin in a folder plain.
func loadWords(folder string, err error) error {
	var (
		invalid  *runtime.InvalidError
		imported *sandbox.ImportError
		manifest *abi.ManifestError
		file     *fs.PathError
	)
	switch {
	case errors.As(err, &invalid):
		return &plainError{invalidText(folder, invalid), err}
	case errors.As(err, &imported):
		return &plainError{folder + ": " + imported.Error(), err}
	case errors.As(err, &manifest):
		return &plainError{inFile(filepath.Join(folder, cmp.Or(manifest.File, abi.ManifestName)), manifest).Error(), err}
	case errors.As(err, &file):
		return &plainError{fmt.Sprintf("%s: %v", filepath.Join(folder, file.Path), file.Err), err}
	}
	return fmt.Errorf("%s: %w", folder, err)
}

// inFile says of which file an error with a line and a column is, and says it once.
func inFile(file string, err error) error {
	var wrong *abi.ManifestError
	if !errors.As(err, &wrong) {
		return fmt.Errorf("%s: %w", file, err)
	}
	named := *wrong
	named.File = file
	return &named
}

// invalidText says why a module is refused.
func invalidText(module string, e *runtime.InvalidError) string {
	return module + ": " + strings.TrimPrefix(e.Error(), "runtime: ")
}

// itHas says which functions there are. The names are the module's.
func itHas(functions []string) string {
	if len(functions) == 0 {
		return "it has no functions to call"
	}
	names := make([]string, len(functions))
	for i, name := range functions {
		names[i] = plain(name)
	}
	return "it has " + strings.Join(names, ", ")
}
