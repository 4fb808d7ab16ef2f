package vote

import (
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// What the doc comment of draw promises, worked out with other tools:
//
//	(printf SEED | xxd -r -p; printf '\nshow-1/3\na\nb\nc') | sha256sum    → the first 16 digits, modulo 3
func TestPoll_DrawVectors(t *testing.T) {
	tests := []struct {
		seed, hash string
		winner     string
	}{
		{ // 0x3b4c3b8b9a88f279 mod 3 = 2
			"0000000000000000000000000000000000000000000000000000000000000000",
			"66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925", "c",
		}, { // 0xb817edb43585a161 mod 3 = 0
			"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
			"630dcd2966c4336691125448bbb25b4ff412a49c732db2c8abc1b8581bd710dd", "a",
		},
	}
	for _, tt := range tests {
		var seed [32]byte
		if _, err := hex.Decode(seed[:], []byte(tt.seed)); err != nil {
			t.Fatal(err)
		}
		rules := DefaultRules()
		rules.Tie = Draw
		p, err := New("show-1/3", letters(4), rules, seed)
		if err != nil {
			t.Fatal(err)
		}
		if p.DrawHash() != tt.hash || p.DrawSeed() != tt.seed {
			t.Errorf("hash %s of seed %s; want %s of %s", p.DrawHash(), p.DrawSeed(), tt.hash, tt.seed)
		}
		cast(t, p, "c", "a", "b")
		if r, _ := p.Close(3); r.Winner != tt.winner || r.DecidedBy != ByTieBreak {
			t.Errorf("drew %q by %q, want %q", r.Winner, r.DecidedBy, tt.winner)
		}
	}
}

// outsider repeats a draw from what anybody can see: the hash before, the seed and the result after.
func outsider(t *testing.T, hash, seed, poll string, r Result) string {
	t.Helper()
	raw, err := hex.DecodeString(seed)
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != hash {
		t.Fatalf("seed %s does not have the announced hash %s", seed, hash)
	}
	sorted := slices.Clone(r.Tied)
	slices.Sort(sorted)
	sum := sha256.Sum256([]byte(string(raw) + "\n" + poll + "\n" + strings.Join(sorted, "\n")))
	place := new(big.Int).Mod(new(big.Int).SetBytes(sum[:8]), big.NewInt(int64(len(r.Tied))))
	return r.Tied[place.Int64()]
}

func TestPoll_DrawCanBeChecked(t *testing.T) {
	random := rand.New(rand.NewPCG(1967, 127))
	won := make(map[string]int)
	const polls = 3000
	for range polls {
		var seed [32]byte
		for i := range seed {
			seed[i] = byte(random.Uint32())
		}
		rules := DefaultRules()
		rules.Tie = Draw
		// Listed out of alphabetical order, which an outsider must not trip over.
		p, err := New("tie", []Choice{{ID: "c"}, {ID: "a"}, {ID: "b"}, {ID: "d"}}, rules, seed)
		if err != nil {
			t.Fatal(err)
		}
		hash := p.DrawHash()
		cast(t, p, "a", "b", "c")
		r, _ := p.Close(3)
		if want := outsider(t, hash, p.DrawSeed(), p.ID, r); r.Winner != want {
			t.Fatalf("seed %s drew %s, an outsider finds %s", p.DrawSeed(), r.Winner, want)
		}
		won[r.Winner]++
	}
	for _, id := range []string{"a", "b", "c"} {
		if n := won[id]; n < polls/3-150 || n > polls/3+150 { // more than five standard deviations off
			t.Errorf("%s won %d of %d draws among three", id, n, polls)
		}
	}
}

func TestPoll_DrawDiffersByPollAndByTie(t *testing.T) {
	p, q := open(t, 9, nil), open(t, 9, nil)
	q.ID = "another"
	all := p.ids()
	if p.draw(all) == q.draw(all) && p.draw(all[:8]) == q.draw(all[:8]) && p.draw(all[:7]) == q.draw(all[:7]) {
		t.Error("three draws of two polls with one seed are all the same")
	}
}
