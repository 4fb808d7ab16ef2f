package story

import (
	"encoding/json"
	"fmt"
	"go/ast"
	goparser "go/parser"
	gotoken "go/token"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// docs is the guide for authors, by which its tests hold the reader to its word.
func docs(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile("../docs/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// fence is one ```block of a document.
type fence struct {
	info []string // the words after the backquotes
	text string
	line int
}

func fences(document string) (all []fence) {
	var open *fence
	for i, line := range strings.Split(document, "\n") {
		info, isFence := strings.CutPrefix(line, "```")
		switch {
		case isFence && open == nil:
			open = &fence{info: strings.Fields(info), line: i + 1}
		case isFence:
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += line + "\n"
		}
	}
	return all
}

// Every example is read as the guide shows it. `twee` is a whole story, `twee fragment FORMAT` the passages of one; neither may have an
// error or a warning. `text shown` is what the fragment before it shows at its start. `twee report` is followed by its report.
func TestDocs_Examples(t *testing.T) {
	all := fences(docs(t, "stories.md"))
	counts := map[string]int{}
	for i, f := range all {
		if len(f.info) == 0 || f.info[0] != "twee" {
			continue
		}
		kind := append(f.info, "", "")[1]
		counts[kind]++
		text := f.text
		if kind == "fragment" {
			text = source(append(f.info, "SugarCube")[2], text)
		}
		s, report := Parse("harbour.twee", []byte(text))
		if kind == "report" {
			var lines strings.Builder
			for _, p := range report.Problems {
				fmt.Fprintln(&lines, p)
			}
			diff(t, fmt.Sprintf("stories.md:%d: report", f.line), lines.String(), all[i+1].text)
			continue
		}
		if err := report.Strict(); err != nil {
			t.Errorf("stories.md:%d: %v", f.line, err)
			continue
		}
		for _, n := range s.Graph().Nodes {
			enter(t, s, s.Begin(1), n.ID)
		}
		if shown := all[i+1]; slices.Equal(shown.info, []string{"text", "shown"}) {
			told, _ := enter(t, s, s.Begin(1), s.Start)
			var want strings.Builder
			want.WriteString(told.Text + "\n")
			for _, c := range told.Choices {
				want.WriteString(c.ID + ": " + c.Label + "\n")
			}
			diff(t, fmt.Sprintf("stories.md:%d: what is shown", shown.line), shown.text, want.String())
		}
	}
	if counts[""] < 2 || counts["fragment"] < 5 || counts["report"] < 1 {
		t.Errorf("examples found: %v", counts)
	}
}

// The cue of the narrator's example holds what the guide says that it holds.
func TestDocs_Narrator(t *testing.T) {
	for _, f := range fences(docs(t, "stories.md")) {
		if !strings.Contains(f.text, "Voice-1") {
			continue
		}
		s, _ := parse(t, "SugarCube", f.text)
		told, p := enter(t, s, s.Begin(1), "Start")
		told, _ = choose(t, s, p, told, "Light it")
		if !strings.Contains(told.Cue.Direction, "which is lit.") || !strings.Contains(told.Cue.Reserve[0], "flame leans") || told.Cue.MaxChars != 600 {
			t.Errorf("cue is %+v", told.Cue)
		}
		return
	}
	t.Error("there is no example for the narrator")
}

func section(document, heading string) string {
	_, part, _ := strings.Cut(document, "\n## "+heading+"\n")
	part, _, _ = strings.Cut(part, "\n## ")
	return part
}

// Every link of the table has the label that stands beside it, and leads to Quay.
func TestDocs_Links(t *testing.T) {
	links := 0
	for _, row := range rows(docs(t, "stories.md"), "Choices") {
		code := strings.Trim(row[0], "`")
		if code == row[0] {
			continue
		}
		links++
		format := "SugarCube"
		if strings.HasPrefix(code, "(") {
			format = "Harlowe"
		}
		s, report := parse(t, format, ":: Start\n"+code+"\n:: Quay\nhi\n")
		told, _ := enter(t, s, s.Begin(1), "Start")
		if len(told.Choices) != 1 || told.Choices[0].Label != row[1] || told.Choices[0].Target != "Quay" || told.Text != "" || len(report) > 0 {
			t.Errorf("%s: choices are %+v, text %q, report %q", code, told.Choices, told.Text, report)
		}
		if sets := strings.Contains(code, "$wet"); sets != (len(told.Choices[0].Effects) == 1) {
			t.Errorf("%s: effects are %q", code, told.Choices[0].Effects)
		}
	}
	if links < 7 {
		t.Errorf("%d links found", links)
	}
}

// rows are the cells of the tables under a heading; header lines are among them.
func rows(document, heading string) (all [][]string) {
	for line := range strings.SplitSeq(section(document, heading), "\n") {
		if cells, ok := strings.CutPrefix(line, "| "); ok {
			row := strings.Split(strings.TrimSuffix(strings.ReplaceAll(cells, `\|`, "\x00"), "|"), "|")
			for i := range row {
				row[i] = strings.TrimSpace(strings.ReplaceAll(row[i], "\x00", "|"))
			}
			all = append(all, row)
		}
	}
	return all
}

func TestDocs_Limits(t *testing.T) {
	limits := map[string]map[string]int{ // by the row of the table, the constants that it stands for
		"bytes of a file":     {"MaxFileBytes": MaxFileBytes},
		"passages of a story": {"MaxPassages": MaxPassages},
		"notes on a file":     {"MaxNotes": MaxNotes},
		"variables of a show": {"MaxVariables": MaxVariables},
		"bytes of a string":   {"MaxStringBytes": MaxStringBytes},
		"items of a list":     {"MaxList": MaxList},
		"choices of a scene":  {"MaxChoices": MaxChoices},
		"beats of a bridge":   {"MaxBeats": MaxBeats},
		"stories of a folder": {"MaxStories": MaxStories},
		"characters of the scene that a bridge leads to, as the narrator is told of it": {"MaxTowardRunes": MaxTowardRunes},
		"editions of a story":         {"MaxEditions": MaxEditions},
		"reserve passages of a scene": {"MaxReserve": MaxReserve},
		"characters of a passage's name, of the title, of `title`, of a label": {"MaxNameRunes": MaxNameRunes, "MaxLabelRunes": MaxLabelRunes},
		"characters of `summary`":                                      {"MaxSummaryRunes": MaxSummaryRunes},
		"words in `genres`, in `themes`":                               {"MaxWords": MaxWords},
		"entries of each list in `world`":                              {"MaxWorld": MaxWorld},
		"characters of `style`, of a rule, of a line `about` somebody": {"MaxWorldRunes": MaxWorldRunes},
		"characters of a text of `lore`":                               {"MaxLoreRunes": MaxLoreRunes},
		"characters of a direction":                                    {"MaxDirectionRunes": MaxDirectionRunes},
		"characters of a scene's text":                                 {"MaxTextRunes": MaxTextRunes},
		"conditions in conditions, brackets in brackets":               {"MaxNesting": MaxNesting},
		"bytes of one expression, macro or link":                       {"MaxExpressionBytes": MaxExpressionBytes},
		"steps of entering a scene, or of a choice":                    {"MaxSteps": MaxSteps},
		"bytes of all variables of a show":                             {"MaxVarsBytes": MaxVarsBytes},
		"errors and warnings on a file":                                {"MaxProblems": MaxProblems},
	}
	var inCode, inDocs []string
	inspect(t, "limits.go", func(n ast.Node) {
		if spec, ok := n.(*ast.ValueSpec); ok && ast.IsExported(spec.Names[0].Name) {
			inCode = append(inCode, spec.Names[0].Name)
		}
	})
	for _, row := range rows(docs(t, "stories.md"), "Limits") {
		for name, limit := range limits[row[0]] {
			inDocs = append(inDocs, name)
			if value, _, _ := strings.Cut(row[1], " "); value != strconv.Itoa(limit) {
				t.Errorf("%s: the guide says %s, the code %d", row[0], row[1], limit)
			}
		}
		if limits[row[0]] == nil && row[0] != "limit" {
			t.Errorf("%s: no such limit is known here", row[0])
		}
	}
	diff(t, "limits in the guide", sorted(inDocs), sorted(inCode))
}

// The tables of keys are complete, and name nothing that the reader does not know.
func TestDocs_Keys(t *testing.T) {
	guide := docs(t, "stories.md")
	inCode := map[string][]string{} // heading → keys
	for key := range new(Rules).targets() {
		inCode["Keys of the story"] = append(inCode["Keys of the story"], key)
	}
	inspect(t, "keys.go", func(n ast.Node) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Name.Name == "readKeys" {
				inCode["Keys of the story"] = append(inCode["Keys of the story"], mapKeys(t, n)...)
			}
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "object" {
				if name, ok := n.Args[0].(*ast.BasicLit); ok {
					for _, key := range mapKeys(t, n.Args[2]) {
						if path := strings.TrimPrefix(literalString(t, name)+"."+key, "kino."); path != "vote" {
							inCode["Keys of a passage"] = append(inCode["Keys of a passage"], path)
						}
					}
				}
			}
		}
	})
	inDocs := map[string][]string{} // heading → keys
	ranges := map[string]string{}   // key → range and default
	for _, heading := range []string{"Keys of the story", "Keys of a passage"} {
		for _, row := range rows(guide, heading) {
			if key, ok := strings.CutPrefix(row[0], "`"); ok && len(row) > 3 {
				key = strings.TrimSuffix(key, "`")
				inDocs[heading] = append(inDocs[heading], key)
				ranges[heading+" "+key] = row[len(row)-3] + " " + row[len(row)-2]
			}
		}
	}
	for heading, keys := range inCode {
		diff(t, heading, sorted(inDocs[heading]), sorted(keys))
	}

	between := func(low, high int) string { return fmt.Sprintf("%d–%d ", low, high) }
	for key, want := range map[string]string{
		"Keys of a passage vote.seconds":  between(0, maxVoteSeconds),
		"Keys of a passage vote.arm":      between(0, maxArmSeconds),
		"Keys of a passage vote.tail":     between(0, maxTailSeconds),
		"Keys of a passage llm.max_chars": between(minCueChars, maxCueChars) + strconv.Itoa(defaultCueChars),
		"Keys of the story vote_seconds":  between(0, maxVoteSeconds),
		"Keys of the story arm_seconds":   between(0, maxArmSeconds),
		"Keys of the story tail_seconds":  between(0, maxTailSeconds),
		"Keys of the story pace":          between(0, maxPace),
		"Keys of a passage llm.direction": fmt.Sprintf("up to %d characters", MaxDirectionRunes),
		"Keys of a passage llm.beats":     between(1, MaxBeats) + strconv.Itoa(defaultBeats),
		"Keys of a passage llm.reserve":   fmt.Sprintf("up to %d names", MaxReserve),
		"Keys of a passage title":         fmt.Sprintf("up to %d characters", MaxNameRunes),
		"Keys of the story summary":       fmt.Sprintf("up to %d characters", MaxSummaryRunes),
		"Keys of the story genres":        fmt.Sprintf("up to %d words", MaxWords),
		"Keys of the story themes":        fmt.Sprintf("up to %d words", MaxWords),
	} {
		if !strings.HasPrefix(ranges[key], want) {
			t.Errorf("%s: the guide says %q, want %q", key, ranges[key], want)
		}
	}
	settings := 0
	for _, row := range rows(docs(t, "protocol.md"), "Settings") {
		key := "Keys of the story " + strings.Trim(row[0], "`")
		if got, known := ranges[key]; known {
			settings++
			diff(t, key+": range and default as in protocol.md", got, row[2]+" "+row[3])
		}
	}
	diff(t, "settings that protocol.md has too", settings, len(new(Rules).targets()))
}

// Functions, operators, tags, the passages that are no scenes and the sidebar's genres are all named.
func TestDocs_Names(t *testing.T) {
	guide := docs(t, "stories.md")
	named := func(headings string, names []string) {
		t.Helper()
		for _, name := range names {
			there := false
			for heading := range strings.SplitSeq(headings, ", ") {
				there = there || strings.Contains(strings.ReplaceAll(section(guide, heading), `\|`, "|"), "`"+name)
			}
			if !there {
				t.Errorf("%s: %s is not named", headings, name)
			}
		}
	}
	named("Expressions", slices.Collect(maps.Keys(functions)))
	named("Expressions", slices.Collect(maps.Keys(operators)))
	named("Scenes", foreign)
	named("Keys of a passage", []string{"nobr"})

	var tags []string
	inspect(t, "keys.go", func(n ast.Node) {
		if f, ok := n.(*ast.FuncDecl); ok && f.Name.Name == "readTag" {
			ast.Inspect(f, func(n ast.Node) bool {
				if c, ok := n.(*ast.CaseClause); ok {
					tags = append(tags, literalString(t, c.List[0]))
				}
				return true
			})
		}
	})
	inspect(t, "check.go", func(n ast.Node) {
		if call, ok := n.(*ast.CallExpr); ok {
			if f, ok := call.Fun.(*ast.Ident); ok && f.Name == "has" {
				tags = append(tags, literalString(t, call.Args[0]))
			}
		}
	})
	if len(tags) < 14 {
		t.Errorf("tags found in the code: %v", tags)
	}
	named("Scenes, Keys of a passage", tags)

	raw, err := os.ReadFile("../recommend/lexicon.json")
	if err != nil {
		t.Fatal(err)
	}
	var lexicon struct {
		Genres map[string]json.RawMessage `json:"genres"`
	}
	if err := json.Unmarshal(raw, &lexicon); err != nil {
		t.Fatal(err)
	}
	_, genres, _ := strings.Cut(section(guide, "Keys of the story"), "knows these genres: ")
	genres = strings.TrimSuffix(strings.Join(strings.Fields(genres), " "), ".")
	diff(t, "genres", strings.Split(genres, ", "), slices.Sorted(maps.Keys(lexicon.Genres)))
}

// inspect visits what a source file of this package declares.
func inspect(t *testing.T, file string, visit func(ast.Node)) {
	t.Helper()
	parsed, err := goparser.ParseFile(gotoken.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		visit(n)
		return true
	})
}

// mapKeys are the strings that stand before a colon in n.
func mapKeys(t *testing.T, n ast.Node) (keys []string) {
	t.Helper()
	ast.Inspect(n, func(n ast.Node) bool {
		if pair, ok := n.(*ast.KeyValueExpr); ok {
			if key, ok := pair.Key.(*ast.BasicLit); ok && key.Kind == gotoken.STRING {
				keys = append(keys, literalString(t, key))
			}
		}
		return true
	})
	return keys
}

func literalString(t *testing.T, e ast.Expr) string {
	t.Helper()
	s, err := strconv.Unquote(e.(*ast.BasicLit).Value)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }
