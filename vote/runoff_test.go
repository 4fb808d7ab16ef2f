package vote

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// times repeats ballots: times(2, "ab", 1, "b") is ab, ab, b.
func times(pairs ...any) (ballots []string) {
	for pair := range slices.Chunk(pairs, 2) {
		ballots = append(ballots, slices.Repeat([]string{pair[1].(string)}, pair[0].(int))...)
	}
	return ballots
}

func TestPoll_RunOff(t *testing.T) {
	tests := []struct {
		name    string
		choices int
		ballots []string
		winner  string
		tied    []string
		rounds  []Round
	}{
		{
			// The capital of Tennessee, a textbook case: a Memphis, b Nashville, c Chattanooga, d Knoxville. Most put Memphis first,
			// Nashville would beat each other alone, and the run-off's winner is Knoxville.
			name: "Tennessee", choices: 4, ballots: times(42, "abcd", 26, "bcda", 15, "cdba", 17, "dcba"), winner: "d",
			rounds: []Round{
				{Counts: map[string]int{"a": 42, "b": 26, "c": 15, "d": 17}, Eliminated: "c"},
				{Counts: map[string]int{"a": 42, "b": 26, "d": 32}, Eliminated: "b"},
				{Counts: map[string]int{"a": 42, "d": 58}},
			},
		}, {
			name: "majority at once", choices: 3, ballots: times(3, "bac", 1, "abc", 1, "cab"), winner: "b",
			rounds: []Round{{Counts: map[string]int{"a": 1, "b": 3, "c": 1}}},
		}, {
			name: "exhausted ballots leave the majority to the others", choices: 3, ballots: times(4, "a", 3, "b", 2, "c"), winner: "a",
			rounds: []Round{
				{Counts: map[string]int{"a": 4, "b": 3, "c": 2}, Eliminated: "c"},
				{Counts: map[string]int{"a": 4, "b": 3}, Exhausted: 2},
			},
		}, {
			name: "half of all ballots, more than half of those left", choices: 4, ballots: times(6, "a", 3, "b", 2, "c", 1, "d"), winner: "a",
			rounds: []Round{
				{Counts: map[string]int{"a": 6, "b": 3, "c": 2, "d": 1}, Eliminated: "d"},
				{Counts: map[string]int{"a": 6, "b": 3, "c": 2}, Exhausted: 1},
			},
		}, {
			name: "the last two equal", choices: 3, ballots: times(2, "ca", 2, "ac", 1, "b"), tied: []string{"a", "c"},
			rounds: []Round{
				{Counts: map[string]int{"a": 2, "b": 1, "c": 2}, Eliminated: "b"},
				{Counts: map[string]int{"a": 2, "c": 2}, Exhausted: 1},
			},
		}, {
			name: "of equals in every round the one listed last goes", choices: 3, ballots: times(1, "ab", 1, "bc", 1, "cb"), winner: "b",
			rounds: []Round{
				{Counts: map[string]int{"a": 1, "b": 1, "c": 1}, Eliminated: "c"},
				{Counts: map[string]int{"a": 1, "b": 2}},
			},
		}, {
			// In round 2 a and c have 3 each; a had fewer in round 1, so a goes although c is listed after it.
			name: "of equals the one that was behind goes", choices: 4, ballots: times(2, "ac", 4, "bc", 3, "ca", 1, "da"), winner: "c",
			rounds: []Round{
				{Counts: map[string]int{"a": 2, "b": 4, "c": 3, "d": 1}, Eliminated: "d"},
				{Counts: map[string]int{"a": 3, "b": 4, "c": 3}, Eliminated: "a"},
				{Counts: map[string]int{"b": 4, "c": 5}, Exhausted: 1},
			},
		}, {
			// a and c have 8 each in round 3. In round 2 a was behind, in round 1 c was; the later round is asked first.
			name: "of equals the later round tells", choices: 5,
			ballots: times(7, "ac", 9, "b", 6, "c", 2, "dc", 2, "eb", 1, "ea"), winner: "c",
			rounds: []Round{
				{Counts: map[string]int{"a": 7, "b": 9, "c": 6, "d": 2, "e": 3}, Eliminated: "d"},
				{Counts: map[string]int{"a": 7, "b": 9, "c": 8, "e": 3}, Eliminated: "e"},
				{Counts: map[string]int{"a": 8, "b": 11, "c": 8}, Eliminated: "a"},
				{Counts: map[string]int{"b": 11, "c": 15}, Exhausted: 1},
			},
		}, {
			name: "all for one", choices: 9, ballots: []string{"i"}, winner: "i",
			rounds: []Round{{Counts: map[string]int{"a": 0, "b": 0, "c": 0, "d": 0, "e": 0, "f": 0, "g": 0, "h": 0, "i": 1}}},
		}, {
			name: "a poll of one choice", choices: 1, ballots: []string{"a"}, winner: "a",
			rounds: []Round{{Counts: map[string]int{"a": 1}}},
		}, {
			name: "two choices, one each", choices: 2, ballots: []string{"a", "b"}, tied: []string{"a", "b"},
			rounds: []Round{{Counts: map[string]int{"a": 1, "b": 1}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := open(t, tt.choices, func(r *Rules) { r.Method, r.Tie = Ranked, Host })
			cast(t, p, tt.ballots...)
			got, waiting := p.Close(0)
			if got.Winner != tt.winner || waiting != (tt.winner == "") {
				t.Errorf("got winner %q, waiting %v; want %q", got.Winner, waiting, tt.winner)
			}
			if diff := cmp.Diff(tt.tied, got.Tied); diff != "" {
				t.Errorf("tied (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.rounds, got.Rounds); diff != "" {
				t.Errorf("rounds (-want +got):\n%s", diff)
			}
		})
	}
}
