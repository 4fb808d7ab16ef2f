// Package plan is what comes after a beat: a model's answer about what has changed in the story and where it could go on is read, judged
// and made into the choices that the audience sees.
//
// [Schema] is what a model is asked for. [Parse] reads its answer however damaged, [Check] judges it, and where too little is left,
// [Problem] has the words with which to ask once more. [Choose] then always ends with at least two choices: the model's best, or, where
// there are none, choices made from the story's open threads and its cast. Each [Set] of choices carries its [Why].
//
// [Budget.Speculate] says which of the next beats are worth writing while the audience still votes.
//
// Nothing here knows the time, calls a model or keeps anything: the same arguments always give the same result.
package plan
