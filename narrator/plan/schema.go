package plan

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Schema is the JSON schema of an answer, to be sent with a request where the backend can hold its model to one. It is flat: every property
// is required, nothing is optional and there is no oneOf, on which some backends' compilers choke.
func Schema() json.RawMessage { return bytes.Clone(schema) }

// NotesSchema is that of an answer without ways to go on: what there is to remember of a beat whose choices are the author's.
func NotesSchema() json.RawMessage { return bytes.Clone(notesSchema) }

var notesSchema = compact(object(notes...))

var notes = []property{
	{"v", `{"type":"integer","enum":[1]}`},
	{"summary", text(MaxSummary)},
	{"facts_add", list(MaxFacts, object(property{"s", text(MaxTerm)}, property{"p", text(MaxTerm)}, property{"o", text(MaxTerm)}))},
	{"facts_end", list(MaxFacts, text(MaxID))},
	{"threads", list(MaxThreads, object(property{"id", text(MaxID)}, property{"status", oneOf(Open, Advanced, Closed)}))},
	{"mood", object(property{"valence", number(-1, 1)}, property{"arousal", number(0, 1)}, property{"tension", number(0, 1)})},
}

var schema = compact(object(append(slices.Clip(notes),
	property{"candidates", list(MaxCandidates, object(
		property{"id", text(MaxID)},
		property{"label", text(MaxLabel)},
		property{"hook", text(MaxHook)},
		property{"kind", oneOf(Kinds()...)},
		property{"risk", `{"type":"integer","minimum":0,"maximum":` + quoted(MaxRisk) + `}`},
		property{"prob", number(0, 1)},
		property{"why", text(MaxWhy)},
		property{"uses", list(MaxUses, text(MaxID))},
		property{"ends", `{"type":"boolean"}`},
	))},
	property{"end", object(property{"is_end", `{"type":"boolean"}`}, property{"kind", text(MaxEndKind)})},
)...))

type property struct{ name, schema string }

// object requires all of its properties, in the order in which the model is to write them, and allows no others.
func object(properties ...property) string {
	var names []string
	var all bytes.Buffer
	for i, p := range properties {
		if i > 0 {
			all.WriteByte(',')
		}
		names = append(names, p.name)
		all.WriteString(quoted(p.name) + ":" + p.schema)
	}
	return `{"type":"object","properties":{` + all.String() + `},"required":` + quoted(names) + `,"additionalProperties":false}`
}

func text(most int) string {
	return `{"type":"string","maxLength":` + quoted(most) + `}`
}

func list(most int, items string) string {
	return `{"type":"array","maxItems":` + quoted(most) + `,"items":` + items + `}`
}

func number(least, most int) string {
	return `{"type":"number","minimum":` + quoted(least) + `,"maximum":` + quoted(most) + `}`
}

func oneOf[T ~string](values ...T) string {
	return `{"type":"string","enum":` + quoted(values) + `}`
}

func quoted(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers, strings and lists of them always can be
	}
	return string(b)
}

func compact(s string) json.RawMessage {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(s)); err != nil {
		panic(err)
	}
	return b.Bytes()
}
