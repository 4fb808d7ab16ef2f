package vote

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strings"
)

// DrawHash commits to the draw before the vote: the SHA-256 of the seed's 32 bytes, in lower-case hex.
func (p *Poll) DrawHash() string {
	sum := sha256.Sum256(p.Seed)
	return hex.EncodeToString(sum[:])
}

// DrawSeed is the seed in lower-case hex. Publish it with the result and not before: with it everybody can check the hash and the draw,
// and whoever has it earlier can tell how a tie would end.
func (p *Poll) DrawSeed() string { return hex.EncodeToString(p.Seed) }

// draw picks a place in tied, which is as listed. Anybody can repeat it from what is published:
//
//	input = the seed's 32 bytes, "\n", the poll's id, "\n", the tied ids in byte order joined by "\n"
//	place = the first 8 bytes of SHA-256(input) as a big-endian number, modulo the number tied; 0 is the one listed first
//
// Neither the server nor a viewer can steer it once the hash is out: the seed is fixed, the id was announced with the hash, and which
// choices tie is up to the ballots. The modulo favours some places by less than 9 in 2⁶⁴.
func (p *Poll) draw(tied []string) int {
	input := append(slices.Clone(p.Seed), '\n')
	input = append(input, p.ID...)
	input = append(input, '\n')
	input = append(input, strings.Join(slices.Sorted(slices.Values(tied)), "\n")...)
	sum := sha256.Sum256(input)
	return int(binary.BigEndian.Uint64(sum[:8]) % uint64(len(tied)))
}
