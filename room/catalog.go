package room

import (
	"maps"
	"slices"
)

// What the wire offers, as lists. They are read off the tables that the room itself works by, for documents and for the tests that hold
// them together.

// connectionCommands are done by the connection, with or before the room.
var connectionCommands = []string{"join", "ping"}

// passing are the events without a seq.
var passing = []string{
	evNarrationDelta, evTallyChanged, evViewersChanged, evReactionsChanged, evRatingChanged, evSidebarChanged, evBeat, evPendingChanged,
	evSuggestionsChanged,
}

// private are the events that only some are told.
var private = []string{evViewerModerated, evChoicesPlanned, evPendingChanged, evSuggestionsChanged, evSuggestionDeleted}

// CommandTypes are the types of every command that can be sent, in alphabetical order.
func CommandTypes() []string {
	return slices.Sorted(slices.Values(slices.AppendSeq(slices.Clone(connectionCommands), maps.Keys(handlers))))
}

// CommandRoles are the roles that may give a command of this type; join and ping are open to every role, and a type that does not exist
// to none.
func CommandRoles(commandType string) []Role {
	if slices.Contains(connectionCommands, commandType) {
		return []Role{RoleViewer, RoleModerator, RoleHost, RoleOverlay}
	}
	return slices.Clone(handlers[commandType].roles)
}

// EventTypes are the types of every event that somebody can be told, in alphabetical order: those with a seq, the passing ones, and
// those that only some are told.
func EventTypes() []string {
	types := slices.Concat(passing, private)
	for kind := range payloads {
		if public(kind) {
			types = append(types, kind)
		}
	}
	slices.Sort(types)
	return slices.Compact(types)
}

// JournalTypes are the types of every event that a journal can hold, in alphabetical order.
func JournalTypes() []string { return slices.Sorted(maps.Keys(payloads)) }

// Passing says that an event of this type has no seq and is in no journal.
func Passing(eventType string) bool { return slices.Contains(passing, eventType) }

// Private says that only the staff, and those whom it is about, are told of an event of this type.
func Private(eventType string) bool { return slices.Contains(private, eventType) }
