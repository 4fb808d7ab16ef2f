package recommend

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// crowd are people of two tastes, and some who like everything.
func crowd(people int) *Counts {
	c := &Counts{}
	for i := range people {
		switch i % 5 {
		case 0, 1:
			c.Learn(Basket{Liked: []string{"nosferatu-1922", "white-zombie-1932", "suspense-1913"}, Dismissed: []string{"wings-1927"}})
		case 2, 3:
			c.Learn(Basket{Liked: []string{"the-general-1926", "labourers-love-1922"}, Played: []string{"wings-1927"}})
		default:
			c.Learn(Basket{Liked: []string{"nosferatu-1922", "the-general-1926"}})
		}
	}
	return c
}

func TestCounts_AddUpInAnyOrder(t *testing.T) {
	a, b := crowd(7), crowd(13)
	b.Learn(Basket{Liked: []string{"sintel-2010", "nosferatu-1922"}})
	ab, ba := a.Clone(), b.Clone()
	ab.Add(b)
	ba.Add(a)
	if !bytes.Equal(ab.Encode(), ba.Encode()) {
		t.Error("a + b and b + a differ")
	}
	if ab.People() != 21 || a.People() != 7 || ab.Items() != 7 {
		t.Errorf("%d people, %d items; a has %d people", ab.People(), ab.Items(), a.People())
	}
	none := &Counts{}
	none.Add(ab)
	if !bytes.Equal(none.Encode(), ab.Encode()) {
		t.Error("0 + a is not a")
	}
}

func TestCounts_SurviveEncoding(t *testing.T) {
	for _, c := range []*Counts{{}, crowd(1), crowd(100)} {
		again, err := DecodeCounts(c.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Encode(), c.Encode()) || again.People() != c.People() || again.Pairs() != c.Pairs() {
			t.Errorf("%d people became %d", c.People(), again.People())
		}
	}
	good := crowd(9).Encode()
	for i := range good {
		if _, err := DecodeCounts(good[:i]); !errors.Is(err, ErrCounts) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	if _, err := DecodeCounts(append(good, 0)); !errors.Is(err, ErrCounts) {
		t.Errorf("something at the end: %v", err)
	}
}

func FuzzDecodeCounts(f *testing.F) {
	f.Add(crowd(3).Encode())
	f.Add(countsMagic)
	f.Fuzz(func(t *testing.T, source []byte) {
		c, err := DecodeCounts(source)
		if err != nil {
			return
		}
		again, err := DecodeCounts(c.Encode())
		if err != nil || !bytes.Equal(again.Encode(), c.Encode()) {
			t.Errorf("what was read is not what is written: %v", err)
		}
		Training{Live: c}.Model()
	})
}

func TestCounts_APersonCountsOnceAndNotForEver(t *testing.T) {
	c := &Counts{}
	var many []string
	for i := range MaxBasket + 1 {
		many = append(many, fmt.Sprint("film-", i))
	}
	c.Learn(Basket{Liked: append(many, many...), Played: many[1:]})
	if c.Items() != MaxBasket || c.Pairs() != MaxBasket*(MaxBasket-1)/2 {
		t.Errorf("%d items, %d pairs", c.Items(), c.Pairs())
	}
	for _, n := range c.taken {
		if n != 1 {
			t.Fatalf("counted %v", c.taken)
		}
	}
	c.Learn(Basket{})
	if c.People() != 1 {
		t.Errorf("who did nothing was counted")
	}
}

func TestCounts_Limits(t *testing.T) {
	c := &Counts{}
	for i := range MaxCounted + 5 {
		c.Learn(Basket{Liked: []string{fmt.Sprint("film-", i)}})
	}
	if c.Items() != MaxCounted {
		t.Errorf("%d items", c.Items())
	}
	c.Learn(Basket{Liked: []string{string(make([]byte, maxCountedID+1)), ""}})
	if c.Items() != MaxCounted {
		t.Errorf("%d items", c.Items())
	}
	few := crowd(50)
	for i := range 100 {
		few.Learn(Basket{Liked: []string{"rare", fmt.Sprint("film-", i)}})
	}
	before := few.pairs[pair(few.place["nosferatu-1922"], few.place["white-zombie-1932"])]
	few.forget(20)
	if after := few.pairs[pair(few.place["nosferatu-1922"], few.place["white-zombie-1932"])]; len(few.pairs) > 20 || after != before {
		t.Errorf("%d pairs; one of %d people has %d", len(few.pairs), before, after)
	}
}

func TestCountRatings_CountsAsLearnDoes(t *testing.T) {
	ids := []string{"a", "b", "c"}
	c := CountRatings(ids, [][]int32{{0, 1}, {1, 0, 2}, {2}, {}})
	want := &Counts{}
	for _, liked := range [][]string{{"a", "b"}, {"b", "a", "c"}, {"c"}} {
		want.Learn(Basket{Liked: liked})
	}
	want.people++ // who likes nothing is a person of the ratings
	if !cmp.Equal(c.Encode(), want.Encode()) {
		t.Errorf("%+v, want %+v", c, want)
	}
}
