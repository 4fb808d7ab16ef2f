package room

import (
	"errors"
	"fmt"
	"slices"

	"kinoautomat/vote"
)

// Codes that an Error can carry, as listed in docs/protocol.md.
const (
	CodeBadFrame       = "bad_frame"
	CodeUnknownType    = "unknown_type"
	CodeBadData        = "bad_data"
	CodeNotJoined      = "not_joined"
	CodeBadToken       = "bad_token"
	CodeForbidden      = "forbidden"
	CodeNoSuchRoom     = "no_such_room"
	CodeNoSuchPoll     = "no_such_poll"
	CodePollNotOpen    = "poll_not_open"
	CodePollClosed     = "poll_closed"
	CodeNoSuchChoice   = "no_such_choice"
	CodeTooManyChoices = "too_many_choices"
	CodeAlreadyVoted   = "already_voted"
	CodeNotEligible    = "not_eligible"
	CodeMuted          = "muted"
	CodeSlowMode       = "slow_mode"
	CodeTooFast        = "too_fast"
	CodeTooLong        = "too_long"
	CodeRoomFull       = "room_full"
	CodeRoomLocked     = "room_locked"
	CodeBanned         = "banned"
	CodeNotNow         = "not_now"
	CodeNoSuchViewer   = "no_such_viewer"
	CodeNoSuchLine     = "no_such_line"
	CodeRefused        = "refused"
	CodeUnavailable    = "unavailable"
	CodeInternal       = "internal"
)

// Codes lists every code, in the order of the documentation.
var Codes = []string{
	CodeBadFrame, CodeUnknownType, CodeBadData, CodeNotJoined, CodeBadToken, CodeForbidden, CodeNoSuchRoom, CodeNoSuchPoll,
	CodePollNotOpen, CodePollClosed, CodeNoSuchChoice, CodeTooManyChoices, CodeAlreadyVoted, CodeNotEligible, CodeMuted, CodeSlowMode,
	CodeTooFast, CodeTooLong, CodeRoomFull, CodeRoomLocked, CodeBanned, CodeNotNow, CodeNoSuchViewer, CodeNoSuchLine, CodeRefused,
	CodeUnavailable, CodeInternal,
}

// Error is an error too.
func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Is makes errors.Is compare by code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Refuse makes the Error of a code; unknown codes are a programming error and become internal.
func Refuse(code, format string, args ...any) *Error {
	if !slices.Contains(Codes, code) {
		code = CodeInternal
	}
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// AsError turns any error into what a viewer may be told: unknown ones lose their detail.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return Refuse(CodeInternal, "something went wrong here; try again")
}

// ballotError puts a refusal of package vote into the wire's words.
func ballotError(err error) *Error {
	switch {
	case errors.Is(err, vote.ErrNoSuchChoice):
		return Refuse(CodeNoSuchChoice, "the poll does not offer that choice")
	case errors.Is(err, vote.ErrTooManyChoices):
		return Refuse(CodeTooManyChoices, "that is more than this poll's method takes")
	case errors.Is(err, vote.ErrAlreadyVoted):
		return Refuse(CodeAlreadyVoted, "this poll does not let ballots be changed")
	case errors.Is(err, vote.ErrClosed):
		return Refuse(CodePollClosed, "the poll is closed")
	default:
		return Refuse(CodeBadData, "name at least one choice")
	}
}
