export default {
  title: 'Big screen · {title}',

  // lobby
  lobby: 'Before the show',
  scan: 'Scan to have a vote',
  or_code: 'or open {address} and enter',
  lobby_wait: 'When the story comes to a fork, your phones decide.',
  nobody_yet: 'Nobody is here yet. Be the first.',
  more: { one: 'and {n} more', other: 'and {n} more' },
  full_screen: 'Full screen: F',

  // show
  late: 'Still time to join',
  being_read: 'The narrator’s words are being read first.',
  first_words: 'The next words are being written…',
  paused: 'Paused',
  voted: { one: '{n} of {eligible} has voted', other: '{n} of {eligible} have voted' },
  on_phone: 'Vote on your phone',

  // reveal
  chosen: 'The room has chosen',

  // ending
  the_end: 'The end',
  ended_early: 'The show has been ended by the host',
  seen: { one: 'The room saw {n} of {all} scenes', other: 'The room saw {n} of {all} scenes' },
  rate: 'How was it? Give your stars on your phone.',
  next: 'Watch next',
  next_vote: 'What do we watch next?',
  next_show: 'Next show',

  // over
  over_bad_token: 'This screen may not read the room',
  over_bad_token_do: 'The address is of another room, or from before the node’s keys were changed. Open it anew:',
  over_no_such_room: 'There is no such room',
  over_no_such_room_do: 'Check the code. Rooms are deleted some time after their last show.',
  over_other: 'The room did not let this screen in',
  over_other_do: 'Open it anew:',
  entering: 'The lights go down…',
} as const;
