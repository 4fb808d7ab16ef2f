package story

import "testing"

func TestPlain(t *testing.T) {
	for source, want := range map[string]string{
		"one\n\ntwo":                         "one\n\ntwo",
		"one\n\n\n  \n\ntwo":                 "one\n\ntwo",
		"  one   two\tthree  ":               "one two three",
		"one\ntwo":                           "one two",
		"他推开门。\n灯亮着。":                        "他推开门。灯亮着。",
		"　　他推开门。":                            "他推开门。",
		"one<br>two<BR/>three":               "one\ntwo\nthree",
		"<p>one</p><p class='x'>two</p>":     "one\n\ntwo",
		"''bold'' and //italic//":            "bold and italic",
		"''//both//''":                       "both",
		"**bold** and *italic* and __line__": "bold and italic and line",
		"***both***":                         "both",
		"~~gone~~ words":                     "gone words",
		"2 * 3 * 4 and a*b":                  "2 * 3 * 4 and a*b",
		"it's the dog's 'bone'":              "it's the dog's 'bone'",
		"see https://a.example/b and //c//":  "see https://a.example/b and c",
		"a <b class=\"x\">bold</b> word":     "a bold word",
		"1 < 2 and 3 > 2":                    "1 < 2 and 3 > 2",
		"fish &amp; chips &lt;b&gt; &#39;":   "fish & chips <b> '",
		"a&nbsp;&nbsp;b":                     "a b",
		"&#1;&#0;x":                          "\uFFFDx",
		"# Title\ntext":                      "Title text",
		"one\n----\ntwo":                     "one\n\ntwo",
		"":                                   "",
		"snake_case_name and 50%":            "snake_case_name and 50%",
	} {
		diff(t, source, plain(source), want)
	}
}
