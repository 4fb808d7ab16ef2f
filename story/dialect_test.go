package story

import (
	"strings"
	"testing"
)

// dialectCase is a passage of a format and what a show sees of it. report is what the warnings say; "" is none at all.
type dialectCase struct {
	name, body string
	text       string
	choices    []string
	report     string
}

func testDialect(t *testing.T, format, setup string, cases []dialectCase) {
	t.Helper()
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			s, report := parse(t, format, setup+":: Start\n"+test.body+"\n:: Hall\nhi\n:: Cave\nhi\n")
			told, _ := enter(t, s, s.Begin(1), "Start")
			diff(t, "text", told.Text, test.text)
			diff(t, "choices", labels(told), test.choices)
			var warnings []string
			for _, line := range report {
				if !strings.HasPrefix(line, "note: ") {
					warnings = append(warnings, line)
				}
			}
			if test.report == "" && len(warnings) > 0 {
				t.Errorf("report: %q", warnings)
			}
			mustContain(t, warnings, test.report)
		})
	}
}

func TestSugarCube(t *testing.T) {
	setup := ":: StoryInit\n<<set $n to 3, $yes to true, $no to false, $who to \"Ada\", $l to [\"a\", \"b\"], $cat.age to 7>>\n"
	testDialect(t, "SugarCube", setup, []dialectCase{
		{name: "variables", body: "$who is $n. $l[1]$l[$n - 3] $cat.age $l.length", text: "Ada is 3. ba 7 2"},
		{name: "a sentence's dot", body: "$who.Then she left.", text: "Ada.Then she left."},
		{name: "a price", body: "It costs $5 or 5$.", text: "It costs $5 or 5$."},
		{name: "Chinese goes on at once", body: "$who走进房间。", text: "Ada走进房间。"},
		{name: "never set", body: "a $ghost b", text: "a b", report: "$ghost is never set"},
		{name: "set and print", body: "<<set $x to $n * 2>><<print $x>> <<= $x + 1>> <<- \"z\">>", text: "6 7 z"},
		{name: "set alone on its line", body: "one\n<<set $x to 1>>\ntwo", text: "one two"},
		{name: "temporary", body: "<<set _t to 2>>_t <<= _t * 2>> _other snake_case", text: "2 4 _other snake_case"},
		{name: "if", body: "<<if $yes>>one<</if>><<if $no>>two<</if>>", text: "one"},
		{name: "else", body: "<<if $no>>one<<else>>two<</if>>", text: "two"},
		{name: "elseif", body: "<<if $no>>one<<elseif $n gt 2>>two<<else>>three<</if>>", text: "two"},
		{name: "else if", body: "<<if $no>>one<<else if $n is 3>>two<</if>>", text: "two"},
		{name: "nested", body: "<<if $yes>><<if $no>>a<<else>>b<</if>>c<<else>>d<</if>>", text: "bc"},
		{name: "arms on lines", body: "one\n\n<<if $yes>>\ntwo\n<<else>>\nthree\n<</if>>\n\nfour", text: "one\n\ntwo\n\nfour"},
		{name: "links in arms", body: "<<if $yes>>\n[[In->Hall]]\n<<else>>\n[[Out->Cave]]\n<</if>>\n[[Stay->Start]]", choices: []string{"In", "Stay"}},
		{name: "signs in strings", body: `<<if $who is ">>">>a<<else>><<= "<</if>>">>b<</if>>`, text: "<</if>>b"},
		{name: "if not closed", body: "<<if $yes>>one", text: "one", report: "<<if>> is not closed"},
		{name: "else alone", body: "one<<else>>two<</if>>", text: "onetwo", report: "<<else>> has no beginning"},
		{name: "bad test drops its arm", body: "<<if $n !>>one<<else>>two<</if>>", text: "two", report: "cannot be read"},
		{name: "bad value", body: "a <<= 1 / 0>> b", text: "a b", report: "division by zero"},
		{name: "division by a constant zero", body: "a <<= $n / 0>> b", text: "a b", report: "division by zero"},
		{name: "types that do not go together", body: "a <<= \"x\" - 1>> b", text: "a b", report: "do not go together"},
		{name: "unknown passage", body: "<<if visited(\"Sea\")>>a<</if>>", report: `there is no passage of that name`},
		{name: "comments", body: "a/* gone */b/% gone %/c<!-- gone\n\ngone -->d", text: "abcd"},
		{name: "comment not closed", body: "a /* b", text: "a /* b"},
		{name: "nobr", body: "<<nobr>>one\n\ntwo<</nobr>>", text: "one two"},
		{name: "silently", body: "a<<silently>>b<<set $n to 9>>[[Hall]]<</silently>>$n", text: "a9"},
		{name: "timed", body: "a <<timed 2s>>b<</timed>> c", text: "a b c", report: `"vote" key of kino`},
		{name: "repeat", body: "<<repeat 2s>>b<</repeat>>", text: "b", report: `"vote" key of kino`},
		{name: "unknown macro", body: "a <<cacheaudio \"x\" 'y.mp3'>> b", text: "a b", report: "<<cacheaudio>> is not supported"},
		{name: "unknown container", body: "a <<fancy>>b<</fancy>>", text: "a b", report: "<<fancy>> is not supported"},
		{name: "apostrophe in an unknown macro", body: "<<say It's late>>b, it's c", text: "b, it's c", report: "<<say>> is not supported"},
		{name: "script", body: "a<<script>>alert([[Hall]])<</script>>b<script>x</script>c<style>y</style>d", text: "abcd", report: "is never run"},
		{name: "image", body: "a [img[x.png]] b", text: "a b", report: "pictures"},
		{name: "not a macro", body: "a << b and c >> d", text: "a << b and c >> d"},
		{name: "Harlowe's is text here", body: "(if: $yes)[a]", text: "(if: true)[a]"},
	})
}

func TestHarlowe(t *testing.T) {
	setup := ":: Init [startup]\n(set: $n to 3, $yes to true)(set: $who to \"Ada\")\n"
	testDialect(t, "Harlowe", setup, []dialectCase{
		{name: "variables", body: "$who has $n.", text: "Ada has 3."},
		{name: "set", body: "(set: $n to it + 1)$n (set: _t to 2)_t", text: "4 2"},
		{name: "print", body: "(print: $n * 2) (print: (random: 4, 4))", text: "6 4"},
		{name: "if", body: "(if: $yes)[one](else:)[two]", text: "one"},
		{name: "else-if", body: "(if: $n is 1)[one] (else-if: $n is 3)[two]\n(else:)[three]", text: "two"},
		{name: "elseif and capitals", body: "(IF: $n is 1)[one](elseIf: $n > 2)[two]", text: "two"},
		{name: "unless", body: "(unless: $yes)[one](else:)[two]", text: "two"},
		{name: "nested hooks", body: "(if: $yes)[a (if: $n > 5)[b](else:)[c] d]", text: "a c d"},
		{name: "link in a hook", body: "(if: $yes)[[[In->Hall]]]", choices: []string{"In"}},
		{name: "link after a condition", body: "(if: $yes)[a]\n[[In->Hall]]", text: "a", choices: []string{"In"}},
		{name: "link-goto", body: "(link-goto: \"In\", \"Hall\")\n(link-goto: \"Cave\")\n(link-goto: $who, \"Hall\")", choices: []string{"In", "Cave", "Ada"}},
		{name: "link-goto computed", body: "(link-goto: \"In\", $who)", report: "(link-goto:) needs"},
		{name: "brackets in strings", body: `(print: ")" + "(")`, text: ")("},
		{name: "collapsed space", body: "{one\n\n(set: $n to 5)\n$n}", text: "one 5"},
		{name: "live", body: "(live: 2s)[a]", text: "a", report: `"vote" key of kino`},
		{name: "after", body: "(after: 2s)[a]", text: "a", report: `"vote" key of kino`},
		{name: "unknown", body: "(text-style: \"bold\")[a] b", text: "a b", report: "(textstyle:) is not supported"},
		{name: "else alone", body: "(else:)[a]", text: "a", report: "no (if:) before it"},
		{name: "if without a hook", body: "(if: $yes) a", text: "a", report: "no [text] after it"},
		{name: "hook not closed", body: "(if: $yes)[a", text: "a", report: "not closed by ]"},
		{name: "prose", body: "A [bracket] and (another).", text: "A [bracket] and (another)."},
		{name: "SugarCube's is text here", body: "<<if $yes>>a<</if>>", text: "<<if true>>a<</if>>"},
	})
}

func TestChapbook(t *testing.T) {
	testDialect(t, "Chapbook", "", []dialectCase{
		{name: "variables", body: "n: 2\nwho: 'Ada'\n--\n{who} has {n + 1}.", text: "Ada has 3."},
		{name: "conditional variable", body: "n: 2\nn (n > 1): 5\nn (n > 9): 7\n--\n{n}", text: "5"},
		{name: "no variables", body: "one -- two", text: "one -- two"},
		{name: "if", body: "n: 2\n--\none\n\n[if n is 2]\ntwo\n\n[continue]\nthree", text: "one\n\ntwo\n\nthree"},
		{name: "else", body: "n: 2\n--\n[if n is 1]\none\n[else]\ntwo", text: "two"},
		{name: "unless", body: "n: 2\n--\n[unless n is 1]\none\n[else]\ntwo\n[cont'd]\nthree", text: "one three"},
		{name: "links", body: "n: 2\n--\n[if n is 2]\n[[In->Hall]]\n[if n is 1]\n[[Out->Cave]]\n[continue]\n[[Stay {n}->Start]]", choices: []string{"In", "Stay 2"}},
		{name: "else alone", body: "[else]\none", text: "one", report: "no [if] before it"},
		{name: "after", body: "[after 2 seconds]\none", text: "one", report: `"vote" key of kino`},
		{name: "note", body: "one\n[note to myself]\nforget this\n[continue]\ntwo", text: "one two"},
		{name: "unknown modifier", body: "[align center]\none", text: "one", report: "[align] is not supported"},
		{name: "unknown insert", body: "a {embed passage: 'Hall'} b", text: "a b", report: "cannot be read"},
		{name: "braces", body: "a {} {\nb", text: "a {} { b"},
		{name: "not a variable", body: "n: 2\nwhat is this\n--\n{n}", text: "2", report: "is not a variable"},
		{name: "dollars are text", body: "$n", text: "$n"},
	})
}

func TestSnowman(t *testing.T) {
	testDialect(t, "Snowman", "", []dialectCase{
		{name: "text and links", body: "one\n\n[[In->Hall]]", text: "one", choices: []string{"In"}},
		{name: "code", body: "a <% if (x) { %>b<% } %> <%= c %>", text: "a b", report: "code is not run"},
		{name: "the rest is text", body: "<<if $x>> (if: $x)[a] {b}", text: "<<if $x>> (if: $x)[a] {b}"},
	})
}

// Without a format both of the common ones are understood, and brackets of the prose are left alone.
func TestNoFormat(t *testing.T) {
	setup := ":: StoryInit\n<<set $n to 3>>\n"
	cases := []dialectCase{
		{name: "SugarCube", body: "<<if $n is 3>>a<</if>>", text: "a"},
		{name: "Harlowe", body: "(if: $n is 3)[a](else:)[b]", text: "a"},
		{name: "prose", body: "He smiled (note: not kindly) {and left}.", text: "He smiled (note: not kindly) {and left}."},
	}
	testDialect(t, "", setup, cases)
	testDialect(t, "Paperthin", setup, cases)
}

func TestReport_Lines(t *testing.T) {
	_, report := Parse("a.twee", []byte(source("SugarCube", ":: Start\none\n<<foo>>\n\n[[x->Nowhere]]\n$ghost\n:: Next\n\n\n<<bar>>\n")))
	var got []string
	for _, p := range report.Problems {
		if p.Severity == SeverityWarning {
			got = append(got, p.String())
		}
	}
	diff(t, "report", got, []string{
		`a.twee:9: warning: passage "Start": <<foo>> is not supported; it is left out and its text is kept`,
		`a.twee:11: warning: passage "Start": there is no passage "Nowhere"; the link is left out`,
		`a.twee:16: warning: passage "Next": <<bar>> is not supported; it is left out and its text is kept`,
		`a.twee:12: warning: passage "Start": $ghost is never set`,
	})
}
