package plan

import (
	"cmp"
	"slices"
)

// Budget says how much may be written ahead of a decision.
type Budget struct {
	Streams int     // drafts of a room that are being written at a time; 0 is none at all
	Drafts  int     // drafts begun for one decision, those given up included
	From    float64 // share of the voting time from which on the ballots are listened to, 0–1
	Sure    float64 // chance from which on a cue is taken for decided
	Worth   float64 // least chance of a cue that is worth a draft
}

// DefaultBudget writes two beats ahead, and a third only if the vote turns to it.
func DefaultBudget() Budget { return Budget{Streams: 2, Drafts: 3, From: 0.3, Sure: 0.9, Worth: 0.2} }

// Prospect is a cue that may be told next.
type Prospect struct {
	Key string  // of its draft
	P   float64 // chance that it will be told next, 0–1
}

// Draft is a beat that is being written ahead, or has been.
type Draft struct {
	Key  string
	Done bool // all of it is there
}

// Outlook is what is known at a moment before a decision.
type Outlook struct {
	Arming    bool       // the poll is announced and not open yet
	Elapsed   float64    // share of the voting time that has passed, 0–1
	Prospects []Prospect // distinct
	Drafts    []Draft    // there are, without those given up
	Begun     int        // drafts begun for this decision, those given up included
}

// Speculate says which drafts to begin and which to give up. Doing at once what it says and asking again changes nothing, so that it may be
// asked at any time and as often as the tally changes.
//
//   - Before From it begins nothing: ballots say too little. Except when Streams are enough for every prospect, or one is Sure, as where
//     there is no vote: then there is nothing to wait for, and it begins while the poll arms.
//   - From then on the likeliest are begun, as many as there are Streams, if they are Worth it. Drafts that are done stay, they cost
//     nothing more. Of Drafts, those beyond the number of Streams are only for the likeliest.
//   - When one is Sure, it alone goes on and all other drafts that are being written are given up.
//   - A draft is also given up when it is no prospect any more, or when its stream is needed by the likeliest and it is the least
//     likely of those being written.
func (b Budget) Speculate(o Outlook) (begin, giveUp []string) {
	order := slices.Clone(o.Prospects)
	slices.SortStableFunc(order, func(x, y Prospect) int { return cmp.Compare(y.P, x.P) })
	if len(order) > 0 && order[0].P >= b.Sure {
		order = order[:1]
	}
	chance := make(map[string]float64, len(order))
	for _, p := range order {
		chance[p.Key] = p.P
	}
	var writing []string // the likeliest first
	there := make(map[string]bool)
	for _, d := range o.Drafts {
		_, expected := chance[d.Key]
		switch {
		case d.Done:
			there[d.Key] = true
		case !expected:
			giveUp = append(giveUp, d.Key)
		default:
			there[d.Key] = true
			writing = append(writing, d.Key)
		}
	}
	slices.SortStableFunc(writing, func(x, y string) int { return cmp.Compare(chance[y], chance[x]) })

	mayWait := len(order) > b.Streams && (o.Arming || !(o.Elapsed >= b.From))
	if mayWait {
		return nil, giveUp
	}
	for i, p := range order[:min(len(order), max(b.Streams, 0))] {
		begun := o.Begun + len(begin)
		if there[p.Key] || p.P < b.Worth || begun >= b.Drafts || begun >= b.Streams && i > 0 {
			continue
		}
		if len(writing) >= b.Streams {
			if i > 0 {
				continue
			}
			giveUp = append(giveUp, writing[len(writing)-1])
			writing = writing[:len(writing)-1]
		}
		begin = append(begin, p.Key)
		writing = slices.Insert(writing, 0, p.Key)
	}
	return begin, giveUp
}
