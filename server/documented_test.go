package server

import (
	"reflect"

	"kinoautomat/room"
	"kinoautomat/story"
	"kinoautomat/vote"
)

// commandData are the types of the commands' data; nil for those that have none.
var commandData = map[string]any{
	"join": room.Join{}, "ping": room.Ping{}, "vote": room.Vote{}, "react": room.React{}, "say": room.Say{}, "rate": room.Rate{},
	"pick": room.PickItem{}, "remember": room.Remember{}, "suggest": room.Suggest{}, "set_story": room.SetStory{}, "poll_next": room.PollNext{},
	"start": nil, "restart": nil, "pause": nil, "resume": nil, "next": nil, "end": nil, "open_poll": nil, "close_poll": nil, "void_poll": nil,
	"retract": nil, "regenerate": nil, "extend_poll": room.ExtendPoll{}, "override_poll": room.OverridePoll{}, "set": room.Set{}, "unmute": room.Moderate{},
	"mute": room.Moderate{}, "timeout": room.Moderate{}, "ban": room.Moderate{}, "unban": room.Moderate{}, "shield": room.Shield{},
	"approve": room.Approve{}, "reject": nil, "delete": room.Delete{}, "slow": room.Slow{}, "lock": room.Lock{},
}

// eventData are the types of the events' data.
var eventData = map[string]any{
	"show.started": room.ShowStarted{}, "scene.started": room.SceneStarted{}, "scene.told": room.SceneTold{}, "narration.delta": room.NarrationDelta{},
	"narration.retracted": room.NarrationRetracted{}, "narration.held": room.NarrationHeld{}, "poll.opened": room.PollOpened{}, "poll.changed": room.PollChanged{},
	"poll.closed": room.PollClosed{}, "poll.voided": room.PollVoided{}, "show.paused": nil, "show.resumed": nil, "show.reset": nil, "show.ended": room.ShowEnded{},
	"chat.said": room.Line{}, "chat.deleted": room.ChatDeleted{}, "room.changed": room.RoomChanged{}, "story.chosen": room.StoryChosen{}, "beat": room.Beat{},
	"viewer.moderated": room.ViewerModerated{}, "choices.planned": room.ChoicesPlanned{}, "tally.changed": room.TallyChanged{},
	"viewers.changed": room.ViewersChanged{}, "reactions.changed": room.ReactionsChanged{}, "rating.changed": room.RatingChanged{},
	"sidebar.changed": room.SidebarChanged{}, "pending.changed": room.PendingChanged{}, "suggestions.changed": room.SuggestionsChanged{},
	"suggestion.deleted": room.SuggestionDeleted{},
}

var answerData = map[string]any{"ack": room.Pong{}, "welcome": room.Welcome{}, "error": room.Error{}}

// restData are the bodies of REST by the names of their schemas.
var restData = map[string]any{
	"StoryItem": storyItem{}, "Summary": room.Summary{}, "NewRoom": NewRoom{}, "MadeRoom": MadeRoom{}, "JournalLine": room.Event{}, "Report": room.Report{},
	"Kept": room.Kept{}, "OwnPicks": OwnPicks{},
}

// enums are the values of the named strings.
var enums = map[reflect.Type][]string{
	reflect.TypeFor[room.Role]():       {"viewer", "moderator", "host", "overlay"},
	reflect.TypeFor[room.Phase]():      {"lobby", "telling", "poll", "reveal", "ended"},
	reflect.TypeFor[story.Kind]():      {string(story.KindText), string(story.KindCue)},
	reflect.TypeFor[story.Source]():    {string(story.SourceAuthored), string(story.SourceModel), string(story.SourceReserve)},
	reflect.TypeFor[story.Lean]():      {string(story.Calmer), string(story.Steady), string(story.Tenser)},
	reflect.TypeFor[vote.Method]():     {string(vote.Plurality), string(vote.Approval), string(vote.Ranked)},
	reflect.TypeFor[vote.Tie]():        {string(vote.Listed), string(vote.Draw), string(vote.Host)},
	reflect.TypeFor[vote.Tallies]():    {string(vote.Live), string(vote.Hidden)},
	reflect.TypeFor[room.PickAction](): {"liked", "opened", "dismissed", "wanted"},
	reflect.TypeFor[room.About]():      {string(room.AboutNext)},
	reflect.TypeFor[room.Cause]():      {"voted", "turned", "felt", "liked", "dismissed", "rated", "scene", "ended"},
	reflect.TypeFor[vote.DecidedBy]():  {"majority", "tie_break", "quorum", "default", "host"},
}
