package story

import "encoding/json"

// Plan is what a narrator makes of a scene that was told. The zero Plan says nothing.
type Plan struct {
	Notes   json.RawMessage     // for the scenes after it, in a format of its own
	Choices []Choice            // ways on that it invented, with Label, Hook and P, the likeliest first; the room does the rest
	Words   map[string][]string // where they came from, for viewers: lines by language, as poll results are told
	Record  json.RawMessage     // the same for the staff, in full: the JSON of a plan.Why
}
