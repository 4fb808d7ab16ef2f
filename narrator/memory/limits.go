package memory

// Limits of what goes into a prompt. Texts beyond them are cut, entries beyond them are left out and named in Prompt.Left. The Budget
// stands above all of them.
const (
	MaxTitleRunes   = 120  // of a title and of a choice's label
	MaxSummaryRunes = 240  // of a beat's summary, once the beat is closed
	MaxFactRunes    = 160  // of one fact in words
	MaxThreadRunes  = 160  // of one thread
	MaxLoreRunes    = 1200 // of one lore entry
	MaxNoteRunes    = 640  // of each field of a director's note
	MaxSignalRunes  = 200  // of the audience's signal
	MaxFacts        = 8    // facts that are not pinned, in one tail
	MaxLore         = 8    // lore entries in one tail
	MaxThreads      = 6    // threads in one tail, the longest open first
	MaxStay         = 50   // beats: of a lore entry's Sticky and of its Cooldown
	MaxCheckRunes   = 8000 // of a text that is checked against the ledger; what follows is not read
	ScanBeats       = 2    // the last beats in which keys of lore and names of facts are looked for
)

// Shares of a budget, in percent. What the contract and the bible leave of theirs goes to the open beats.
const (
	staticShare = 35 // at most, for the contract and the bible
	arcShare    = 20 // for the closed beats
	pinnedShare = 25 // at most, for pinned facts; what they do not need goes to the open beats
	tailShare   = 9  // at most, for the tail without pinned facts
)

// openKept is the share of the window, in percent, that a closing epoch leaves verbatim; likewise of the arcs' share.
const openKept = 33

// messageTokens is what a chat template adds to one message: marks of its beginning, its role and its end. Llama 3, Qwen, Mistral and
// Gemma add 3 to 8.
const messageTokens = 8

// minRetrieved is the least share of a fact's weight that must occur in the last beats for it to be retrieved without a name.
const minRetrieved = 0.34
