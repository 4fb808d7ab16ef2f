// Package stories is the shows that ship with Kinoautomat. docs/stories.md says how to write one.
package stories

import "embed"

// FS holds them: Twee files, and folders with one Twee file per language.
//
//go:embed *.twee */*.twee
var FS embed.FS
