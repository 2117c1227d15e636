package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The sizes that keep the program readable. Larger may be: the store and the nouns in it, the stand-in for GitHub, and the type
// that serves every URL.
const (
	maxFileLines    = 400
	maxPackageLines = 5000 // without tests
	maxMethods      = 60
)

var (
	largePackages = map[string]bool{"db": true, "sandbox": true}
	largeTypes    = map[string]bool{"db.DB": true, "handlers.Server": true}
)

// sizes are what was found in the tree.
type sizes struct {
	packages map[string]int      // lines without tests, by directory
	types    map[string]*members // by directory and name
}

// members are a type's methods, and the types of its package that it embeds, whose methods it has too.
type members struct {
	methods  int
	embedded []string
}

func TestNothingGrowsTooLarge(t *testing.T) {
	found := sizes{map[string]int{}, map[string]*members{}}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "node_modules" || entry.Name() == "testdata" || entry.Name() == ".git"):
			return filepath.SkipDir
		case filepath.Ext(path) != ".go" && filepath.Ext(path) != ".templ":
			return nil
		}
		lines, err := found.add(path)
		if lines > maxFileLines {
			t.Errorf("%s has %d lines; a file has at most %d", path, lines, maxFileLines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, lines := range found.packages {
		if lines > maxPackageLines && !largePackages[name] {
			t.Errorf("package %s has %d lines; a package has at most %d", name, lines, maxPackageLines)
		}
	}
	for name := range found.types {
		if n := found.methods(name); n > maxMethods {
			t.Errorf("%s has %d methods; a type has at most %d", name, n, maxMethods)
		}
	}
	if len(found.types) < 300 || len(found.packages) < 30 {
		t.Errorf("looked at %d types in %d packages only", len(found.types), len(found.packages))
	}
}

// add reads a file and returns its lines; 0 when it is generated.
func (s *sizes) add(path string) (lines int, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	lines = bytes.Count(text, []byte("\n"))
	directory := filepath.ToSlash(filepath.Dir(path))
	if filepath.Ext(path) == ".templ" {
		s.packages[directory] += lines
		return lines, nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || ast.IsGenerated(file) {
		return 0, err
	}
	if !strings.HasSuffix(path, "_test.go") {
		s.packages[directory] += lines
	}
	if strings.HasSuffix(file.Name.Name, "_test") {
		directory += "_test" // a package of its own
	}
	for _, declaration := range file.Decls {
		s.addTypes(directory, declaration)
	}
	return lines, nil
}

func (s *sizes) addTypes(directory string, declaration ast.Decl) {
	of := func(t ast.Expr) *members {
		name := directory + "." + baseName(t)
		if s.types[name] == nil {
			s.types[name] = &members{}
		}
		return s.types[name]
	}
	if method, ok := declaration.(*ast.FuncDecl); ok && method.Recv != nil {
		of(method.Recv.List[0].Type).methods++
	}
	declared, ok := declaration.(*ast.GenDecl)
	if !ok {
		return
	}
	for _, spec := range declared.Specs {
		named, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		if fields, ok := named.Type.(*ast.StructType); ok {
			for _, field := range fields.Fields.List {
				if len(field.Names) == 0 {
					m := of(named.Name)
					m.embedded = append(m.embedded, directory+"."+baseName(field.Type))
				}
			}
		}
	}
}

func (s *sizes) methods(name string) int {
	m := s.types[name]
	if m == nil || largeTypes[name] {
		return 0
	}
	n := m.methods
	for _, embedded := range m.embedded {
		n += s.methods(embedded)
	}
	return n
}

// baseName is the name of a type of the same package, behind a pointer or with parameters; "" for others.
func baseName(of ast.Expr) string {
	switch of := of.(type) {
	case *ast.Ident:
		return of.Name
	case *ast.StarExpr:
		return baseName(of.X)
	case *ast.IndexExpr:
		return baseName(of.X)
	}
	return ""
}
