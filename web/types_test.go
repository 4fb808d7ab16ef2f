package web_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"kinoautomat/room"
)

var update = flag.Bool("update", false, "write src/proto/gen.ts anew")

const generated = "src/proto/gen.ts"

// TestTypes holds the pages' TypeScript and the Go types of the wire together. After a change in Go: go test ./web -run TestTypes -update
func TestTypes(t *testing.T) {
	g := generator{declared: map[string]declaration{}, wanted: map[string]bool{}}
	g.read(t, "../room", "protocol.go", "account.go", "answers.go")
	wire := slices.Clone(g.order)
	g.read(t, "../room", "report.go", "evaluation.go", "room.go")
	g.read(t, "../vote", "vote.go", "calibration.go")
	g.read(t, "../story", "story.go", "graph.go")
	g.read(t, "../server", "rest.go", "me.go")
	for _, name := range append(wire, "room.Report", "room.Summary", "server.NewRoom", "server.MadeRoom", "server.OwnPicks", "server.storyItem") {
		g.want(name)
	}
	want := g.write(t)
	if *update {
		if err := os.WriteFile(generated, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(generated)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s is not what the Go types give; run: go test ./web -run TestTypes -update", generated)
	}
}

// renamed are the Go types that get another name in TypeScript, where packages do not tell them apart and the browser has names of its
// own.
var renamed = map[string]string{
	"room.Error":       "Refusal",
	"room.Vote":        "Ballot",
	"server.storyItem": "StoryItem",
	"story.Edge":       "GraphEdge",
	"story.Graph":      "StoryGraph",
	"story.Kind":       "SceneKind",
	"story.Node":       "GraphNode",
	"story.Rules":      "StoryRules",
}

type declaration struct {
	doc    string
	spec   *ast.TypeSpec
	values []string // of a string type's constants
}

type generator struct {
	order    []string
	declared map[string]declaration // by package.Name
	wanted   map[string]bool
}

// read takes the types of some files of a package, and the string constants that belong to them.
func (g *generator) read(t *testing.T, folder string, files ...string) {
	pkg := filepath.Base(folder)
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), filepath.Join(folder, file), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range tree.Decls {
			group, ok := decl.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, spec := range group.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					g.declare(pkg, group, spec)
				case *ast.ValueSpec:
					g.constant(pkg, spec)
				}
			}
		}
	}
}

func (g *generator) declare(pkg string, group *ast.GenDecl, spec *ast.TypeSpec) {
	name := pkg + "." + spec.Name.Name
	d := g.declared[name]
	d.doc, d.spec = group.Doc.Text(), spec
	g.declared[name] = d
	g.order = append(g.order, name)
}

func (g *generator) constant(pkg string, spec *ast.ValueSpec) {
	kind, ok := spec.Type.(*ast.Ident)
	if !ok || len(spec.Values) != 1 {
		return
	}
	if value, ok := spec.Values[0].(*ast.BasicLit); ok && value.Kind == token.STRING {
		d := g.declared[pkg+"."+kind.Name]
		d.values = append(d.values, single(value.Value))
		g.declared[pkg+"."+kind.Name] = d
	}
}

// want adds a type and everything that it refers to.
func (g *generator) want(name string) {
	if g.wanted[name] {
		return
	}
	g.wanted[name] = true
	if shape, ok := g.declared[name].spec.Type.(*ast.StructType); ok {
		for _, f := range shape.Fields.List {
			if key := tag(f); key != "-" && (key != "" || len(f.Names) == 0) {
				g.script(name, f.Type)
			}
		}
	}
}

func (g *generator) write(t *testing.T) []byte {
	var out bytes.Buffer
	out.WriteString("// Written by web/types_test.go from the Go types of the wire. Change those, then: go test ./web -run TestTypes -update\n")
	for _, list := range []struct {
		doc, name string
		values    []string
	}{
		{"Every event that a room tells.", "EventType", room.EventTypes()},
		{"Every command that a room takes.", "CommandType", room.CommandTypes()},
		{"Every reason for refusing a command.", "RefusalCode", room.Codes},
		{"The six reactions, in the order in which pages show them.", "Feeling", room.Feelings},
	} {
		comment(&out, "", list.doc)
		fmt.Fprintf(&out, "export type %s =\n", list.name)
		for i, value := range list.values {
			fmt.Fprintf(&out, "  | %s%s\n", single(strconv.Quote(value)), map[bool]string{true: ";"}[i == len(list.values)-1])
		}
	}
	for _, name := range g.order {
		if g.wanted[name] {
			g.declaration(t, &out, name)
		}
	}
	return out.Bytes()
}

func (g *generator) declaration(t *testing.T, out *bytes.Buffer, name string) {
	d := g.declared[name]
	comment(out, "", d.doc)
	shape, ok := d.spec.Type.(*ast.StructType)
	if !ok {
		if len(d.values) == 0 {
			t.Fatalf("%s is neither a struct nor a string with constants", name)
		}
		fmt.Fprintf(out, "export type %s = %s;\n", g.name(name), strings.Join(d.values, " | "))
		return
	}
	var parents []string
	var fields bytes.Buffer
	for _, f := range shape.Fields.List {
		key, rest, _ := strings.Cut(tag(f), ",")
		switch {
		case len(f.Names) == 0 && key == "":
			parents = append(parents, g.script(name, f.Type))
		case key == "" || key == "-":
		default:
			comment(&fields, "  ", f.Comment.Text())
			optional := map[bool]string{true: "?"}[strings.Contains(rest, "omit")]
			fmt.Fprintf(&fields, "  %s%s: %s;\n", key, optional, g.script(name, f.Type))
		}
	}
	extends := ""
	if len(parents) > 0 {
		extends = " extends " + strings.Join(parents, ", ")
	}
	fmt.Fprintf(out, "export interface %s%s {\n%s}\n", g.name(name), extends, fields.String())
}

// script is a Go type in TypeScript. in is the type that refers to it.
func (g *generator) script(in string, expr ast.Expr) string {
	pkg, _, _ := strings.Cut(in, ".")
	switch e := expr.(type) {
	case *ast.StarExpr:
		return g.script(in, e.X)
	case *ast.ArrayType:
		return g.script(in, e.Elt) + "[]"
	case *ast.MapType:
		return "Record<string, " + g.script(in, e.Value) + ">"
	case *ast.SelectorExpr:
		if full := e.X.(*ast.Ident).Name + "." + e.Sel.Name; full == "json.RawMessage" {
			return "unknown"
		} else {
			return g.refer(full)
		}
	case *ast.Ident:
		switch e.Name {
		case "string":
			return "string"
		case "bool":
			return "boolean"
		case "int", "int64", "uint64", "float64":
			return "number"
		}
		return g.refer(pkg + "." + e.Name)
	}
	panic(fmt.Sprintf("%s refers to a %v", in, reflect.TypeOf(expr)))
}

func (g *generator) refer(name string) string {
	if g.declared[name].spec == nil {
		panic("unknown type " + name + ": add its file to TestTypes")
	}
	g.want(name)
	return g.name(name)
}

func (g *generator) name(full string) string {
	if name := renamed[full]; name != "" {
		return name
	}
	_, name, _ := strings.Cut(full, ".")
	return name
}

func tag(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	return reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("json")
}

func single(quoted string) string { return "'" + strings.Trim(quoted, `"`) + "'" }

func comment(out *bytes.Buffer, indent, text string) {
	lines := slices.Collect(strings.Lines(strings.TrimSpace(text)))
	switch {
	case len(lines) == 1 && indent != "":
		fmt.Fprintf(out, "%s/** %s */\n", indent, lines[0])
	case len(lines) > 0:
		fmt.Fprintf(out, "%s/**\n", indent)
		for _, line := range lines {
			fmt.Fprintf(out, "%s * %s\n", indent, strings.TrimSpace(line))
		}
		fmt.Fprintf(out, "%s */\n", indent)
	}
}
