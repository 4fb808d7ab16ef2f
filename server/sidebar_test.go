package server

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"

	"kinoautomat/recommend"
	"kinoautomat/room"
	"kinoautomat/story"
	"kinoautomat/vote"
)

// offering gives a node the shipped catalogue.
func offering(t *testing.T) func(*Config) {
	t.Helper()
	catalogue, err := recommend.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	return func(c *Config) { c.Catalogue = catalogue }
}

func TestSidebar_SpeaksAsTheRoomDoes(t *testing.T) {
	if !slices.Equal(room.Feelings, recommend.Feelings[:]) {
		t.Errorf("rooms feel %v, the sidebar %v", room.Feelings, recommend.Feelings)
	}
	if !cmp.Equal(vote.Languages(), recommend.Languages()) {
		t.Errorf("results speak %v, the sidebar %v", vote.Languages(), recommend.Languages())
	}
}

// rank is a sidebar over a folder of stories.
func rank(t *testing.T, folder fstest.MapFS) (func(room.Interest) room.Sidebar, *Shelf) {
	t.Helper()
	s := &Server{config: Config{Shelf: NewShelf(folder, zap.NewNop())}}
	offering(t)(&s.config)
	return s.sidebar(), s.config.Shelf
}

func TestSidebar_TellsPicksInEveryLanguage(t *testing.T) {
	picks, _ := rank(t, fstest.MapFS{})
	in := room.Interest{Liked: map[string]int{"the-goddess-1934": 3}}
	for language, want := range map[string]room.PickText{
		"en":      {Title: "The Goddess", Reason: "Because 3 of you marked it"},
		"zh-Hans": {Title: "神女", Reason: "因为你们中有3人标记了它"},
		"fr":      {Title: "The Goddess", Reason: "Because 3 of you marked it"},
	} {
		in.Language = language
		all := picks(in).Picks
		if len(all) != sidebarSize {
			t.Fatalf("%d picks, want %d", len(all), sidebarSize)
		}
		p := all[0]
		if p.ID != "the-goddess-1934" || p.Kind != "film" || p.Year != 1934 || p.Country != "CN" || p.Director != "Wu Yonggang" || p.URL == "" {
			t.Errorf("pick %+v", p)
		}
		if p.Title != want.Title || p.Reason != want.Reason || p.Sentence == "" {
			t.Errorf("in %s: %q, %q, %q", language, p.Title, p.Sentence, p.Reason)
		}
		for _, p := range all {
			if len(p.Words) != 2 || p.Words["zh-Hans"].Sentence == p.Words["en"].Sentence || p.Words["zh-Hans"].Reason == p.Words["en"].Reason {
				t.Errorf("words %+v", p.Words)
			}
		}
	}
}

func TestSidebar_NoticesRereadStories(t *testing.T) {
	tale := func(title, more string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(strings.Replace(strings.Replace(testStory, "The Test", title, 1), `"pace":20`, `"pace":20,`+more, 1))}
	}
	folder := fstest.MapFS{"running.twee": tale("Running", `"themes":["sea"]`)}
	picks, shelf := rank(t, folder)
	at := room.Interest{Language: "en", Story: "running", Path: []story.Step{{Label: "Jump aboard the ship", Turnout: 2, DecidedBy: "majority"}}}
	stories := func() []string {
		var titles []string
		for _, p := range picks(at).Picks {
			if p.Kind == "story" {
				titles = append(titles, p.ID+" "+p.Title)
			}
		}
		return titles
	}
	if got := stories(); got != nil {
		t.Errorf("with only the running story: %v", got)
	}
	folder["other.twee"] = tale("A Night at Sea", `"themes":["sea"],"summary":"A captain, a ship and the ocean."`)
	shelf.reread()
	if want := []string{"story:other A Night at Sea"}; !cmp.Equal(stories(), want) {
		t.Errorf("with another: %v, want %v", stories(), want)
	}
}

func TestNode_SidebarFollowsTheRoom(t *testing.T) {
	inBubble(t, offering(t), func(t *testing.T, n *node) {
		made := n.room(`{}`)
		viewer, host := n.join(made.ID, room.Join{Name: "Ann"}), n.join(made.ID, room.Join{Token: made.HostToken})
		picked := func(reason string) room.SidebarChanged {
			t.Helper()
			var told room.SidebarChanged
			viewer.until(func(f room.Frame) bool {
				if f.Type != "sidebar.changed" {
					return false
				}
				viewer.decode(f, &told)
				return slices.ContainsFunc(told.Picks, func(p room.Pick) bool { return p.Reason == reason })
			})
			return told
		}
		host.do("start", nil)
		viewer.event("scene.started", nil)
		viewer.do("react", room.React{Feeling: "fear"})
		first := picked("Because the room felt fear").Picks[0]
		if first.Kind != "film" || first.Words["zh-Hans"].Reason != "因为大家感到了恐惧" {
			t.Errorf("first pick %+v", first)
		}
		viewer.do("pick", room.PickItem{ID: first.ID})
		var told room.SidebarChanged
		viewer.event("sidebar.changed", &told)
		if i := slices.IndexFunc(told.Picks, func(p room.Pick) bool { return p.ID == first.ID }); i < 0 || told.Picks[i].Liked != 1 {
			t.Errorf("what was marked: %+v", told.Picks)
		}
		late, err := n.dial(made.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := late.join(room.Join{Name: "Bo"}).Snapshot.Picks; !cmp.Equal(got, told.Picks) {
			t.Errorf("a late joiner sees %+v", got)
		}
	})
}

// Three reactions change the list within a second, and it says why.
func TestNode_SidebarIsLive(t *testing.T) {
	inBubble(t, offering(t), func(t *testing.T, n *node) {
		made := n.room(`{}`)
		ann, bo, host := n.join(made.ID, room.Join{Name: "Ann"}), n.join(made.ID, room.Join{Name: "Bo"}), n.join(made.ID, room.Join{Token: made.HostToken})
		host.do("start", nil)
		bo.event("scene.told", nil)
		time.Sleep(3 * time.Second)
		for range 3 {
			ann.do("react", room.React{Feeling: "fear"})
			time.Sleep(400 * time.Millisecond)
		}
		reacted := time.Now()
		var told room.SidebarChanged
		f := bo.until(func(f room.Frame) bool {
			if f.Type != "sidebar.changed" {
				return false
			}
			told = room.SidebarChanged{}
			bo.decode(f, &told)
			return told.Because != nil && told.Because.Cause == room.CauseFelt
		})
		if late := time.UnixMilli(f.At).Sub(reacted); late > time.Second {
			t.Errorf("told %v after the third reaction", late)
		}
		if told.Because.Words["en"] != "The room felt fear" || told.Because.Words["zh-Hans"] != "大家感到了恐惧" || len(told.Because.New)+len(told.Because.Moved) == 0 {
			t.Errorf("because %+v", told.Because)
		}
		for _, p := range told.Picks {
			if strings.Contains(p.Reason, "Ann") {
				t.Errorf("%s: %s", p.ID, p.Reason)
			}
		}
	})
}

// Six films for one feeling say six things where there are six to say, each truly its own.
func TestSidebar_ReasonsVary(t *testing.T) {
	picks, _ := rank(t, fstest.MapFS{})
	list := picks(room.Interest{
		Language: "en", Liked: map[string]int{}, Feelings: map[string]float64{"fear": 0.6, "sorrow": 0.4},
		Path: []story.Step{{Label: "Hide in the dark cellar", DecidedBy: "majority"}, {Title: "The cellar", Text: "A murder in the dark, a monster at night."}},
	}).Picks
	reasons := map[string]int{}
	for _, p := range list {
		reasons[p.Reason]++
		if len(p.Reasons) == 0 || len(p.Reasons) > room.MaxReasons {
			t.Errorf("%s: reasons %v", p.ID, p.Reasons)
		}
		sum, own := 0.0, false
		for _, r := range p.Reasons {
			sum += r.Share
			own = own || r.Words["en"] == p.Reason && r.Words["zh-Hans"] == p.Words["zh-Hans"].Reason
		}
		if sum > 1.01 || !own {
			t.Errorf("%s: %q is not among %v, or they are more than all", p.ID, p.Reason, p.Reasons)
		}
	}
	if len(reasons) < 3 {
		t.Errorf("six picks give only these reasons: %v", reasons)
	}
}

// One viewer's mark is not told as anything that somebody did.
func TestSidebar_ReasonsSingleNobodyOut(t *testing.T) {
	picks, _ := rank(t, fstest.MapFS{})
	for _, p := range picks(room.Interest{Language: "en", Liked: map[string]int{"nosferatu-1922": 1}, Tastes: []room.Taste{{Liked: []string{"nosferatu-1922"}}}}).Picks {
		for _, r := range append(p.Reasons, room.PickReason{Words: map[string]string{"en": p.Reason}}) {
			if strings.Contains(r.Words["en"], "you marked") {
				t.Errorf("%s: %s", p.ID, r.Words["en"])
			}
		}
	}
}
