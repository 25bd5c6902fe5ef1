package archtest_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const (
	root       = "../.."
	modulePath = "github.com/vitrine-run/vitrine"
	fileLines  = 500
	funcLines  = 60
)

// A source is a Go file of the module, whatever its build tags are.
type source struct {
	room, name string
	syntax     *ast.File
	fset       *token.FileSet
}

func (s source) isTest() bool { return strings.HasSuffix(s.name, "_test.go") }

func (s source) path() string { return path.Join(s.room, s.name) }

// walk calls f for each file of the module that is a part of it.
func walk(t *testing.T, f func(rel string)) {
	t.Helper()
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if !d.IsDir() {
			rel, err := filepath.Rel(root, file)
			f(filepath.ToSlash(rel))
			return err
		}
		_, module := os.Stat(filepath.Join(file, "go.mod"))
		if file != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || module == nil ||
			name == "testdata" || name == "node_modules" || name == "dist" || name == "bin" || name == "build") {
			return filepath.SkipDir
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func sources(t *testing.T) (out []source) {
	t.Helper()
	fset := token.NewFileSet()
	walk(t, func(rel string) {
		if !strings.HasSuffix(rel, ".go") {
			return
		}
		syntax, err := parser.ParseFile(fset, filepath.Join(root, rel), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, source{path.Dir(rel), path.Base(rel), syntax, fset})
	})
	if len(out) < 50 {
		t.Fatalf("only %d files were found", len(out))
	}
	return out
}

func TestImports(t *testing.T) {
	for _, s := range sources(t) {
		home := find(s.room)
		if home == nil {
			t.Errorf("%s: there is no room for it in the house", s.room)
			continue
		}
		for _, spec := range s.syntax.Imports {
			imported, _ := strconv.Unquote(spec.Path.Value)
			if why := refuse(s, home, imported); why != "" {
				t.Errorf("%s imports %s: %s", s.path(), imported, why)
			}
		}
	}
}

// refuse says why s may not import a package, "" if it may.
func refuse(s source, home *room, imported string) string {
	rel, ours := strings.CutPrefix(imported, modulePath+"/")
	switch {
	case imported == "C":
		return refuseGuest(s, imported)
	case ours && s.isTest():
		return refuseTest(s, rel)
	case ours:
		if rel != s.room && !slices.ContainsFunc(home.may, func(e edge) bool { return e.to == rel }) {
			return "the table does not allow it"
		}
	case strings.Contains(strings.Split(imported, "/")[0], "."):
		return refuseGuest(s, imported)
	}
	return ""
}

// refuseTest is refuse for the imports of tests, which may look further: down to anything, and up when
// what they test needs somebody to play a part. The ground floor stays by itself, for guests link it.
func refuseTest(s source, rel string) string {
	to := find(rel)
	switch {
	case to == nil:
		return "there is no such room"
	case to.path == "cmd/vitrine":
		return "nobody imports the command"
	case family(s.room) == "abi" && family(rel) != "abi":
		return "the ground floor knows nobody"
	}
	return ""
}

func refuseGuest(s source, imported string) string {
	for _, g := range guests {
		if imported != g.module && !strings.HasPrefix(imported, g.module+"/") {
			continue
		}
		engine := g.module == "github.com/tetratelabs/wazero" && slices.ContainsFunc(engineTests, func(p string) bool { return matches(p, s.room) })
		if slices.Contains(g.rooms, s.room) || s.isTest() && (g.tests || engine) {
			return ""
		}
		return "only for " + strings.Join(g.rooms, ", ") + ": " + g.why
	}
	return "it is not in the table of guests"
}

// find is the room of a package.
func find(pkg string) *room {
	for i := range house {
		if house[i].path == pkg {
			return &house[i]
		}
	}
	for i := range house {
		if matches(house[i].path, pkg) {
			return &house[i]
		}
	}
	return nil
}

func matches(pattern, pkg string) bool {
	ok, err := path.Match(pattern, pkg)
	return ok && err == nil
}

func family(pkg string) string {
	first, _, _ := strings.Cut(pkg, "/")
	return first
}

// The table itself keeps the order that it promises.
func TestTableIsInOrder(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range house {
		if seen[r.path] {
			t.Errorf("%s is there twice", r.path)
		}
		seen[r.path] = true
		for _, e := range r.may {
			to := find(e.to)
			switch {
			case to == nil:
				t.Errorf("%s may import %s, which is no room", r.path, e.to)
			case e.why == "":
				t.Errorf("%s may import %s for no reason", r.path, e.to)
			case to.level > r.level || to.level == r.level && family(r.path) != family(e.to):
				t.Errorf("%s may import %s, which is not below it", r.path, e.to)
			case reaches(e.to, r.path, map[string]bool{}):
				t.Errorf("%s and %s may import each other", r.path, e.to)
			}
		}
	}
	for _, g := range guests {
		if g.why == "" {
			t.Errorf("%s is a guest for no reason", g.module)
		}
	}
}

func reaches(from, to string, seen map[string]bool) bool {
	if from == to {
		return true
	}
	if r := find(from); r != nil && !seen[from] {
		seen[from] = true
		return slices.ContainsFunc(r.may, func(e edge) bool { return reaches(e.to, to, seen) })
	}
	return false
}

// What the rules are for: a rule that lets everything pass would pass as well.
func TestRulesRefuse(t *testing.T) {
	for _, c := range []struct{ room, file, imported, want string }{
		{"abi", "x.go", modulePath + "/runtime", "the table does not allow it"},
		{"abi", "x_test.go", modulePath + "/runtime", "the ground floor knows nobody"},
		{"abi", "x.go", "github.com/fxamacker/cbor/v2", "only for"},
		{"abi", "x_test.go", "github.com/fxamacker/cbor/v2", ""},
		{"bridge", "x.go", modulePath + "/sandbox", "the table does not allow it"},
		{"bridge", "x.go", modulePath + "/runtime", "the table does not allow it"},
		{"runtime", "x.go", modulePath + "/bridge", "the table does not allow it"},
		{"runtime", "x.go", "github.com/tetratelabs/wazero/api", "only for runtime/engine"},
		{"runtime", "x_test.go", "github.com/tetratelabs/wazero", ""},
		{"sandbox", "x_test.go", "github.com/tetratelabs/wazero", "only for runtime/engine"},
		{"host", "x.go", "github.com/gorilla/websocket", "only for bridge"},
		{"bridge", "x.go", "github.com/gorilla/websocket", ""},
		{"bridge", "x.go", "github.com/gorilla/websocketx", "it is not in the table of guests"},
		{"host", "x.go", "example.com/left-pad", "it is not in the table of guests"},
		{"host", "x_test.go", modulePath + "/cmd/vitrine", "nobody imports the command"},
		{"examples/new", "x.go", modulePath + "/abi", "the table does not allow it"},
		{"examples/new", "x.go", modulePath + "/sdk/go", ""},
		{"runtime", "x.go", "C", "no cgo"},
		{"host", "x.go", "net/http", ""},
	} {
		got := refuse(source{room: c.room, name: c.file}, find(c.room), c.imported)
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s/%s and %s: got %q, want %q", c.room, c.file, c.imported, got, c.want)
		}
	}
	if find("attic") != nil || find("runtime/attic") != nil || find("examples/a/b") != nil {
		t.Error("a package that nobody named has a room")
	}
}

func TestPackagesSayWhatTheyAreFor(t *testing.T) {
	comments := map[string]string{}
	for _, s := range sources(t) {
		if !s.isTest() {
			comments[s.room] += s.syntax.Doc.Text()
			name := s.syntax.Name.Name
			if text := s.syntax.Doc.Text(); name != "main" && text != "" && !strings.HasPrefix(text, "Package "+name+" ") {
				t.Errorf("%s: the comment of package %s begins %.40q", s.path(), name, text)
			}
		}
	}
	for room, text := range comments {
		if len(strings.Fields(text)) < 8 {
			t.Errorf("%s has no package comment in prose", room)
		}
	}
}

func TestFilesAreShort(t *testing.T) {
	walk(t, func(rel string) {
		switch path.Ext(rel) {
		case ".go", ".ts", ".tsx", ".js", ".mjs", ".css", ".rs", ".c", ".h":
		default:
			return
		}
		b, err := os.ReadFile(filepath.Join(root, rel))
		if err != nil {
			t.Fatal(err)
		}
		if head := string(b[:min(len(b), 200)]); strings.Contains(head, "Code generated") || strings.Contains(head, "Generated by") {
			return
		}
		if n := bytes.Count(b, []byte("\n")); n > fileLines {
			t.Errorf("%s has %d lines, at most %d", rel, n, fileLines)
		}
	})
}

// Tables in tests may be as long as they need to be.
func TestFunctionsAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if s.isTest() || ast.IsGenerated(s.syntax) {
			continue
		}
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if n := s.fset.Position(f.End()).Line - s.fset.Position(f.Pos()).Line + 1; n > funcLines {
				t.Errorf("%s: %s has %d lines, at most %d", s.path(), f.Name.Name, n, funcLines)
			}
		}
	}
}
