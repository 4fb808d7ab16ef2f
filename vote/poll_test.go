package vote

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// seed1 is the seed of every poll of the tests unless they are about seeds.
var seed1 = [32]byte{1}

// letters are n choices: a, b, c, …
func letters(n int) []Choice {
	choices := make([]Choice, n)
	for i := range choices {
		id := string(rune('a' + i))
		choices[i] = Choice{ID: id, Label: strings.ToUpper(id)}
	}
	return choices
}

// open is a poll with n lettered choices and the default rules, changed by change if that is not nil.
func open(t testing.TB, n int, change func(*Rules)) *Poll {
	t.Helper()
	rules := DefaultRules()
	if change != nil {
		change(&rules)
	}
	p, err := New("show-1/3", letters(n), rules, seed1)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// cast gives each ballot, such as "a" or "bca", to another viewer: v1, v2, …
func cast(t testing.TB, p *Poll, ballots ...string) {
	t.Helper()
	for _, b := range ballots {
		if err := p.Cast(fmt.Sprint("v", p.Turnout()+1), strings.Split(b, "")); err != nil {
			t.Fatalf("cast %s: %v", b, err)
		}
	}
}

func with(method Method) func(*Rules) { return func(r *Rules) { r.Method = method } }

func TestNew_Refuses(t *testing.T) {
	nine := letters(MaxChoices)
	tests := []struct {
		name    string
		id      string
		choices []Choice
		rules   func(*Rules)
		want    string // in the error; "" when it opens
	}{
		{"one choice", "p", letters(1), nil, ""},
		{"as many as there may be", "p", nine, nil, ""},
		{"one too many", "p", letters(MaxChoices + 1), nil, "choices must be 1 to 9, not 10"},
		{"no choices", "p", nil, nil, "choices must be 1 to 9, not 0"},
		{"no id", "", nine, nil, "id is empty"},
		{"a choice without id", "p", []Choice{{ID: "a"}, {Label: "B"}}, nil, "choice 2 has no id"},
		{"an id twice", "p", []Choice{{ID: "a"}, {ID: "b"}, {ID: "a"}}, nil, `choice id "a" is there twice`},
		{"a default that exists", "p", nine, func(r *Rules) { r.Default = "i" }, ""},
		{"a default that does not", "p", nine, func(r *Rules) { r.Default = "z" }, `default "z" is not among the choices`},
		{"bad rules", "p", nine, func(r *Rules) { r.Quorum = 2 }, "quorum must be from 0 to 1, not 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rules := DefaultRules()
			if tt.rules != nil {
				tt.rules(&rules)
			}
			p, err := New(tt.id, tt.choices, rules, seed1)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) || p != nil {
				t.Errorf("got poll %v, error %v; want error with %q", p, err, tt.want)
			}
		})
	}
}

func TestNew_KeepsItsOwnChoices(t *testing.T) {
	choices := letters(2)
	p, err := New("p", choices, DefaultRules(), seed1)
	if err != nil {
		t.Fatal(err)
	}
	choices[0].ID = "z"
	if err := p.Cast("v1", []string{"a"}); err != nil {
		t.Errorf("cast after the caller changed its slice: %v", err)
	}
}

func TestPoll_Cast(t *testing.T) {
	tests := []struct {
		name   string
		method Method
		ballot []string
		want   error
		kept   []string // as Ballot tells it
	}{
		{"plurality", Plurality, []string{"b"}, nil, []string{"b"}},
		{"plurality, none", Plurality, []string{}, ErrNoChoice, nil},
		{"plurality, nil", Plurality, nil, ErrNoChoice, nil},
		{"plurality, two", Plurality, []string{"a", "b"}, ErrTooManyChoices, nil},
		{"plurality, unknown", Plurality, []string{"z"}, ErrNoSuchChoice, nil},
		{"plurality, empty id", Plurality, []string{""}, ErrNoSuchChoice, nil},
		{"approval, one", Approval, []string{"c"}, nil, []string{"c"}},
		{"approval, all, as listed", Approval, []string{"c", "a", "b"}, nil, []string{"a", "b", "c"}},
		{"approval, none", Approval, nil, ErrNoChoice, nil},
		{"approval, one twice", Approval, []string{"a", "a"}, ErrTooManyChoices, nil},
		{"approval, four of three", Approval, []string{"a", "b", "c", "z"}, ErrTooManyChoices, nil},
		{"approval, unknown", Approval, []string{"a", "z"}, ErrNoSuchChoice, nil},
		{"ranked, one", Ranked, []string{"b"}, nil, []string{"b"}},
		{"ranked, all, in order", Ranked, []string{"c", "a", "b"}, nil, []string{"c", "a", "b"}},
		{"ranked, one twice", Ranked, []string{"b", "a", "b"}, ErrTooManyChoices, nil},
		{"ranked, none", Ranked, nil, ErrNoChoice, nil},
		{"ranked, unknown", Ranked, []string{"z", "a"}, ErrNoSuchChoice, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, 3, with(tt.method))
			if err := p.Cast("v1", tt.ballot); !errors.Is(err, tt.want) {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
			if diff := cmp.Diff(tt.kept, p.Ballot("v1")); diff != "" {
				t.Errorf("ballot (-want +got):\n%s", diff)
			}
			if got, want := p.Turnout(), min(1, len(tt.kept)); got != want {
				t.Errorf("got turnout %d, want %d", got, want)
			}
		})
	}
}

func TestPoll_ChangedVoteCountsOnce(t *testing.T) {
	for _, method := range []Method{Plurality, Approval, Ranked} {
		p := open(t, 3, with(method))
		cast(t, p, "a", "b")
		if err := p.Cast("v1", []string{"c"}); err != nil {
			t.Fatalf("%s: %v", method, err)
		}
		if diff := cmp.Diff(map[string]int{"a": 0, "b": 1, "c": 1}, p.Counts()); diff != "" || p.Turnout() != 2 {
			t.Errorf("%s: turnout %d, counts (-want +got):\n%s", method, p.Turnout(), diff)
		}
	}
}

func TestPoll_BadChangeKeepsTheOldBallot(t *testing.T) {
	p := open(t, 3, with(Ranked))
	cast(t, p, "ab")
	for _, bad := range [][]string{nil, {"z"}, {"c", "c"}, {"a", "b", "c", "a"}} {
		if err := p.Cast("v1", bad); err == nil {
			t.Errorf("%v was taken", bad)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, p.Ballot("v1")); diff != "" {
		t.Errorf("ballot (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"a": 1, "b": 0, "c": 0}, p.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
}

func TestPoll_VotesThatMayNotChange(t *testing.T) {
	p := open(t, 3, func(r *Rules) { r.Method, r.ChangeVotes = Approval, false })
	cast(t, p, "ab")
	for _, same := range [][]string{{"a", "b"}, {"b", "a"}} {
		if err := p.Cast("v1", same); err != nil {
			t.Errorf("retry as %v: %v", same, err)
		}
	}
	for _, other := range [][]string{{"a"}, {"a", "b", "c"}, {"c"}} {
		if err := p.Cast("v1", other); !errors.Is(err, ErrAlreadyVoted) {
			t.Errorf("change to %v: got %v, want ErrAlreadyVoted", other, err)
		}
	}
	if diff := cmp.Diff([]string{"a", "b"}, p.Ballot("v1")); diff != "" {
		t.Errorf("ballot (-want +got):\n%s", diff)
	}
}

func TestPoll_LateBallot(t *testing.T) {
	p := open(t, 2, nil)
	cast(t, p, "a")
	p.Close(3)
	if err := p.Cast("v2", []string{"b"}); !errors.Is(err, ErrClosed) {
		t.Errorf("late ballot: got %v, want ErrClosed", err)
	}
	if err := p.Cast("v1", []string{"b"}); !errors.Is(err, ErrClosed) {
		t.Errorf("late change: got %v, want ErrClosed", err)
	}
	if err := p.Cast("v2", []string{"z"}); !errors.Is(err, ErrClosed) {
		t.Errorf("late nonsense: got %v, want ErrClosed", err)
	}
	if err := p.Cast("v1", []string{"a"}); err != nil {
		t.Errorf("retry of a ballot that counts, after the close: %v", err)
	}
	if p.Void("v1") {
		t.Error("a ballot of a closed poll was voided")
	}
	if got := p.Counts(); got["a"] != 1 || got["b"] != 0 {
		t.Errorf("counts moved after the close: %v", got)
	}
}

func TestPoll_Void(t *testing.T) {
	p := open(t, 3, func(r *Rules) { r.Method, r.ChangeVotes = Approval, false })
	cast(t, p, "ab", "bc")
	if !p.Void("v1") {
		t.Error("no ballot found to void")
	}
	if p.Void("v1") || p.Void("nobody") {
		t.Error("voided a ballot that is not there")
	}
	if diff := cmp.Diff(map[string]int{"a": 0, "b": 1, "c": 1}, p.Counts()); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	if p.Turnout() != 1 || p.Ballot("v1") != nil {
		t.Errorf("turnout %d, ballot %v", p.Turnout(), p.Ballot("v1"))
	}
	if err := p.Cast("v1", []string{"c"}); err != nil {
		t.Errorf("vote after a void: %v", err)
	}
}

func TestPoll_BallotIsACopy(t *testing.T) {
	p := open(t, 2, nil)
	given := []string{"a"}
	if err := p.Cast("v1", given); err != nil {
		t.Fatal(err)
	}
	given[0], p.Ballot("v1")[0] = "b", "b"
	p.Counts()["a"] = 7
	if got := p.Ballot("v1")[0]; got != "a" {
		t.Errorf("ballot became %q from outside", got)
	}
	if got := p.Counts()["a"]; got != 1 {
		t.Errorf("count became %d from outside", got)
	}
}

func TestPoll_JSONRefuses(t *testing.T) {
	whole := open(t, 2, nil)
	cast(t, whole, "a", "b")
	good, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	for name, swap := range map[string][2]string{
		"a ballot for nobody": {`"v1":["a"]`, `"v1":["z"]`},
		"an empty ballot":     {`"v1":["a"]`, `"v1":[]`},
		"two votes of one":    {`"v1":["a"]`, `"v1":["a","b"]`},
		"a short seed":        {`"seed":"AQAA`, `"seed":"`},
		"a broken rule":       {`"quorum":0`, `"quorum":-1`},
		"a missing id":        {`"id":"show-1/3"`, `"id":""`},
		"a twin":              {`"id":"b"`, `"id":"a"`},
		"a wrong type":        {`"closed":false`, `"closed":1`},
	} {
		t.Run(name, func(t *testing.T) {
			bad := strings.Replace(string(good), swap[0], swap[1], 1)
			if bad == string(good) {
				t.Fatalf("%s is not in %s", swap[0], good)
			}
			p := open(t, 3, nil)
			cast(t, p, "c")
			if err := json.Unmarshal([]byte(bad), p); err == nil {
				t.Error("it was read")
			}
			if p.Turnout() != 1 || p.Counts()["c"] != 1 {
				t.Errorf("the poll was changed: %v", p.Counts())
			}
		})
	}
}

func BenchmarkPoll_Cast(b *testing.B) {
	const audience = 100_000
	for _, method := range []Method{Plurality, Approval, Ranked} {
		b.Run(string(method), func(b *testing.B) {
			p := open(b, MaxChoices, with(method))
			viewers := make([]string, audience)
			for i := range viewers {
				viewers[i] = fmt.Sprint("viewer-", i)
				if err := p.Cast(viewers[i], []string{"a"}); err != nil {
					b.Fatal(err)
				}
			}
			choices := p.ids()
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				place := i / audience % MaxChoices
				if err := p.Cast(viewers[i%audience], choices[place:place+1]); err != nil {
					b.Fatal(err)
				}
				i++
			}
		})
	}
}

func BenchmarkPoll_Counts(b *testing.B) {
	p := open(b, MaxChoices, nil)
	for i := range 100_000 {
		if err := p.Cast(fmt.Sprint("viewer-", i), []string{"a"}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Counts()
	}
}

func BenchmarkPoll_CloseRanked(b *testing.B) {
	p := open(b, MaxChoices, with(Ranked))
	ids := p.ids()
	for i := range 100_000 {
		turn := i % MaxChoices
		ballot := append(append([]string{}, ids[turn:]...), ids[:turn]...)
		if err := p.Cast(fmt.Sprint("viewer-", i), ballot); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		p.Close(100_000)
	}
}
