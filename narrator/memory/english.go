package memory

import (
	"regexp"
	"strings"
)

// The words that the check of English texts knows. A set is a string of words parted by blanks.

type set map[string]bool

func setOf(all string) set {
	s := set{}
	for word := range strings.FieldsSeq(all) {
		s[word] = true
	}
	return s
}

var (
	dreamEnglish = regexp.MustCompile(`(?i)\b(dreams?|dreamt|dreamed|dreaming|nightmares?|falls? asleep|fell asleep|flashback|tape|` +
		`recording|footage|gramophone|projector|answering machine|years (ago|earlier|before)|long ago)\b|\b(remembers?|` +
		`remembered) (the|that) (day|night|morning|evening|summer|winter|year|time)\b|closes? (his|her|their|your|` +
		`my) eyes and (remember|dream|imagin)\w*`)
	wakeEnglish = regexp.MustCompile(`(?i)\b(wakes?|woke|awakes?|awoke|awakens?|startled? awake|starts? up|opens? (his|her|their|your|` +
		`my) eyes|comes? back to (herself|himself|themselves)|the dream (ends|fades|breaks)|the memory (ends|fades))\b`)

	// unrealAnywhere makes a sentence say nothing about who acts now, wherever it stands.
	unrealAnywhere = regexp.MustCompile(`(?i)\b(dreams?|dreamt|dreamed|dreaming|nightmares?|memory|memories|ghosts?|spirits?|` +
		`phantoms?|specters?|spectres?|apparitions?|statues?|graves?|graveside|tombs?|tombstones?|gravestones?|coffins?|funerals?|` +
		`corpses?|buried|headstones?|imaginations?|hallucinat\w*|visions?|mirages?|flashbacks?|portraits?|photographs?|photos?|` +
		`obituary|late wife|late husband|years ago|years earlier|years before|long ago|in those days|back then|used to|no longer|` +
		`would have|could have|might have|in (his|her|their|my|your|x+'s) (head|mind|heart|ears|thoughts)|when (she|he|they|x+) (was|` +
		`were) (alive|young|little|still))\b|\bthe late\b`)
	// inRecord is what a record shows or says.
	inRecord = regexp.MustCompile(`(?i)\b(in|on|from|out of|through|according to) (the|a|an|her|his|their|its|that|this|this old|` +
		`\w+'s) (\w+ ){0,2}(picture|painting|drawing|sketch|letter|letters|diary|journal|notebook|note|recording|tape|film|video|` +
		`story|stories|tale|legend|song|book|message|testament|will|mirror)\b`)
	// unrealBefore makes what follows it in the sentence unreal.
	unrealBefore = regexp.MustCompile(`(?i)\b(as if|as though|if|even if|if only|unless|whoever|whichever|remembers?|remembered|` +
		`remembering|recalls?|recalled|thinks? (of|back|about)|thought (of|back|about)|thinking (of|about)|imagin\w*|pretends?|` +
		`pretended|wish(es|ed|ing)?|hop(es|ed|ing)|believes?|forgets?|forgot|(tells?|told|says?|said|hears?|heard|learns?|knows?|` +
		`swears?|sings?) (\w+ ){0,4}(how|that|about|of)|story|stories|tale|legend|reminds?|reminded|suspects?|doubts?|fears?|` +
		`asks? (\w+ )?(whether|why|how|what|if)|wonders?|wondering|regrets?)\s`)
	// unrealClause makes the rest of its clause unreal.
	unrealClause = regexp.MustCompile(`(?i)\b(would|had|once)\b`)
	timeShift    = regexp.MustCompile(`(?i)\b(later|next (day|morning|evening|night|week|month|year|hour)|by (dawn|morning|noon|midday|` +
		`evening|dusk|nightfall|night|midnight|daybreak|sunrise|sunset)|hours|days|weeks|months|until|after (a|an|the|two|three|` +
		`some) (while|hour|hours|day|days|night|week)|when (morning|night|evening|dawn|day) (comes|came|breaks|broke|falls|fell)|` +
		`tomorrow|yesterday|last (night|week|year|summer|winter)|eventually|then the sun)\b`)
	otherTime = regexp.MustCompile(`(?i)\b(tomorrow|yesterday|soon|last (night|week|year|summer|winter)|used to|would|will|once|never|` +
		`not|n't|wants?|plans?|promised?|promises|must|should|hopes?|wishes|if)\b`)

	isHour = []struct {
		part string
		says *regexp.Regexp
	}{
		{"morning", regexp.MustCompile(`(?i)\bit (is|was) (now |still |only |early |a \w+ )?(dawn|morning|daybreak|sunrise)\b|\b(morning|` +
			`dawn|rising) (sun|light|sunlight)\b|\bmorning sun`)},
		{"noon", regexp.MustCompile(`(?i)\bit (is|was) (now |still |only |almost |high |a \w+ )?(noon|midday|afternoon)\b|\b(midday|noon|` +
			`noonday|afternoon) (sun|light|sunlight|heat)\b|\bthe sun (stands|is|hangs|burns) (high|overhead|straight)`)},
		{"evening", regexp.MustCompile(`(?i)\bit (is|was) (now |still |only |early |a \w+ )?(evening|dusk|twilight|sunset)\b|\b(evening|` +
			`setting) sun\b`)},
		{"night", regexp.MustCompile(`(?i)\bit (is|was) (now |still |only |late at |deep |the middle of the |a \w+ )?(night|midnight)\b|` +
			`\bmoonlight\b|\b(stars|moon) (shine|shines|stands|hangs|glitter|glitters)\b`)},
	}
)

var (
	// ends with an s and is no verb
	notVerbWords = setOf(`as is was has his its this thus less always sometimes perhaps besides towards afterwards upstairs downstairs across
		unless yes ours hers theirs plus nonetheless nevertheless indoors outdoors overseas backwards forwards upwards downwards
		whereas alas else's hands eyes lips fingers`)
	// what is no act of somebody alive, or tells of the past even where it is past
	stativeWords = setOf(`dies died lies lay lain rests rested haunts haunted remains remained belongs belonged means meant deserves deserved
		lived loves loved liked hated knew wanted believed built taught used called named wrote made planted gave left bought
		painted owned kept born needed`)
	// after a name: no act follows
	auxNoneWords = setOf(`could would may might should had does do did never no not n't nor was were be been dead gone buried`)
	// may stand between a name and its verb, besides what ends with -ly
	adverbWords = setOf(`just still also then now already even only suddenly too again all both simply soon almost nearly quite always at once
		here there herself himself themselves thus instead together alone however quickly finally more meanwhile indeed`)
	// is …ing, and no act
	notDoingWords = setOf(`lying resting rotting missing sleeping decaying fading dying going dead being rusting`)
	// is …, and thus alive
	presentWords = setOf(`alive awake back here ready busy angry happy tired hungry afraid breathless well early late furious pale silent up right
		first next`)
	irregularPastWords = setOf(`said went came ran sat stood took shook threw fell got saw held told thought caught brought drew broke chose drank drove
		ate flew forgot froze grew heard hid hit hurt knelt laid led leapt leaned learned lent lit lost met paid put rang read
		rode rose sang sank sent set shot shut slid slept spoke spent spun spread sprang stole stuck struck swam swept swore
		swung tore turned woke wore wept won wound bent bit blew bled bound crept cut dealt dug fed felt fought fled flung
		ground hung kept leant let rent sewed shone sought split stank strode strove swelled trod understood withdrew began
		became cried did`)
	// “…” says X
	speechWords = setOf(`says said asks asked whispers whispered calls called cries cried shouts shouted murmurs murmured mutters muttered
		answers answered replies replied adds added snaps snapped yells yelled growls growled hisses hissed laughs laughed sighs
		sighed groans groaned repeats repeated explains explained insists insisted begs begged warns warned orders ordered
		demands demanded mumbles mumbled breathes breathed gasps gasped screams screamed exclaims exclaimed declares declared
		wonders wondered agrees agreed protests protested suggests suggested sobs sobbed chuckles chuckled grumbles grumbled
		pleads pleaded offers offered announces announced observes observed remarks remarked continues continued concludes
		concluded interrupts interrupted`)
	// Behind him stands X
	invertedWords = setOf(`stands stood sits sat waits waited walks walked comes came appears appeared steps stepped runs ran kneels knelt leans
		leaned crouches crouched strides strode emerges emerged rides rode looms loomed hurries hurried marches marched follows
		followed limps stumbles swims`)
	// begins a sentence whose verb comes before its subject
	frontedWords = setOf(`behind before beside in on at by from there here out up down across under next opposite among between beneath above near
		outside inside through over against around along into then only alone`)
	// a subject may follow
	joiningWords = setOf(`and but then so while when as because until where that nor or though although after before since now whether how also
		even only yet still which whom`)
	// no subject follows
	prepositionWords = setOf(`of to for with from about like than at by on near behind beside without in into onto under over through upon against
		between toward towards among around past beyond off`)
	// an object follows
	toOtherWords = setOf(`gives brings hands shows tells sends offers writes owes buys calls names misses remembers sees watches hears loves hates
		thanks kisses hugs asks helps finds buries wakes gave brought handed showed told sent offered wrote bought called named
		missed remembered saw watched heard loved hated thanked kissed hugged asked helped found buried`)
	determinerWords = setOf(`the a an his her their its my your our this that these those some any no every each another both`)
	definiteWords   = setOf(`the his her their its my your our this that 's`)
	// before an item: another one
	newOneWords = setOf(`a an another new second different other spare no any some similar borrowed third cheaper such every replacement what
		which whose`)
	// before an item: what is left of it
	wreckedWords = setOf(`broken shattered burned burnt ruined wrecked smashed charred lost missing vanished destroyed stolen sunken melted
		crushed torn useless splintered former`)
	// after an item: it is gone
	goneWords = setOf(`gone lost missing broken destroyed burned burnt shattered stolen vanished useless ruined ash ashes forever nowhere never
		empty sunk drowned melted smashed`)
	// the … of an item in working order
	partWords = setOf(`cold weight light glow edge handle flame beam warmth sound tick ticking hum blade hilt lid glass barrel shadow note glint gleam`)
	// … of an item: not the item
	remainsWords = setOf(`ashes ash pieces shards remains fragments splinters wreck wreckage ruins loss memory thought thoughts dream picture
		place absence left rest stump trace traces sign instead search story news scraps bits sight`)
	// a verb or preposition that is no use of the item after it
	notUseWords = setOf(`misses lost loses lose losing needs need needed wants want wanted mourns forgets forgot remembers remembered recalls
		describes mentions mentioned names dreams imagines imagined seeks sought curses cursed regrets regretted finds find
		found recovers buys bought makes made replaces replace repairs mends was is be been were had knows knew thinks thought
		says said like miss missed mention blames fears without for about after seek expects wishes wished draws expect steals
		stole sees saw spots spotted notices noticed becomes see show shows showed sank sinks destroyed destroys broke breaks burned burns search
		searches searched owed owes deserves cost costs forged`)
	// may stand between a verb and its item
	useParticleWords = setOf(`up out down away over off back forward aloft high apart open`)
	// puts an item to use
	usePrepWords = setOf(`with by using at from to on against through into`)
	// where one has an item at hand
	holdPlaceWords = setOf(`hand hands pocket pockets bag belt coat satchel palm fingers lap neck shoulder pack arms table sleeve boot fist pouch
		basket grip grasp side hip wrist knees arm`)
	// an item in working order …
	itemActsWords = setOf(`glows burns shines flickers gleams glints lights rings sounds ticks works turns fits hangs swings points opens cuts hums
		trembles slips feels weighs dangles clinks rattles throws casts sways buzzes sparkles warms lit glowed burned shone
		flickered gleamed rang ticked worked turned fitted hung swung pointed opened cut hummed`)
	// X’s …, alive
	bodyWords = setOf(`hand hands finger fingers eyes eye lips mouth arm arms face head foot feet shoulders shoulder grip smile laugh laughter
		breath gaze footsteps steps voice voices knuckles brow jaw knees fist fists palm whisper thumb elbow shout cry heart`)
	// X’s …, dead
	stillWords = setOf(`cold still closed buried stiff grey gray pale empty silent broken dead`)
	// … with X
	withDeadWords = setOf(`dances danced walks walked argues argued quarrels quarrelled drinks drank dines plays played fights fought wrestles
		travels travelled runs ran eats ate hands bargains chats chatted whispers`)
	locatedWords = setOf(`in at inside on by beside within under aboard behind near outside atop beneath`)
	// changes places by itself
	travelWords = setOf(`ride drive fly sail climb descend cross follow hurry flee move journey arrives arrive arrived arriving reaches reach reached reaching enters enter entered entering leaves leave left leaving
		returns return returned returning travels travel travelled traveled travelling departs departed heads headed heading
		hurries hurried climbs climbed descends descended crosses crossed follows followed flees fled escapes escaped sails
		sailed rides rode drives drove flies flew journeys moves moved fetches visits visited sneaks sneaked approaches
		approached makes`)
	// changes places with a direction
	movingWords = setOf(`goes go went going gone walks walk walked walking runs run ran running steps stepped strides strode marches marched
		rushes rushed slips slipped creeps crept crawls crawled swims swam rows rowed races raced dashes dashed stumbles
		stumbled wanders wandered carries carried takes took brings brought leads led drags dragged pulls pushes comes come came
		coming gets got drops dropped sets set trudges trudged limps limped drifts drifted lands landed jumps jumped climbs
		leaps taken sent staggers staggered`)
	directionWords = setOf(`to into toward towards through out from off away back home across past over along ashore onto for`)
	// before a place: one need not be there
	mentalWords = setOf(`sees saw looks looked watches watched hears heard thinks thought remembers remembered dreams dreamed imagines imagined
		wants wanted hopes hoped wishes wished points pointed knows knew says said tells told reads mentions recalls spots
		spotted notices noticed stares stared gazes gazed listens listened describes asks asked misses wonders promises writes
		wrote expects signals waves sends sent born grew raised lives lived works worked owns owned`)
	pronounWords = setOf(`he she they you we i it`)
)
