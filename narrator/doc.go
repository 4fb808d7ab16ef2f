// Package narrator tells cues: it writes the scenes that an author only described.
//
// Use NewLadder first: it asks language models, and where they fail it falls back to the author's reserve passages and then to the
// scene's own text, so that a telling always ends with words on the screen and always in time. Without any model, Authored does the
// same at once. ParseBackend reads where a model lives from a setting, Detect looks for one on this machine, NewModel speaks to it. A Pool is the
// models of a node: it pins rooms to replicas, asks a second model where the first is late, and leaves alone what is ill; Stream and Ask put any
// question to it.
//
// The package does not judge what a model says, keeps nothing between two cues, and never puts what viewers wrote into a prompt. It
// releases whole sentences only: however a model fails, nobody is left with half a sentence.
package narrator
