// Package story reads interactive stories and plays them one scene at a time.
//
// Start with [Parse], which takes a Twee 3 or a Twine 2 HTML file and reports what it could not use, or with [Open], which reads a
// whole folder into a [Library]. A show keeps a [Progress]: [Story.Begin] makes the first, [Story.Enter] tells a [Scene] and moves on
// into it, [Story.Choose] makes the assignments of a choice. [Story.Graph] is the shape of it all and [Story.Write] gives the source back.
//
// What authors may use is the part of Harlowe 3, SugarCube 2, Chapbook and Snowman that matters to a vote: links, conditions,
// variables and visit counts. Everything else is dropped with a warning and its text is kept. Nothing of a story is ever run but its own
// small expressions, in bounded time; scripts and style sheets are kept and never looked into. An expression that goes wrong
// counts as nothing, so that a show goes on. There is no I/O here except reading an [io/fs.FS], no clock, and no randomness but that of Progress.Seed.
package story
