package server

import (
	"encoding/json"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"kinoautomat/room"
)

type object = map[string]any

// documents compares the two YAML documents with Go types and remembers what it has met.
type documents struct {
	t     *testing.T
	files map[string]object
	met   map[string]bool // schemas, as FILE#/components/schemas/NAME
}

func readDocuments(t *testing.T) *documents {
	t.Helper()
	d := &documents{t: t, files: map[string]object{}, met: map[string]bool{}}
	for name, text := range map[string][]byte{"asyncapi.yaml": asyncAPI, "openapi.yaml": openAPI} {
		var root object
		if err := yaml.Unmarshal(text, &root); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		d.files[name] = root
	}
	return d
}

// at walks a JSON pointer.
func (d *documents) at(file, pointer string) object {
	d.t.Helper()
	here := d.files[file]
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		next, ok := here[part].(object)
		if !ok {
			d.t.Fatalf("%s has no %s", file, pointer)
		}
		here = next
	}
	return here
}

// resolve follows a schema's reference, if it is one.
func (d *documents) resolve(file string, schema object) (string, object) {
	d.t.Helper()
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			return file, schema
		}
		other, pointer, _ := strings.Cut(ref, "#")
		if other != "" {
			file = other
		}
		d.met[file+"#"+pointer] = true
		schema = d.at(file, pointer)
	}
}

// gather is a struct's schema with those that it builds on.
func (d *documents) gather(file string, schema object) (properties map[string]property, required []string) {
	d.t.Helper()
	file, schema = d.resolve(file, schema)
	properties = map[string]property{}
	for _, base := range list(schema["allOf"]) {
		more, needed := d.gather(file, base.(object))
		maps.Copy(properties, more)
		required = append(required, needed...)
	}
	own, _ := schema["properties"].(object)
	for name, p := range own {
		properties[name] = property{file, p.(object)}
	}
	for _, name := range list(schema["required"]) {
		required = append(required, name.(string))
	}
	slices.Sort(required)
	return properties, slices.Compact(required)
}

type property struct {
	file   string
	schema object
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// field is what encoding/json makes of a struct's field.
type field struct {
	name     string
	kind     reflect.Type
	optional bool
}

// fields flattens embedded structs, as encoding/json does.
func fields(t reflect.Type) []field {
	var all []field
	for f := range t.Fields() {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			all = append(all, fields(f.Type)...)
		case f.IsExported() && name != "-":
			all = append(all, field{name, f.Type, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")})
		}
	}
	return all
}

var kinds = map[reflect.Kind]string{
	reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer", reflect.Int64: "integer", reflect.Uint64: "integer",
	reflect.Float64: "number", reflect.Slice: "array", reflect.Map: "object", reflect.Struct: "object", reflect.Interface: "object",
}

// compare holds a schema against a Go type. where says what is compared, for the failure's text.
func (d *documents) compare(where, file string, schema object, t reflect.Type) {
	d.t.Helper()
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if ref, ok := schema["$ref"].(string); ok && t.Kind() == reflect.Struct && !strings.EqualFold(ref[strings.LastIndexByte(ref, '/')+1:], t.Name()) {
		d.t.Errorf("%s: the schema is %s, the Go type %s", where, ref, t.Name())
	}
	file, schema = d.resolve(file, schema)
	kind := schema["type"]
	if either := list(kind); len(either) == 2 && either[1] == "null" && t.Kind() == reflect.Map {
		kind = either[0]
	}
	if want := kinds[t.Kind()]; kind != want {
		d.t.Errorf("%s: type is %v in %s, %s (%s) in Go", where, kind, file, want, t)
		return
	}
	if values, ok := enums[t]; ok {
		var got []string
		for _, v := range list(schema["enum"]) {
			if v != "" {
				got = append(got, v.(string))
			}
		}
		if diff := cmp.Diff(values, got); diff != "" {
			d.t.Errorf("%s: values (-Go +%s):\n%s", where, file, diff)
		}
	}
	switch t.Kind() {
	case reflect.Slice:
		items, _ := schema["items"].(object)
		d.compare(where+"[]", file, items, t.Elem())
	case reflect.Map:
		values, _ := schema["additionalProperties"].(object)
		d.compare(where+"{}", file, values, t.Elem())
	case reflect.Struct:
		d.compareFields(where, file, schema, t)
	}
}

func (d *documents) compareFields(where, file string, schema object, t reflect.Type) {
	d.t.Helper()
	properties, required := d.gather(file, schema)
	var needed []string
	for _, f := range fields(t) {
		p, ok := properties[f.name]
		if !ok {
			d.t.Errorf("%s: field %s of Go's %s is missing in %s", where, f.name, t, file)
			continue
		}
		delete(properties, f.name)
		if !f.optional {
			needed = append(needed, f.name)
		}
		d.compare(where+"."+f.name, p.file, p.schema, f.kind)
	}
	for extra := range properties {
		d.t.Errorf("%s: field %s in %s is not in Go's %s", where, extra, file, t)
	}
	slices.Sort(needed)
	if diff := cmp.Diff(needed, required); diff != "" {
		d.t.Errorf("%s: required fields (-Go +%s):\n%s", where, file, diff)
	}
}

func TestAsyncAPIMatchesTheTypes(t *testing.T) {
	d := readDocuments(t)
	all := maps.Clone(commandData)
	maps.Copy(all, eventData)
	maps.Copy(all, answerData)
	described := d.at("asyncapi.yaml", "/components/messages")
	same(t, "types of frames (-Go +asyncapi.yaml)", sortedKeys(all), sortedKeys(described))
	same(t, "types of the channel", sortedKeys(all), sortedKeys(d.at("asyncapi.yaml", "/channels/room/messages")))
	same(t, "commands of the operation", room.CommandTypes(), refNames(d.at("asyncapi.yaml", "/operations/receiveCommand")))
	same(t, "events of the operation", room.EventTypes(), refNames(d.at("asyncapi.yaml", "/operations/sendEvent")))
	for name, data := range all {
		payload := d.at("asyncapi.yaml", "/components/messages/"+name+"/payload")
		properties, required := d.gather("asyncapi.yaml", payload)
		if properties["type"].schema["const"] != name {
			t.Errorf("%s: type has the value %v", name, properties["type"].schema["const"])
		}
		p, has := properties["data"]
		if has != (data != nil) {
			t.Errorf("%s: data in asyncapi.yaml: %t, in Go: %t", name, has, data != nil)
		} else if has {
			d.compare(name, p.file, p.schema, reflect.TypeOf(data))
		}
		if wanted := data != nil && !slices.Contains([]string{"join", "ping", "ack", "approve", "poll_next"}, name); slices.Contains(required, "data") != wanted {
			t.Errorf("%s: data is required in asyncapi.yaml: %t, in Go: %t", name, !wanted, wanted)
		}
	}
	for name := range d.at("asyncapi.yaml", "/components/schemas") {
		if !d.met["asyncapi.yaml#/components/schemas/"+name] {
			t.Errorf("no frame uses the schema %s", name)
		}
	}
	var codes []string
	for _, code := range list(d.at("asyncapi.yaml", "/components/schemas/Code")["enum"]) {
		codes = append(codes, code.(string))
	}
	same(t, "error codes", room.Codes, codes)
}

func TestAsyncAPIMatchesTheRoom(t *testing.T) {
	same(t, "commands", room.CommandTypes(), sortedKeys(commandData))
	same(t, "events", room.EventTypes(), sortedKeys(eventData))
	d := readDocuments(t)
	for name, data := range commandData {
		var roles []room.Role
		for _, r := range list(d.at("asyncapi.yaml", "/components/messages/"+name)["x-roles"]) {
			roles = append(roles, room.Role(r.(string)))
		}
		same(t, name+": who may", room.CommandRoles(name), roles)
		if name != "join" && name != "ping" {
			if err := room.Check(room.Command{Type: name, Role: room.RoleHost}); (err != nil) != (data != nil && name != "approve" && name != "poll_next") {
				t.Errorf("%s without data: %v", name, err)
			}
		}
	}
	for name, data := range eventData {
		want := "seq"
		switch {
		case room.Conflated(name):
			want = "conflated"
		case room.Private(name):
			want = "private"
		case room.Passing(name):
			want = "passing"
		}
		if got := d.at("asyncapi.yaml", "/components/messages/"+name)["x-kept"]; got != want {
			t.Errorf("%s: x-kept is %v, want %s", name, got, want)
		}
		if _, required := d.gather("asyncapi.yaml", d.at("asyncapi.yaml", "/components/messages/"+name+"/payload")); slices.Contains(required, "seq") != (want == "seq") {
			t.Errorf("%s: seq is required: %t", name, want != "seq")
		}
		if room.Passing(name) || data == nil {
			continue
		}
		var e room.Event // what a journal makes of it
		if err := json.Unmarshal([]byte(`{"type":"`+name+`","data":{}}`), &e); err != nil || reflect.TypeOf(e.Data) != reflect.PointerTo(reflect.TypeOf(data)) {
			t.Errorf("%s: a room tells a %T, the documents a %T (%v)", name, e.Data, data, err)
		}
	}
	var named []string
	for name, value := range constants(t, "../room/event.go") {
		if strings.HasPrefix(name, "ev") {
			named = append(named, constant.StringVal(value))
		}
	}
	slices.Sort(named)
	known := slices.Sorted(slices.Values(append(room.EventTypes(), room.JournalTypes()...)))
	same(t, "types of events (-catalog +event.go)", slices.Compact(known), named)
}

func TestOpenAPIMatchesTheTypes(t *testing.T) {
	d := readDocuments(t)
	schemas := d.at("openapi.yaml", "/components/schemas")
	for name, data := range restData {
		d.compare(name, "openapi.yaml", d.at("openapi.yaml", "/components/schemas/"+name), reflect.TypeOf(data))
		d.met["openapi.yaml#/components/schemas/"+name] = true
	}
	answer := httptest.NewRecorder()
	problem(answer, 400, room.CodeBadData, "title", "detail")
	var body object
	if err := json.Unmarshal(answer.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	properties, _ := d.gather("openapi.yaml", d.at("openapi.yaml", "/components/schemas/Problem"))
	same(t, "fields of a problem", sortedKeys(body), sortedKeys(properties))
	for name := range schemas {
		if !d.met["openapi.yaml#/components/schemas/"+name] && name != "Problem" && name != "Status" {
			t.Errorf("no Go type is held against the schema %s", name)
		}
	}
	d.followAll("openapi.yaml", d.files["openapi.yaml"])
}

// followAll fails on a reference that leads nowhere.
func (d *documents) followAll(file string, v any) {
	switch v := v.(type) {
	case object:
		d.resolve(file, v)
		for _, part := range v {
			d.followAll(file, part)
		}
	case []any:
		for _, part := range v {
			d.followAll(file, part)
		}
	}
}

var route = regexp.MustCompile(`mux\.Handle(?:Func)?\("([A-Z]+) (/[^"]*)", (?:s\.(\w+)|promhttp)`)

// routes are the REST calls that the node registers, without its pages.
func routes(t *testing.T) []string {
	t.Helper()
	var calls []string
	for _, m := range route.FindAllStringSubmatch(readText(t, "server.go"), -1) {
		if m[3] != "page" {
			calls = append(calls, m[1]+" "+m[2])
		}
	}
	if len(calls) < 10 {
		t.Fatalf("only %d routes were found in server.go: %v", len(calls), calls)
	}
	slices.Sort(calls)
	return calls
}

func TestOpenAPIHasEveryRoute(t *testing.T) {
	d := readDocuments(t)
	var described []string
	for path, calls := range d.at("openapi.yaml", "/paths") {
		for method := range calls.(object) {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	slices.Sort(described)
	same(t, "calls (-server.go +openapi.yaml)", routes(t), described)
}

// ---- docs/protocol.md ----

// cells are the table under a heading of docs/protocol.md that has this first column, by the first cell without its quotes.
func cells(t *testing.T, heading, first string) map[string][]string {
	t.Helper()
	_, section, found := strings.Cut(readText(t, "../docs/protocol.md"), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	_, table, begins := strings.Cut(section, "\n| "+first+" |")
	table, _, _ = strings.Cut(table, "\n\n")
	rows := map[string][]string{}
	for line := range strings.Lines(table) {
		if !strings.HasPrefix(line, "| ") {
			continue // what is left of the head, and the rule under it
		}
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows[strings.Trim(row[0], "`")] = row[1:]
	}
	if !found || !begins || len(rows) == 0 {
		t.Fatalf("docs/protocol.md has no table of %s under %q", first, heading)
	}
	return rows
}

// shape is a type as the tables write it: {name, optional?}.
func shape(data any) string {
	if data == nil {
		return ""
	}
	var names []string
	for _, f := range fields(reflect.TypeOf(data)) {
		if f.optional {
			f.name += "?"
		}
		names = append(names, f.name)
	}
	return "{" + strings.Join(names, ", ") + "}"
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// refNames are the last parts of an operation's references.
func refNames(operation object) []string {
	var names []string
	for _, ref := range list(operation["messages"]) {
		names = append(names, filepath.Base(ref.(object)["$ref"].(string)))
	}
	slices.Sort(names)
	return names
}

func readText(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// constants reads the plain constants of Go files, so that unexported ones of another package can be compared too.
func constants(t *testing.T, pattern string) map[string]constant.Value {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	all := map[string]constant.Value{}
	for _, path := range paths {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for n := range ast.Preorder(file) {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Names) != 1 || len(spec.Values) != 1 {
				continue
			}
			// What is not plain (a time, a call) is left out.
			if v, err := types.Eval(set, nil, token.NoPos, types.ExprString(spec.Values[0])); err == nil && v.Value != nil {
				all[spec.Names[0].Name] = v.Value
			}
		}
	}
	return all
}
