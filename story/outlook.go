package story

// Outlook is what may be told next in a room, so that a narrator can write ahead while the audience decides. It replaces the room's last one;
// one without prospects says that nothing is expected.
type Outlook struct {
	Room      string
	Decision  string     // names what is decided; drafts of an earlier decision are of no use any more
	Arming    bool       // the vote is announced and not open yet
	Elapsed   float64    // share of the voting time that has passed, 0–1; 1 when it is decided
	Prospects []Prospect // cues only; what the author wrote needs no narrator
}

// Prospect is a cue that may be told next, and the chance that it will, 0–1.
type Prospect struct {
	Cue Cue
	P   float64
}
