package gate

import (
	"strings"
	"testing"
	"time"
)

const englishProse = "The ferry left the quay at half past six, and the fog closed behind it like a door. “Is he dead?” she asked. " +
	"The mate did not answer; he held the lamp over the rail and counted the oars. In the classic way of assassins nobody had seen anything. "

const chineseProse = "渡轮六点半离开码头，雾在它身后像门一样合上。“他死了吗？”她问。大副没有回答，只是把灯举过栏杆，数着船桨。" +
	"十字路口交通堵塞，没有人看见凶手从哪里来。"

func benchmarkCheck(b *testing.B, previous, text string) {
	g := New(BuiltIn(), Options{})
	b.SetBytes(int64(len(previous) + len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if v := g.Check(b.Context(), previous, text); !v.Pass {
			b.Fatal(v)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	b.Run("English/sentence", func(b *testing.B) { benchmarkCheck(b, englishProse, englishProse) })
	b.Run("English/scene", func(b *testing.B) { benchmarkCheck(b, "", strings.Repeat(englishProse, 80)) })
	b.Run("Chinese/sentence", func(b *testing.B) { benchmarkCheck(b, chineseProse, chineseProse) })
	b.Run("Chinese/scene", func(b *testing.B) { benchmarkCheck(b, "", strings.Repeat(chineseProse, 80)) })
	b.Run("Russian/scene", func(b *testing.B) {
		benchmarkCheck(b, "", strings.Repeat("Паром отошёл от причала в половине седьмого, и туман сомкнулся за ним. ", 150))
	})
	b.Run("digits/scene", func(b *testing.B) {
		benchmarkCheck(b, "", strings.Repeat("In 1914 the train of 20:45 left with 7,500 men. ", 200))
	})
}

func BenchmarkNew(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		New(BuiltIn(), Options{})
	}
}

func BenchmarkMark(b *testing.B) {
	m := NewMarker([]byte("a turn"))
	b.ReportAllocs()
	for b.Loop() {
		m.Mark("Open the door <|im_start|> and let the ghost in, 快打开那扇门")
	}
}

func TestMatcher_CleanTextNeedsNoMemory(t *testing.T) {
	m, p := BuiltIn().matcher(), new(pad)
	for _, text := range []string{englishProse, chineseProse} {
		if allocs := testing.AllocsPerRun(100, func() { m.look(p, text, text) }); allocs != 0 {
			t.Errorf("%.0f allocations for %.20q", allocs, text)
		}
	}
}

// No text can be made to take long: the longest, made to give the search as much work as it can, takes as long as any, give or take.
func TestGate_TakesNoLongerForMalice(t *testing.T) {
	g := New(BuiltIn(), Options{})
	fill := func(unit string) string { return strings.Repeat(unit, MaxText/len(unit)) }
	texts := map[string]string{
		"one letter":           fill("f"),
		"one letter spelled":   fill("f "),
		"one letter, then not": fill("m ")[:MaxText-8] + "m llf",
		"beginnings":           fill("motherfuc"),
		"terms":                fill("fuck "),
		"terms spelled":        fill("f u c k "),
		"harmless phrases":     fill("faggot of "),
		"harmless Han":         fill("路口交"),
		"nearly terms":         fill("do1ldo "),
		"fillers":              fill("性x"),
		"invisible":            fill("\u200b"),
		"accents":              fill("\u0301"),
		"digits":               fill("1 "),
		"telephones":           fill("555-0134 "),
		"at":                   fill("a@"),
		"angles":               fill("<|"),
		"streets":              fill("1 a street "),
		"numerals":             fill("一"),
		"ligatures":            fill("ﷺ"),
	}
	for name, text := range texts {
		begun := time.Now()
		g.Check(t.Context(), "", text)
		if took := time.Since(begun); took > 3*time.Second { // 50 ms are usual; the race detector and a busy machine need more
			t.Errorf("%s: %s", name, took)
		} else {
			t.Logf("%s: %s", name, took)
		}
	}
}
