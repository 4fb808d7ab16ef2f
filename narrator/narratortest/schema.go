package narratortest

import (
	"encoding/json"
	"strings"
)

// Allowed is a JSON text that a schema allows, the smallest of its kind: each required property, the first of several values, the least lengths and
// numbers. It knows type, properties, required, items, enum, const, anyOf, minLength, minItems and minimum; a test with more says what it wants.
func Allowed(schema json.RawMessage) string {
	var s node
	if err := json.Unmarshal(schema, &s); err != nil {
		return "null"
	}
	text, _ := json.Marshal(s.value()) // maps, slices, strings and numbers
	return string(text)
}

type node struct {
	Type       string
	Properties map[string]*node
	Required   []string
	Items      *node
	Enum       []any
	Const      any
	AnyOf      []*node
	MinLength  int
	MinItems   int
	Minimum    float64
}

func (n *node) value() any {
	switch {
	case n == nil:
		return nil
	case n.Const != nil:
		return n.Const
	case len(n.Enum) > 0:
		return n.Enum[0]
	case len(n.AnyOf) > 0:
		return n.AnyOf[0].value()
	}
	switch n.Type {
	case "object":
		object := map[string]any{}
		for _, name := range n.Required {
			object[name] = n.Properties[name].value()
		}
		return object
	case "array":
		list := []any{}
		for range n.MinItems {
			list = append(list, n.Items.value())
		}
		return list
	case "string":
		return strings.Repeat("a", n.MinLength)
	case "number", "integer":
		return n.Minimum
	case "boolean":
		return false
	}
	return nil
}
