package gate

import "sync"

// alikes are, for each Latin letter, the characters of other scripts and of the rarer Latin alphabets that look like it, in capitals and
// small letters, as far as compatibility decomposition does not already make it of them (it does for ａ, 𝐚, ⓐ, ª, ℂ and the like).
var alikes = map[rune]string{
	'a': "аАαΑɑᴀаӑⱥȺᎪꓮ∀Λ",
	'b': "ЬьвВβΒʙƀɃЪᏴꓐƅ",
	'c': "сСϲϹᴄƈȼᏟꓚⅽ¢",
	'd': "ԁԀᴅđĐɖɗᎠꓓժ",
	'e': "еЕєЄεΕҽᴇɛəǝᎬꓰɇ",
	'f': "ƒғҒꜰϝᖴꓝſ",
	'g': "ɡɢԍԌɠᏀꓖցǥ",
	'h': "нНһҺΗʜħĦᎻꓧհ",
	'i': "іІιΙɪıɨᎥꓲӏӀ",
	'j': "јЈϳᴊɉᎫꓙյ",
	'k': "кКκΚᴋƙᏦꓗҚқⲕ",
	'l': "ʟłŁƚɭᏞꓡⳑ",
	'm': "мМΜᴍᎷꓟɱ",
	'n': "пηΝɴɲŋոռꓠПИи",
	'o': "оОοΟσΣωᴏøØɔөӨօꓳº",
	'p': "рРρΡᴘƥᏢꓑþ",
	'q': "ԛԚɋզ",
	'r': "гГʀɍɾᖇꓣЯяᏒ",
	's': "ѕЅꜱʂςᏚꓢտ",
	't': "тТτΤᴛŧŦᎢꓔէ",
	'u': "υսᴜʉцꓴμ",
	'v': "νѵѴᴠᏙꓦ",
	'w': "ԝԜᴡшШωᏔꓪա",
	'x': "хХχΧҳҲꓫ",
	'y': "уУүҮγΥʏɏᎽꓬ",
	'z': "ΖᴢƶᏃꓜʐ",
}

var lookalikes = sync.OnceValue(func() map[rune]rune {
	table := make(map[rune]rune)
	for latin, chars := range alikes {
		for _, char := range chars {
			if old := table[char]; old == 0 || latin < old { // the table must not depend on the order of a map
				table[char] = latin
			}
		}
	}
	return table
})

// lookalike is the Latin letter that a character looks like, or 0.
func lookalike(r rune) rune {
	switch {
	case 0x1f150 <= r && r <= 0x1f169: // white on a black disc
		return 'a' + r - 0x1f150
	case 0x1f170 <= r && r <= 0x1f189: // white on a black square
		return 'a' + r - 0x1f170
	case 0x1f1e6 <= r && r <= 0x1f1ff: // the halves of flags
		return 'a' + r - 0x1f1e6
	}
	return lookalikes()[r]
}
