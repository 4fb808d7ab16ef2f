// Package gate is what every text passes before a viewer sees it, and what viewers' words pass before a model does. It knows nothing of
// rooms, models or networks.
//
// A [Gate] gives a [Verdict] on a text together with what was read just before it: the lists first, then a [Guard] if there is one. A
// guard that is late or fails blocks. A [Stream] lets a telling through sentence by sentence, and nothing reaches its write function
// before its verdict. [Gate.Line] is for labels, titles and suggestions. [Marker.Mark] makes viewers' text fit for a prompt.
//
// # What the lists find
//
// Texts and terms are read alike, so that a term is found in any case, in full width and every other compatibility form, with or without
// accents, in letters of other scripts that look Latin, in traditional or simplified Han, with digits and marks for letters (0 1 3 4 5 6
// 7 8 @ $ ! | +), with invisible characters inside, with its letters repeated, and:
//
//   - a Latin term as a word or words of its own: "ass" is not in "classic". Marks may stand inside a word (n-o), and a word may be
//     spelled out (n o, with at most one stretch of more than a letter between two gaps). Between two words of a term any blank, mark
//     or line break may stand, or none.
//   - a Han term anywhere, also with blanks or small marks inside, or with up to two Latin letters or digits between two characters, but
//     not over a comma or a full stop unless every character stands alone.
//
// Phrases that make a term harmless are in the lists too, such as the many words that only look like a term over the border of two others.
//
// # What it does not find
//
// Meaning. The lists have what hardly any sentence of a story from 12 on has; cruelty in plain words, a threat, a hint are for a guard.
// Best open guard models find about five in six of what they should, so a host's pause and retraction stay needed. Blind spots of the
// lists by design: letters left out or swapped, words of other languages than English and Chinese, pinyin for whole sentences.
package gate
